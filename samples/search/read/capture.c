/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/capture.h"

#include "read/source.h"
#include <tlsfp/reader.h>

/* The formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. */
enum {
    PCAP_MICROSECONDS = 0xa1b2c3d4,
    PCAP_NANOSECONDS = 0xa1b23c4d,
    PCAP_MODIFIED = 0xa1b2cd34, /* of 1999, with more behind each packet's header */
    PCAP_HEADER_SIZE = 24,
    PCAP_LINK_TYPE_AT = 20,
    PCAP_RECORD_SIZE = 16,
    PCAP_MODIFIED_RECORD_SIZE = 24,
    LINK_TYPE_MASK = 0xffff,

    PCAPNG_BYTE_ORDER = 0x1a2b3c4d,
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_HEADER_SIZE = 8,   /* type and total length */
    BLOCK_FRAME_SIZE = 12,   /* the same, and total length once more at the end */
    SECTION_START_SIZE = 12, /* a section's header up to its byte order */
    INTERFACE_SIZE = 8,
    PACKET_SIZE = 20, /* of BLOCK_PACKET and BLOCK_ENHANCED_PACKET before the data */
    SIMPLE_PACKET_SIZE = 4,
    OPTION_END = 0,
    OPTION_TSRESOL = 9,
    OPTION_TSOFFSET = 14,

    MAX_PACKET = 16 * 1024 * 1024, /* larger ones are no network packets, but a damaged length */
    MAX_INTERFACES = 65536,
    MAX_INTERFACE_BLOCK = 1024 * 1024,
};

static const uint64_t NS_PER_S = 1000000000;

typedef struct {
    int link_type;
    uint32_t snap_len;    /* 0: no limit */
    uint64_t units_per_s; /* of its timestamps */
    uint64_t ns_per_unit; /* where a unit is so many whole nanoseconds; else 0 */
    uint64_t base;        /* a timestamp is divided by it */
    unsigned excess;      /* so many times first */
    int64_t offset_s;
} interface;

struct capture {
    struct source *bytes;
    bool is_pcapng;
    bool swapped;       /* against most significant byte first */
    bool modified;      /* PCAP_MODIFIED */
    interface single;   /* of a pcap file */
    GArray *interfaces; /* of the section at hand, in pcapng */
    uint64_t n_frames;
    tlsfp_span window; /* what the source gave last */
    size_t n_passed;   /* bytes of it that are behind */
    size_t to_pass;    /* bytes of the frame handed out last */
};

G_DEFINE_QUARK(tlsfp_capture_error, capture_error)

static inline uint16_t read_u16(const struct capture *capture, tlsfp_span bytes, size_t at)
{
    uint16_t value = get_u16(bytes, at);
    return (uint16_t)(capture->swapped ? value >> 8 | value << 8 : value);
}

static inline uint32_t read_u32(const struct capture *capture, tlsfp_span bytes, size_t at)
{
    uint32_t value = get_u32(bytes, at);
    return capture->swapped ? GUINT32_SWAP_LE_BE(value) : value;
}

static capture_result fail(const struct capture *capture, capture_error code, const char *what,
                           GError **error)
{
    g_set_error(error, CAPTURE_ERROR, (int)code, "%s: %s at byte %" G_GUINT64_FORMAT,
                source_name(capture->bytes), what,
                source_offset(capture->bytes) + capture->n_passed);
    return CAPTURE_FAILED;
}

static capture_result fail_cut(const struct capture *capture, GError **error)
{
    return fail(capture, CAPTURE_ERROR_CUT, "the file ends in the middle of a packet, which starts",
                error);
}

static capture_result fail_damaged(const struct capture *capture, GError **error)
{
    return fail(capture, CAPTURE_ERROR_DAMAGED, "damaged: there is a length that cannot be", error);
}

/** What was read, and lies ahead. */
static inline tlsfp_span ahead(const struct capture *capture)
{
    return (tlsfp_span){capture->window.data + capture->n_passed,
                        capture->window.len - capture->n_passed};
}

static bool read_ahead(struct capture *capture, size_t len, GError **error)
{
    source_take(capture->bytes, capture->n_passed);
    capture->n_passed = 0;
    return source_peek(capture->bytes, len, &capture->window, error);
}

/** Has @p len bytes ahead, or what is left of the file; false where reading fails. */
static inline bool look_ahead(struct capture *capture, size_t len, GError **error)
{
    return capture->window.len - capture->n_passed >= len || read_ahead(capture, len, error);
}

/** The next @p len bytes, which are needed. */
static inline capture_result need(struct capture *capture, size_t len, tlsfp_span *out,
                                  GError **error)
{
    if (!look_ahead(capture, len, error))
        return CAPTURE_FAILED;
    *out = ahead(capture);
    if (out->len < len)
        return fail_cut(capture, error);
    out->len = len;
    return CAPTURE_FRAME;
}

/** Where a unit is no whole number of nanoseconds. */
static int64_t divide_to_ns(const interface *from, uint64_t units)
{
    for (unsigned i = 0; i < from->excess && units > 0; i++)
        units /= from->base;
    uint64_t per_s = from->units_per_s, s = units / per_s, rest = units % per_s, ns;
    if (per_s % NS_PER_S == 0)
        ns = rest / (per_s / NS_PER_S);
    else {
        for (; per_s > UINT32_MAX; per_s /= 2) /* a power of two, finer than a nanosecond */
            rest /= 2;
        ns = rest * NS_PER_S / per_s;
    }
    return (int64_t)((s + (uint64_t)from->offset_s) * NS_PER_S + ns);
}

static inline int64_t to_ns(const interface *from, uint64_t units)
{
    if (from->ns_per_unit == 0)
        return divide_to_ns(from, units);
    return (int64_t)(units * from->ns_per_unit + (uint64_t)from->offset_s * NS_PER_S);
}

static void set_units(interface *out, uint64_t units_per_s)
{
    out->units_per_s = units_per_s;
    out->ns_per_unit = NS_PER_S % units_per_s == 0 ? NS_PER_S / units_per_s : 0;
}

static inline void hand_out(struct capture *capture, const interface *from, uint64_t units,
                            uint32_t wire_len, tlsfp_span bytes, frame *out)
{
    out->number = ++capture->n_frames;
    out->time_ns = to_ns(from, units);
    out->link_type = from->link_type;
    out->wire_len = wire_len;
    out->interface = out->file = NULL;
    out->bytes = bytes;
}

static bool start_pcap(struct capture *capture, uint32_t magic, GError **error)
{
    tlsfp_span header;
    if (need(capture, PCAP_HEADER_SIZE, &header, error) != CAPTURE_FRAME)
        return false;
    capture->modified = magic == PCAP_MODIFIED;
    capture->single = (interface){
        .link_type = (int)(read_u32(capture, header, PCAP_LINK_TYPE_AT) & LINK_TYPE_MASK),
    };
    set_units(&capture->single, magic == PCAP_NANOSECONDS ? NS_PER_S : 1000000);
    capture->n_passed += PCAP_HEADER_SIZE;
    return true;
}

static bool is_pcap(uint32_t magic)
{
    return magic == PCAP_MICROSECONDS || magic == PCAP_NANOSECONDS || magic == PCAP_MODIFIED;
}

static bool start(struct capture *capture, GError **error)
{
    if (!look_ahead(capture, 4, error))
        return false;
    tlsfp_span bytes = ahead(capture);
    uint32_t magic = bytes.len >= 4 ? get_u32(bytes, 0) : 0, swapped = GUINT32_SWAP_LE_BE(magic);
    capture->is_pcapng = magic == BLOCK_SECTION;
    if (capture->is_pcapng)
        return true;
    capture->swapped = is_pcap(swapped);
    if (is_pcap(magic) || capture->swapped)
        return start_pcap(capture, capture->swapped ? swapped : magic, error);
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT, "%s: %s", source_name(capture->bytes),
                bytes.len == 0 ? "the file is empty" : "this is no pcap or pcapng capture");
    return false;
}

struct capture *capture_open(const char *path, GError **error)
{
    struct source *bytes = source_open(path, error);
    if (bytes == NULL)
        return NULL;
    struct capture *capture = g_new0(struct capture, 1);
    capture->bytes = bytes;
    capture->interfaces = g_array_new(FALSE, FALSE, sizeof(interface));
    if (start(capture, error))
        return capture;
    capture_close(capture);
    return NULL;
}

void capture_close(struct capture *capture)
{
    if (capture == NULL)
        return;
    source_close(capture->bytes);
    g_array_free(capture->interfaces, TRUE);
    g_free(capture);
}

/** The record at the front of @p bytes, all of which is there. */
static inline void hand_out_record(struct capture *capture, tlsfp_span record, size_t header_size,
                                   uint32_t len, frame *out)
{
    uint64_t units =
        read_u32(capture, record, 0) * capture->single.units_per_s + read_u32(capture, record, 4);
    hand_out(capture, &capture->single, units, read_u32(capture, record, 12),
             (tlsfp_span){record.data + header_size, len}, out);
    capture->to_pass = header_size + len;
}

static capture_result next_of_pcap(struct capture *capture, frame *out, GError **error)
{
    size_t header_size = capture->modified ? PCAP_MODIFIED_RECORD_SIZE : PCAP_RECORD_SIZE;
    if (!look_ahead(capture, header_size, error))
        return CAPTURE_FAILED;
    tlsfp_span record = ahead(capture);
    if (record.len == 0)
        return CAPTURE_END;
    if (record.len < header_size)
        return fail_cut(capture, error);
    uint32_t len = read_u32(capture, record, 8);
    if (len > MAX_PACKET)
        return fail_damaged(capture, error);
    capture_result result = need(capture, header_size + len, &record, error);
    if (result == CAPTURE_FRAME)
        hand_out_record(capture, record, header_size, len, out);
    return result;
}

/** The next record of a pcap file, where all of it was read already: as next_of_pcap(), without a
 * call. */
static inline bool take_at_hand(struct capture *capture, frame *out)
{
    tlsfp_span record = ahead(capture);
    if (record.len < PCAP_RECORD_SIZE || capture->is_pcapng || capture->modified ||
        capture->single.ns_per_unit == 0)
        return false;
    uint32_t len = read_u32(capture, record, 8);
    if (record.len - PCAP_RECORD_SIZE < len || len > MAX_PACKET)
        return false;
    hand_out_record(capture, record, PCAP_RECORD_SIZE, len, out);
    return true;
}

/** A section starts anew: with its own byte order, and without interfaces. */
static capture_result start_section(struct capture *capture, GError **error)
{
    tlsfp_span header;
    capture_result result = need(capture, SECTION_START_SIZE, &header, error);
    if (result != CAPTURE_FRAME)
        return result;
    capture->swapped = get_u32(header, 8) != PCAPNG_BYTE_ORDER;
    if (read_u32(capture, header, 8) != PCAPNG_BYTE_ORDER)
        return fail_damaged(capture, error);
    g_array_set_size(capture->interfaces, 0);
    return CAPTURE_FRAME;
}

/** The option if_tsresol: a negative power of 10, or of 2 where the highest bit is set. What is
 * finer than 64 bits of units a second is taken off each timestamp first. */
static void set_resolution(interface *out, uint8_t value)
{
    unsigned power = value & 0x7f, max = value & 0x80 ? 62 : 18;
    uint64_t units_per_s = 1;
    out->base = value & 0x80 ? 2 : 10;
    out->excess = power > max ? power - max : 0;
    for (unsigned i = 0; i < MIN(power, max); i++)
        units_per_s *= out->base;
    set_units(out, units_per_s);
}

static void read_interface_options(const struct capture *capture, tlsfp_span options,
                                   interface *out)
{
    tlsfp_span header, value;
    while (take(&options, 4, &header)) {
        uint16_t code = read_u16(capture, header, 0), len = read_u16(capture, header, 2);
        if (code == OPTION_END || !take(&options, len, &value))
            return;
        if (code == OPTION_TSRESOL && len >= 1)
            set_resolution(out, get_u8(value, 0));
        if (code == OPTION_TSOFFSET && len >= 8) {
            uint64_t high = read_u32(capture, value, capture->swapped ? 4 : 0);
            out->offset_s =
                (int64_t)(high << 32 | read_u32(capture, value, capture->swapped ? 0 : 4));
        }
        if (!take(&options, (size_t)(-len & 3), &header)) /* padding, to 32 bits */
            return;
    }
}

static capture_result add_interface(struct capture *capture, tlsfp_span body, GError **error)
{
    tlsfp_span fields;
    if (!take(&body, INTERFACE_SIZE, &fields) || capture->interfaces->len >= MAX_INTERFACES)
        return fail_damaged(capture, error);
    interface added = {
        .link_type = read_u16(capture, fields, 0),
        .snap_len = read_u32(capture, fields, 4),
    };
    set_units(&added, 1000000);
    read_interface_options(capture, body, &added);
    g_array_append_val(capture->interfaces, added);
    return CAPTURE_FRAME;
}

static const interface *interface_at(const struct capture *capture, uint32_t index)
{
    return index < capture->interfaces->len ? &g_array_index(capture->interfaces, interface, index)
                                            : NULL;
}

/** Both kinds of packet block; the older one has 16 bits for the interface. */
static capture_result read_packet(struct capture *capture, uint32_t type, tlsfp_span body,
                                  frame *out, GError **error)
{
    tlsfp_span fields, bytes;
    if (!take(&body, PACKET_SIZE, &fields))
        return fail_damaged(capture, error);
    uint32_t index =
        type == BLOCK_PACKET ? read_u16(capture, fields, 0) : read_u32(capture, fields, 0);
    uint64_t units = (uint64_t)read_u32(capture, fields, 4) << 32 | read_u32(capture, fields, 8);
    uint32_t len = read_u32(capture, fields, 12), wire_len = read_u32(capture, fields, 16);
    const interface *from = interface_at(capture, index);
    if (from == NULL || !take(&body, len, &bytes))
        return fail_damaged(capture, error);
    hand_out(capture, from, units, wire_len, bytes, out);
    return CAPTURE_FRAME;
}

static capture_result read_simple_packet(struct capture *capture, tlsfp_span body, frame *out,
                                         GError **error)
{
    const interface *from = interface_at(capture, 0);
    tlsfp_span fields;
    if (!take(&body, SIMPLE_PACKET_SIZE, &fields) || from == NULL)
        return fail_damaged(capture, error);
    uint32_t wire_len = read_u32(capture, fields, 0);
    cut(&body, wire_len);
    if (from->snap_len > 0)
        cut(&body, from->snap_len);
    hand_out(capture, from, 0, wire_len, body, out);
    return CAPTURE_FRAME;
}

static bool holds_packet(uint32_t type)
{
    return type == BLOCK_ENHANCED_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_PACKET;
}

/** Passes over @p len bytes, however many. */
static capture_result skip(struct capture *capture, size_t len, GError **error)
{
    while (len > 0) {
        if (!look_ahead(capture, 1, error))
            return CAPTURE_FAILED;
        size_t here = MIN(len, ahead(capture).len);
        if (here == 0)
            return fail_cut(capture, error);
        capture->n_passed += here;
        len -= here;
    }
    return CAPTURE_FRAME;
}

/** A block without a packet; CAPTURE_FRAME when it is behind. */
static capture_result pass_block(struct capture *capture, uint32_t type, uint32_t len,
                                 GError **error)
{
    if (type == BLOCK_INTERFACE) {
        tlsfp_span block;
        if (len > MAX_INTERFACE_BLOCK)
            return fail_damaged(capture, error);
        capture_result result = need(capture, len, &block, error);
        if (result != CAPTURE_FRAME)
            return result;
        result = add_interface(
            capture, (tlsfp_span){block.data + BLOCK_HEADER_SIZE, len - BLOCK_FRAME_SIZE}, error);
        if (result != CAPTURE_FRAME)
            return result;
    }
    return skip(capture, len, error);
}

static capture_result read_block(struct capture *capture, uint32_t type, uint32_t len, frame *out,
                                 GError **error)
{
    tlsfp_span block;
    if (len > MAX_PACKET)
        return fail_damaged(capture, error);
    capture_result result = need(capture, len, &block, error);
    if (result != CAPTURE_FRAME)
        return result;
    tlsfp_span body = {block.data + BLOCK_HEADER_SIZE, len - BLOCK_FRAME_SIZE};
    capture->to_pass = len;
    return type == BLOCK_SIMPLE_PACKET ? read_simple_packet(capture, body, out, error)
                                       : read_packet(capture, type, body, out, error);
}

static capture_result next_of_pcapng(struct capture *capture, frame *out, GError **error)
{
    for (;;) {
        if (!look_ahead(capture, BLOCK_HEADER_SIZE, error))
            return CAPTURE_FAILED;
        tlsfp_span header = ahead(capture);
        if (header.len == 0)
            return CAPTURE_END;
        if (header.len < BLOCK_HEADER_SIZE)
            return fail_cut(capture, error);
        uint32_t type = read_u32(capture, header, 0);
        if (get_u32(header, 0) == BLOCK_SECTION) {
            type = BLOCK_SECTION;
            if (start_section(capture, error) != CAPTURE_FRAME)
                return CAPTURE_FAILED;
            header = ahead(capture);
        }
        uint32_t len = read_u32(capture, header, 4);
        if (len < BLOCK_FRAME_SIZE || len % 4 != 0)
            return fail_damaged(capture, error);
        if (holds_packet(type))
            return read_block(capture, type, len, out, error);
        if (pass_block(capture, type, len, error) != CAPTURE_FRAME)
            return CAPTURE_FAILED;
    }
}

static G_GNUC_NO_INLINE capture_result read_next(struct capture *capture, frame *out,
                                                 GError **error)
{
    return capture->is_pcapng ? next_of_pcapng(capture, out, error)
                              : next_of_pcap(capture, out, error);
}

capture_result capture_next(struct capture *capture, frame *out, GError **error)
{
    capture->n_passed += capture->to_pass;
    capture->to_pass = 0;
    return take_at_hand(capture, out) ? CAPTURE_FRAME : read_next(capture, out, error);
}

void capture_position(const struct capture *capture, uint64_t *out_position, uint64_t *out_size)
{
    source_position(capture->bytes, out_position, out_size);
}

/** Behind blocks without packets, but for those that start a section. */
static bool has_block(const struct capture *capture, tlsfp_span bytes)
{
    tlsfp_span header;
    while (take(&bytes, BLOCK_HEADER_SIZE, &header)) {
        uint32_t type = read_u32(capture, header, 0), len = read_u32(capture, header, 4);
        if (len < BLOCK_HEADER_SIZE || !pass(&bytes, len - BLOCK_HEADER_SIZE) ||
            get_u32(header, 0) == BLOCK_SECTION)
            return false;
        if (holds_packet(type))
            return true;
    }
    return false;
}

/** The next frame, if nothing has to be read for it. */
static inline bool take_next(struct capture *capture, frame *out)
{
    capture->n_passed += capture->to_pass;
    capture->to_pass = 0;
    if (!capture->is_pcapng)
        return take_at_hand(capture, out);
    if (!has_block(capture, ahead(capture)))
        return false;
    if (next_of_pcapng(capture, out, NULL) == CAPTURE_FRAME)
        return true;
    capture->to_pass = 0; /* capture_next() is to fail there, too, and to say why */
    return false;
}

capture_result capture_next_some(struct capture *capture, guint max, GArray *out, GError **error)
{
    g_array_set_size(out, max);
    frame *frames = (frame *)(void *)out->data;
    capture_result result = capture_next(capture, &frames[0], error);
    guint n = result == CAPTURE_FRAME;
    while (result == CAPTURE_FRAME && n < max && take_next(capture, &frames[n]))
        n++;
    g_array_set_size(out, n);
    return result;
}

void capture_keep(struct capture *capture)
{
    source_keep(capture->bytes);
}

bool capture_take_buffer(struct capture *capture, source_buffer *out)
{
    return source_take_buffer(capture->bytes, out);
}

void capture_give_back(struct capture *capture, source_buffer buffer)
{
    source_give_back(capture->bytes, buffer);
}
