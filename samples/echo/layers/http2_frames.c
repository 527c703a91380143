/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/http2_frames.h"

#include <tlsfp/reader.h>

enum {
    PREFACE_LEN = 24, /* RFC 9113 3.4 */
    HEADER_LEN = 9,   /* RFC 9113 4.1 */
    LENGTH_LEN = 3,
    STREAM_BITS = 0x7fffffff,
    EXCLUSIVE_BIT = 0x80000000u,
    MOST_PAYLOAD = 192,  /* kept of a frame: 32 settings, more than the server takes */
    MOST_OF_HEADERS = 6, /* length of the padding, priority */
    MOST_FRAMES = 128,
    PRIORITY_LEN = 5, /* RFC 7540 6.3 */
};

/** Reads the header that was kept last, and decides what to keep of its payload. */
static void begin_payload(http2_frames *frames)
{
    const tlsfp_span header = {frames->kept->data + frames->kept->len - HEADER_LEN, HEADER_LEN};
    const size_t len = get_u32(header, 0) >> 8;
    const bool is_headers = get_u8(header, LENGTH_LEN) == FRAME_HEADERS;
    frames->n_wanted = MIN(len, is_headers ? MOST_OF_HEADERS : MOST_PAYLOAD);
    frames->n_skipped = len - frames->n_wanted;
    frames->in_payload = true;
    frames->whole = (is_headers && frames->n_wanted == 0) || ++frames->n_frames == MOST_FRAMES;
}

static void end_payload(http2_frames *frames)
{
    tlsfp_span list = http2_frames_list(frames);
    http2_frame frame = {0};
    while (http2_next_frame(&list, &frame))
        ; /* the last one */
    frames->whole |= frame.type == FRAME_HEADERS;
    frames->in_payload = false;
    frames->n_wanted = HEADER_LEN;
}

static void keep(http2_frames *frames, tlsfp_span *bytes)
{
    const tlsfp_span part = take_up_to(bytes, frames->n_wanted);
    if (part.len > 0)
        g_byte_array_append(frames->kept, part.data, (guint)part.len);
    frames->n_wanted -= part.len;
}

/** Goes on from what is kept; false where more bytes are needed. */
static bool step(http2_frames *frames, tlsfp_span *bytes)
{
    if (frames->n_wanted > 0)
        keep(frames, bytes);
    if (frames->n_wanted > 0)
        return false;
    if (!frames->in_payload) {
        begin_payload(frames);
        return true;
    }
    frames->n_skipped -= take_up_to(bytes, frames->n_skipped).len;
    if (frames->n_skipped == 0)
        end_payload(frames);
    return frames->n_skipped == 0;
}

void http2_frames_read(http2_frames *frames, tlsfp_span bytes)
{
    frames->n_preface += take_up_to(&bytes, PREFACE_LEN - frames->n_preface).len;
    if (frames->n_preface < PREFACE_LEN)
        return;
    if (frames->kept == NULL) {
        frames->kept = g_byte_array_new();
        frames->n_wanted = HEADER_LEN;
    }
    while (!frames->whole && step(frames, &bytes))
        ;
}

void http2_frames_clear(http2_frames *frames)
{
    g_clear_pointer(&frames->kept, g_byte_array_unref);
}

tlsfp_span http2_frames_list(const http2_frames *frames)
{
    return frames->kept != NULL ? (tlsfp_span){frames->kept->data, frames->kept->len}
                                : (tlsfp_span){NULL, 0};
}

bool http2_next_frame(tlsfp_span *list, http2_frame *out)
{
    tlsfp_span header;
    if (!take(list, HEADER_LEN, &header))
        return false;
    out->len = get_u32(header, 0) >> 8;
    out->type = get_u8(header, LENGTH_LEN);
    out->flags = get_u8(header, LENGTH_LEN + 1);
    out->stream = get_u32(header, LENGTH_LEN + 2) & STREAM_BITS;
    out->payload = take_up_to(
        list, MIN(out->len, out->type == FRAME_HEADERS ? MOST_OF_HEADERS : MOST_PAYLOAD));
    return true;
}

bool http2_next_setting(tlsfp_span *payload, uint16_t *out_id, uint32_t *out_value)
{
    tlsfp_span setting; /* RFC 9113 6.5.1 */
    if (!take(payload, sizeof(uint16_t) + sizeof(uint32_t), &setting))
        return false;
    *out_id = get_u16(setting, 0);
    *out_value = get_u32(setting, sizeof(uint16_t));
    return true;
}

bool http2_window_increment(const http2_frame *frame, uint32_t *out)
{
    tlsfp_span payload = frame->payload, value;
    if (frame->type != FRAME_WINDOW_UPDATE || !take(&payload, sizeof(uint32_t), &value))
        return false;
    *out = get_u32(value, 0) & STREAM_BITS;
    return true;
}

bool http2_frame_priority(const http2_frame *frame, http2_priority *out)
{
    tlsfp_span payload = frame->payload, found;
    const bool in_headers = frame->type == FRAME_HEADERS && (frame->flags & FLAG_PRIORITY) != 0;
    if (frame->type != FRAME_PRIORITY && !in_headers)
        return false;
    if ((in_headers && (frame->flags & FLAG_PADDED) != 0 && !pass(&payload, 1)) ||
        !take(&payload, PRIORITY_LEN, &found))
        return false;
    out->exclusive = (get_u32(found, 0) & EXCLUSIVE_BIT) != 0;
    out->depends_on = get_u32(found, 0) & STREAM_BITS;
    out->weight = get_u8(found, sizeof(uint32_t)) + 1u; /* RFC 7540 6.3 */
    return true;
}

const char *http2_setting_name(uint16_t id)
{
    /* https://www.iana.org/assignments/http2-parameters */
    static const char *const names[] = {
        [1] = "HEADER_TABLE_SIZE",       [2] = "ENABLE_PUSH",
        [3] = "MAX_CONCURRENT_STREAMS",  [4] = "INITIAL_WINDOW_SIZE",
        [5] = "MAX_FRAME_SIZE",          [6] = "MAX_HEADER_LIST_SIZE",
        [8] = "ENABLE_CONNECT_PROTOCOL", [9] = "NO_RFC7540_PRIORITIES",
    };
    return id < G_N_ELEMENTS(names) ? names[id] : NULL;
}

const char *http2_frame_name(uint8_t type)
{
    /* https://www.iana.org/assignments/http2-parameters */
    static const char *const names[] = {
        "DATA",
        "HEADERS",
        "PRIORITY",
        "RST_STREAM",
        "SETTINGS",
        "PUSH_PROMISE",
        "PING",
        "GOAWAY",
        "WINDOW_UPDATE",
        "CONTINUATION",
        "ALTSVC",
        NULL,
        "ORIGIN",
        NULL,
        NULL,
        NULL,
        "PRIORITY_UPDATE",
    };
    return type < G_N_ELEMENTS(names) ? names[type] : NULL;
}

/* -- Akamai's form */

static void append_settings(tlsfp_span list, GString *out)
{
    http2_frame frame;
    uint16_t id;
    uint32_t value;
    const char *separator = "";
    while (http2_next_frame(&list, &frame)) {
        if (frame.type != FRAME_SETTINGS || (frame.flags & FLAG_ACK) != 0)
            continue;
        for (; http2_next_setting(&frame.payload, &id, &value); separator = ";")
            g_string_append_printf(out, "%s%u:%u", separator, id, value);
        return;
    }
}

static void append_window(tlsfp_span list, GString *out)
{
    http2_frame frame;
    uint32_t increment;
    while (http2_next_frame(&list, &frame))
        if (frame.stream == 0 && http2_window_increment(&frame, &increment)) {
            g_string_append_printf(out, "|%u|", increment);
            return;
        }
    g_string_append(out, "|00|");
}

static void append_priorities(tlsfp_span list, GString *out)
{
    http2_frame frame;
    http2_priority priority;
    const char *separator = "";
    while (http2_next_frame(&list, &frame))
        if (frame.type == FRAME_PRIORITY && http2_frame_priority(&frame, &priority)) {
            g_string_append_printf(out, "%s%u:%d:%u:%u", separator, frame.stream,
                                   priority.exclusive, priority.depends_on, priority.weight);
            separator = ",";
        }
    g_string_append(out, *separator == '\0' ? "0|" : "|");
}

void http2_append_akamai(const http2_frames *frames, const char *pseudo_order, GString *out)
{
    const tlsfp_span list = http2_frames_list(frames);
    append_settings(list, out);
    append_window(list, out);
    append_priorities(list, out);
    g_string_append(out, pseudo_order);
}
