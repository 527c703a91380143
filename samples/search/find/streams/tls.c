/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TLS: the ordered bytes of one side of a connection, down to hellos.
 *
 * Bytes are looked at as they come, and forgotten; only the start of a hello that goes on is kept
 * (stream). Behind a hello the records are counted, so that a second one is found wherever it
 * starts.
 */
#include "find/inside/inside.h"
#include "find/streams/hello_start.h"
#include "find/streams/side.h"

enum {
    RECORD_SPREAD = 6, /* a hello in records of one byte takes that much more room */
    RECORD_HEADER_SIZE = 5,
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_HANDSHAKE = 22,
    SERVER_HELLO = 2,
    MAX_PREAMBLE = 4096, /* within which any segment may end what another protocol says first */
};

endpoints side_ends(const struct side *side)
{
    return side->ends != NULL ? *side->ends : endpoints_of(side->finder, side->ports);
}

static void tell(const struct side *side, tlsfp_span message)
{
    endpoints ends = side_ends(side);
    if (get_u8(message, 0) == SERVER_HELLO)
        take_answer(side->finder, &ends, message, TLSFP_TLS);
    else
        report_once(side->finder, side->flow, &ends, message, TLSFP_TLS);
}

static void drop_stream(struct flow *flow)
{
    if (flow->half == NULL)
        return;
    tlsfp_stream_free(flow->half->stream);
    flow->half->stream = NULL;
}

void tls_break(const struct side *side)
{
    struct half *half = side->flow->half;
    drop_stream(side->flow);
    side->flow->in_records = false;
    if (half != NULL && half->frames != NULL) {
        g_byte_array_unref(half->frames);
        half->frames = NULL;
        half->kind = FRAMES_NONE;
    }
}

/** Adds bytes to the hello that has started; false where it turns out to be none. Keeps the stream
 * as long as something in it may become a hello. */
static bool continue_stream(const struct side *side, tlsfp_span bytes)
{
    struct half *half = side->flow->half;
    tlsfp_status status = tlsfp_stream_add(half->stream, half->stream_len, bytes);
    half->stream_len += bytes.len;
    bool is_fine = status == TLSFP_OK || status == TLSFP_MORE;
    side->finder->counts.too_long += status == TLSFP_TOO_LARGE;
    while (status == TLSFP_OK) {
        tlsfp_span message;
        if (tlsfp_stream_message(half->stream, &message) == TLSFP_OK)
            tell(side, message);
        status = tlsfp_stream_next(half->stream);
    }
    bool is_empty = tlsfp_stream_is_empty(half->stream);
    side->flow->in_records = status == TLSFP_MORE && is_empty;
    side->flow->record_left = 0;
    if (status != TLSFP_MORE || is_empty)
        drop_stream(side->flow);
    return is_fine;
}

static void start_stream(const struct side *side, tlsfp_span bytes)
{
    struct half *half = flows_start_half(side->finder->flows, side->flow);
    half->stream = tlsfp_stream_new(TLSFP_TLS, RECORD_SPREAD * side->finder->limits.max_hello);
    half->stream_len = 0;
    (void)continue_stream(side, bytes);
}

/** A hello that fills one record, all of it there, needs no copy. Takes it off the front. */
static bool take_whole(const struct side *side, tlsfp_span *bytes)
{
    tlsfp_span rest = *bytes, header, message;
    if (!take(&rest, RECORD_HEADER_SIZE, &header) || !take(&rest, get_u16(header, 3), &message) ||
        message.len < 4 || message.len != 4 + (get_u32(message, 0) & 0xffffff))
        return false;
    tell(side, message);
    *bytes = rest;
    return true;
}

/** Counts the record at the front, which is cut, as far as it is there. */
static void count_record(struct flow *flow, tlsfp_span bytes)
{
    tlsfp_span header;
    flow->record_left = 0;
    flow->in_records = bytes.len == 0;
    if (!take(&bytes, RECORD_HEADER_SIZE, &header))
        return;
    uint16_t len = get_u16(header, 3);
    flow->in_records =
        get_u8(header, 0) >> 2 == 0x14 >> 2 && get_u8(header, 1) == 3 && len >= bytes.len;
    flow->record_left = (uint16_t)(len - MIN(bytes.len, len));
}

bool tls_may_answer(const struct side *side, tlsfp_span bytes)
{
    if (side->finder->answers == NULL || bytes.len == 0 ||
        get_u8(bytes, 0) < RECORD_CHANGE_CIPHER_SPEC || get_u8(bytes, 0) > RECORD_HANDSHAKE)
        return false;
    endpoints ends = side_ends(side);
    return is_answer_due(side->finder, &ends);
}

/** Takes hellos off the front of @p bytes, which lie as @p where says. */
static void look(const struct side *side, tlsfp_span bytes, place where)
{
    if (tls_may_answer(side, bytes)) {
        start_stream(side, bytes);
        return;
    }
    for (;;) {
        hello_start found = find_start(bytes, where, &bytes);
        if (found == START_NONE) {
            if (where == BETWEEN_RECORDS || bytes.len == 0)
                count_record(side->flow, bytes);
            return;
        }
        if (found == START_MAYBE || !take_whole(side, &bytes)) {
            start_stream(side, bytes);
            return;
        }
        where = BETWEEN_RECORDS;
    }
}

/** Goes on in the record at hand, and to those behind it. */
static void look_behind_record(const struct side *side, tlsfp_span bytes)
{
    struct flow *flow = side->flow;
    size_t left = MIN(bytes.len, flow->record_left);
    if (left > 0 && starts_at_front(bytes, ANYWHERE) == START_FOUND) { /* they were counted wrong */
        look(side, bytes, ANYWHERE);
        return;
    }
    flow->record_left = (uint16_t)(flow->record_left - left);
    if (pass(&bytes, left) && bytes.len > 0)
        look(side, bytes, BETWEEN_RECORDS);
}

/** Where in the connection the bytes lie that were taken last. */
static place place_of(struct flow *flow, tlsfp_span bytes)
{
    uint32_t end = flow->next - flow->start;
    if (!flow->has_start || end > MAX_PREAMBLE)
        return ANYWHERE;
    if (end > bytes.len)
        return flow->has_preamble ? IN_PREAMBLE : ANYWHERE;
    flow->has_preamble = starts_preamble(bytes);
    return AT_START;
}

void tls_add_inside(const struct side *side, tlsfp_span bytes)
{
    if (tls_is_open(side->flow) && continue_stream(side, bytes))
        return;
    look(side, bytes, ANYWHERE);
}

void tls_add(const struct side *side, tlsfp_span bytes)
{
    struct flow *flow = side->flow;
    if (flow->half != NULL && flow->half->kind != FRAMES_NONE) {
        framed_add(side, bytes);
        return;
    }
    if (tls_is_open(flow) && continue_stream(side, bytes))
        return;
    if (flow->in_records) {
        look_behind_record(side, bytes);
        return;
    }
    place where = place_of(flow, bytes);
    if (framed_starts(side, bytes, where == AT_START)) {
        framed_add(side, bytes);
        return;
    }
    side->finder->counts.ssl2 += is_ssl2_hello(bytes);
    look(side, bytes, where);
}
