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
    RECORD_APPLICATION_DATA = 23,
    TLS_MAJOR = 3,
    SERVER_HELLO = 2,
    AT_A_TIME = 512,     /* bytes that a stream takes */
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

/** Adds bytes to the stream, a little at a time, and tells of the hellos that are whole.
 * @param bytes afterwards those that it did not need. */
static tlsfp_status feed(const struct side *side, tlsfp_span *bytes, bool *out_told)
{
    struct half *half = side->flow->half;
    tlsfp_status status = TLSFP_MORE;
    while (status == TLSFP_MORE && bytes->len > 0) {
        tlsfp_span part = take_up_to(bytes, AT_A_TIME), message;
        status = tlsfp_stream_add(half->stream, half->stream_len, part);
        half->stream_len += part.len;
        while (status == TLSFP_OK) {
            *out_told = true;
            if (tlsfp_stream_message(half->stream, &message) == TLSFP_OK)
                tell(side, message);
            status = tlsfp_stream_next(half->stream);
        }
    }
    return status;
}

/** Goes on behind the hellos of a stream, where a record of application data starts: early data,
 * say, which another hello may follow.
 * @param n_fed of @p bytes the stream has had.
 * @param bytes afterwards what lies behind that record's header.
 * @return false where no such record starts. */
static bool leave_stream(struct flow *flow, size_t n_fed, tlsfp_span *bytes)
{
    tlsfp_span header, rest = tlsfp_stream_rest(flow->half->stream);
    if (!take(&rest, RECORD_HEADER_SIZE, &header) || rest.len > n_fed ||
        get_u8(header, 0) != RECORD_APPLICATION_DATA || get_u8(header, 1) != TLS_MAJOR)
        return false;
    flow->in_records = true;
    flow->record_left = get_u16(header, 3);
    return pass(bytes, n_fed - rest.len);
}

/**
 * Adds bytes to the hello that has started. Keeps the stream as long as something in it may become
 * a hello.
 * @param bytes afterwards what is to be looked at yet: the rest of a record, and those behind it.
 * @return false where it turns out to be none.
 */
static bool continue_stream(const struct side *side, tlsfp_span *bytes)
{
    struct flow *flow = side->flow;
    tlsfp_span rest = *bytes;
    bool told = false, is_left = false, is_other = starts_at_front(rest, ANYWHERE) == START_FOUND;
    tlsfp_status status = feed(side, &rest, &told);
    bool is_empty = tlsfp_stream_is_empty(flow->half->stream);
    side->finder->counts.too_long += status == TLSFP_TOO_LARGE && !told;
    flow->in_records = status == TLSFP_MORE && is_empty;
    flow->record_left = 0;
    if (status == TLSFP_NOT_HELLO && (told || !is_other))
        is_left = leave_stream(flow, bytes->len - rest.len, bytes);
    if (!is_left)
        *bytes = (tlsfp_span){NULL, 0};
    if (status != TLSFP_MORE || is_empty)
        drop_stream(flow);
    return told || is_left || status == TLSFP_MORE;
}

/** Passes over what is left of the record at hand. */
static void pass_record(struct flow *flow, tlsfp_span *bytes)
{
    size_t left = MIN(bytes->len, flow->record_left);
    flow->record_left = (uint16_t)(flow->record_left - left);
    (void)take_up_to(bytes, left);
}

/** A hello that starts with @p bytes, which are afterwards what is to be looked at yet. */
static void start_stream(const struct side *side, tlsfp_span *bytes)
{
    struct half *half = flows_start_half(side->finder->flows, side->flow);
    half->stream = tlsfp_stream_new(TLSFP_TLS, RECORD_SPREAD * side->finder->limits.max_hello);
    half->stream_len = 0;
    (void)continue_stream(side, bytes);
    pass_record(side->flow, bytes);
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
        get_u8(header, 0) >> 2 == 0x14 >> 2 && get_u8(header, 1) == TLS_MAJOR && len >= bytes.len;
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

bool tls_starts(const struct side *side, tlsfp_span bytes)
{
    return starts_at_front(bytes, ANYWHERE) == START_FOUND ||
           (bytes.len > RECORD_HEADER_SIZE && get_u8(bytes, 0) == RECORD_HANDSHAKE &&
            get_u8(bytes, RECORD_HEADER_SIZE) == SERVER_HELLO && tls_may_answer(side, bytes));
}

/** Takes hellos off the front of @p bytes, which lie as @p where says. */
static void look(const struct side *side, tlsfp_span bytes, place where)
{
    for (;;) {
        bool may_answer = tls_may_answer(side, bytes);
        hello_start found = may_answer ? START_MAYBE : find_start(bytes, where, &bytes);
        if (found == START_NONE) {
            if (where == BETWEEN_RECORDS || bytes.len == 0)
                count_record(side->flow, bytes);
            return;
        }
        if (found == START_MAYBE || !take_whole(side, &bytes)) {
            start_stream(side, &bytes);
            if (bytes.len == 0)
                return;
        }
        where = BETWEEN_RECORDS;
    }
}

/** Goes on in the record at hand, and to those behind it. */
static void look_behind_record(const struct side *side, tlsfp_span bytes)
{
    struct flow *flow = side->flow;
    if (flow->record_left > 0 && starts_at_front(bytes, ANYWHERE) == START_FOUND) {
        look(side, bytes, ANYWHERE); /* they were counted wrong */
        return;
    }
    pass_record(flow, &bytes);
    if (bytes.len > 0)
        look(side, bytes, BETWEEN_RECORDS);
}

/** Goes on with the hello that has started, if one has; false where the bytes are of none. */
static bool go_on(const struct side *side, tlsfp_span bytes)
{
    if (!tls_is_open(side->flow) || !continue_stream(side, &bytes))
        return false;
    pass_record(side->flow, &bytes);
    if (bytes.len > 0)
        look(side, bytes, BETWEEN_RECORDS);
    return true;
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
    if (!go_on(side, bytes))
        look(side, bytes, ANYWHERE);
    side->flow->in_records = false; /* of the packets around them */
}

void tls_add(const struct side *side, tlsfp_span bytes)
{
    struct flow *flow = side->flow;
    if (flow->half != NULL && flow->half->kind != FRAMES_NONE) {
        framed_add(side, bytes);
        return;
    }
    if (go_on(side, bytes))
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
