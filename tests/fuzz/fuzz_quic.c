/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The first byte says what the rest is. 0: datagrams as they are, each with its length (2) in
 * front. Else: the frames in packets, which are sealed here first, for no fuzzer finds a packet
 * that opens:
 *
 *     version (1), limit (2), then packets: flags (1), frames (2 + n)
 *
 * The message that they give must be the one that their CRYPTO frames give by hand, however the
 * packets share datagrams.
 */
#include <tlsfp/hello.h>
#include <tlsfp/quic.h>
#include <tlsfp/stream.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "input.h"
#include "quic_seal.h"
#include "same_bytes.h"

enum {
    MAX_FRAMES = 2000, /* bytes of them in a packet */
    MAX_PACKETS = 40,
    MIN_DATAGRAM = 1200,
};

enum { /* a packet's flags */
       FLAG_NUMBER_LEN = 0x03,
       FLAG_OTHER_KEYS = 0x04, /* a Retry came before it */
       FLAG_OTHER_DCID = 0x08, /* the server's, which the keys do not follow from */
       FLAG_END_DATAGRAM = 0x10,
       FLAG_TOKEN = 0x20,
};

typedef struct {
    tlsfp_context *context;
    tlsfp_quic *quic;
    size_t limit;
} receiver;

static void check_message(const receiver *to, tlsfp_status status)
{
    tlsfp_span message = {NULL, 0};
    g_assert_cmpuint(tlsfp_quic_memory(to->quic), <=,
                     2 * 16 * (1024 + to->limit + (to->limit + 7) / 8));
    tlsfp_status now = tlsfp_quic_message(to->quic, &message);
    g_assert_true(status == now || status == TLSFP_UNREADABLE || status == TLSFP_MALFORMED);
    if (now != TLSFP_OK)
        return;
    g_assert_cmpuint(message.len, >=, 4);
    g_assert_cmpuint(message.len, <=, to->limit);
    tlsfp_client_hello hello;
    tlsfp_server_hello server;
    tlsfp_status parsed = message.data[0] == 1 ? tlsfp_parse(message, TLSFP_QUIC, &hello)
                                               : tlsfp_parse_server(message, TLSFP_QUIC, &server);
    g_assert_true(parsed == TLSFP_OK || parsed == TLSFP_MALFORMED);
}

static tlsfp_status add(const receiver *to, tlsfp_span datagram)
{
    tlsfp_span block = exact_block(datagram);
    bool is_initial = tlsfp_quic_is_initial(block);
    tlsfp_status status = tlsfp_quic_add(to->context, to->quic, block);
    (void)tlsfp_quic_add_answer(to->context, to->quic, block);
    exact_block_free(block);
    tlsfp_span message;
    while (tlsfp_quic_take_answer(to->quic, &message) == TLSFP_OK)
        g_assert_cmpuint(message.len, <=, to->limit);
    g_assert_true(is_initial || block.len > 0 || status == TLSFP_UNREADABLE);
    check_message(to, status);
    return status;
}

static void run_raw(tlsfp_context *context, tlsfp_span input)
{
    receiver to = {context, tlsfp_quic_new(UINT16_MAX), UINT16_MAX};
    while (input.len > 0)
        add(&to, input_vector(&input));
    tlsfp_quic_free(to.quic);
}

/** A variable-length integer; false at the end. */
static bool read_varint(tlsfp_span *in, uint64_t *out)
{
    if (in->len == 0)
        return false;
    size_t width = (size_t)1 << (in->data[0] >> 6);
    if (in->len < width)
        return false;
    *out = in->data[0] & 0x3f;
    for (size_t i = 1; i < width; i++)
        *out = *out << 8 | in->data[i];
    *in = slice(*in, width, in->len);
    return true;
}

static bool skip_varints(tlsfp_span *in, uint64_t n)
{
    uint64_t value;
    for (; n > 0; n--)
        if (!read_varint(in, &value))
            return false;
    return true;
}

/** RFC 9000 19.3. */
static bool skip_ack(tlsfp_span *in, bool with_ecn)
{
    uint64_t n_ranges, unused;
    return skip_varints(in, 2) && read_varint(in, &n_ranges) && read_varint(in, &unused) &&
           skip_varints(in, 2 * n_ranges) && (!with_ecn || skip_varints(in, 3));
}

/** Puts the CRYPTO frames of a packet into @p stream, up to the first frame that is wrong. */
static void read_frames(tlsfp_stream *stream, tlsfp_span frames)
{
    uint64_t type, offset, len;
    while (read_varint(&frames, &type)) {
        if (type == 2 || type == 3) {
            if (!skip_ack(&frames, type == 3))
                return;
        } else if (type == 6) {
            if (!read_varint(&frames, &offset) || !read_varint(&frames, &len) || len > frames.len)
                return;
            tlsfp_stream_add(stream, offset, slice(frames, 0, len));
            frames = slice(frames, len, frames.len);
        } else if (type > 1) {
            return;
        }
    }
}

/** What a client sends, and what should come of it. */
typedef struct {
    seal_packet packet;
    bool other_keys;
    tlsfp_stream *expected[2]; /* of the CRYPTO data: at first, and after Retry; NULL before the
                                  first packet */
} client;

static tlsfp_stream *at_hand(const client *from)
{
    return from->expected[from->other_keys];
}

/** The one whose message is whole, or the one at hand; NULL for none. */
static tlsfp_stream *front(const client *from)
{
    tlsfp_stream *first = from->expected[0];
    return first != NULL && tlsfp_stream_message(first, NULL) == TLSFP_OK ? first : at_hand(from);
}

/** Sets the next packet's header by @p flags; after a Retry there is no way back. */
static void set_header(client *from, uint8_t flags, size_t limit)
{
    seal_packet *packet = &from->packet;
    from->other_keys = from->other_keys || flags & FLAG_OTHER_KEYS;
    packet->key_dcid = from->other_keys ? SPAN("after retry") : SPAN("at first");
    packet->dcid = packet->key_dcid;
    packet->number_len = 1 + (flags & FLAG_NUMBER_LEN);
    packet->token = flags & FLAG_TOKEN ? SPAN("token") : SPAN("");
    if (at_hand(from) == NULL)
        from->expected[from->other_keys] = tlsfp_stream_new(TLSFP_QUIC, limit);
    else if (flags & FLAG_OTHER_DCID)
        packet->dcid = SPAN("server's");
}

static void check_expected(const receiver *to, const client *from)
{
    tlsfp_span message = {NULL, 0}, expected = {NULL, 0};
    if (front(from) == NULL)
        return;
    g_assert_cmpint(tlsfp_quic_message(to->quic, &message), ==,
                    tlsfp_stream_message(front(from), &expected));
    assert_same_bytes(message.data, message.len, expected.data, expected.len);
}

/** Of a size that a server looks at: RFC 9000 14.1. */
static tlsfp_status add_padded(const receiver *to, tlsfp_span packets)
{
    GByteArray *datagram = g_byte_array_new();
    put_span(datagram, packets);
    put_times(datagram, datagram->len < MIN_DATAGRAM ? MIN_DATAGRAM - datagram->len : 0, 0);
    tlsfp_status status = add(to, span_of(datagram));
    g_byte_array_unref(datagram);
    return status;
}

static void end_datagram(const receiver *to, GByteArray *datagram)
{
    if (datagram->len > 0) {
        g_assert_true(tlsfp_quic_is_initial(span_of(datagram)));
        g_assert_cmpint(add_padded(to, span_of(datagram)), !=, TLSFP_UNREADABLE);
    }
    g_byte_array_set_size(datagram, 0);
}

/** Seals one packet of @p input and puts it on @p datagram. */
static uint8_t seal_next(client *from, size_t limit, tlsfp_span *input, GByteArray *datagram)
{
    uint8_t flags = input_u8(input);
    tlsfp_span given = input_vector(input);
    GByteArray *frames = g_byte_array_new();
    put_span(frames, slice(given, 0, MAX_FRAMES));
    while (frames->len < 4)
        put_integer(frames, 1, 0);
    set_header(from, flags, limit);
    seal_put(datagram, &from->packet, span_of(frames));
    read_frames(at_hand(from), span_of(frames));
    from->packet.number = (from->packet.number + 1) & 0xff;
    g_byte_array_unref(frames);
    return flags;
}

static void run_sealed(tlsfp_context *context, tlsfp_span input)
{
    static const uint32_t versions[] = {SEAL_VERSION_1, SEAL_VERSION_2, 0xff00001d,
                                        0xff000020,     0xff000021,     0xff000022};
    client from = {.packet.version = versions[input_u8(&input) % G_N_ELEMENTS(versions)]};
    size_t limit = input_u16(&input);
    receiver to = {context, tlsfp_quic_new(limit), limit};
    receiver one_by_one = {context, tlsfp_quic_new(limit), limit};
    GByteArray *datagram = g_byte_array_new();
    for (size_t i = 0; input.len > 0 && i < MAX_PACKETS; i++) {
        size_t at = datagram->len;
        uint8_t flags = seal_next(&from, limit, &input, datagram);
        add_padded(&one_by_one, slice(span_of(datagram), at, datagram->len));
        check_expected(&one_by_one, &from);
        if (flags & FLAG_END_DATAGRAM)
            end_datagram(&to, datagram);
    }
    end_datagram(&to, datagram);
    check_expected(&to, &from);
    while (tlsfp_quic_message(to.quic, NULL) == TLSFP_OK) {
        tlsfp_quic_next(to.quic);
        tlsfp_stream_next(front(&from));
        check_expected(&to, &from);
    }
    g_byte_array_unref(datagram);
    tlsfp_stream_free(from.expected[0]);
    tlsfp_stream_free(from.expected[1]);
    tlsfp_quic_free(to.quic);
    tlsfp_quic_free(one_by_one.quic);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static tlsfp_context *context;
    if (context == NULL)
        context = tlsfp_context_new();
    tlsfp_span input = {data, len};
    if (input_u8(&input) == 0)
        run_raw(context, input);
    else
        run_sealed(context, input);
    return 0;
}
