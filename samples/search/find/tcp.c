/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP: segments into order, as far as hellos need it.
 *
 * A flow's bytes are looked at as they come, and forgotten; only the start of a hello that goes on
 * is kept (stream), and segments that came before those in front of them (held). A flow whose first
 * segment is not in the capture is not anchored: its segments are held until one of them starts a
 * hello, or there are enough to say that none will come before them.
 */
#include "find/finder_parts.h"
#include "find/hello_start.h"
#include "find/pieces.h"

enum {
    FLAG_SYN = 0x02,
    FLAG_RST = 0x04,
    FAR_AWAY = 16 * 1024 * 1024, /* a sequence number that far off is of another connection */
    MAX_PIECES = 4096,           /* held */
    MAX_UNANCHORED = 8 * 1024,   /* bytes held before a flow is taken as it is */
    MAX_UNANCHORED_PIECES = 64,
    RECORD_SPREAD = 6, /* a hello in records of one byte takes that much more room */
    PEEKED = 8,        /* bytes that say whether a hello starts */
};

/** A flow at hand, and whose it is: from the packet at hand, or as kept with held segments. */
typedef struct {
    finder *search;
    flow *flow;
    const ports *ports; /* or NULL, and then */
    const endpoints *ends;
} tcp_flow;

static void tell(const tcp_flow *of, tlsfp_span message)
{
    endpoints ends = of->ends != NULL ? *of->ends : endpoints_of(of->search, of->ports);
    report(of->search, &ends, message, TLSFP_TLS);
}

/** Counts anew what the flow keeps; keeps nothing that is empty. */
static void settle(const tcp_flow *of)
{
    half *kept = of->flow->half;
    if (kept == NULL)
        return;
    if (kept->stream == NULL && (kept->held == NULL || kept->held->len == 0))
        flows_drop_half(of->search->flows, of->flow);
    else
        flows_weigh(of->search->flows, kept, false);
}

static void drop_stream(const tcp_flow *of)
{
    if (of->flow->half == NULL)
        return;
    tlsfp_stream_free(of->flow->half->stream);
    of->flow->half->stream = NULL;
}

/** Adds bytes to the hello that has started; false where it turns out to be none. Keeps the stream
 * as long as something in it may become a hello. */
static bool continue_stream(const tcp_flow *of, tlsfp_span bytes)
{
    half *kept = of->flow->half;
    tlsfp_status status = tlsfp_stream_add(kept->stream, kept->stream_len, bytes);
    kept->stream_len += bytes.len;
    bool is_fine = status == TLSFP_OK || status == TLSFP_MORE;
    while (status == TLSFP_OK) {
        tlsfp_span message;
        if (tlsfp_stream_message(kept->stream, &message) == TLSFP_OK)
            tell(of, message);
        status = tlsfp_stream_next(kept->stream);
    }
    if (status != TLSFP_MORE || tlsfp_stream_is_empty(kept->stream))
        drop_stream(of);
    return is_fine;
}

static void start_stream(const tcp_flow *of, tlsfp_span bytes)
{
    half *kept = flows_start_half(of->search->flows, of->flow);
    kept->stream = tlsfp_stream_new(TLSFP_TLS, RECORD_SPREAD * of->search->limits.max_hello);
    kept->stream_len = 0;
    (void)continue_stream(of, bytes);
}

/** A hello that fills one record, all of it there, needs no copy. Takes it off the front. */
static bool take_whole(const tcp_flow *of, tlsfp_span *bytes)
{
    tlsfp_span rest = *bytes, header, message;
    if (!take(&rest, 5, &header) || !take(&rest, get_u16(header, 3), &message) || message.len < 4 ||
        message.len != 4 + (get_u32(message, 0) & 0xffffff))
        return false;
    tell(of, message);
    *bytes = rest;
    return true;
}

/** Looks at bytes that are next in the flow. */
static void look(const tcp_flow *of, tlsfp_span bytes)
{
    if (of->flow->half != NULL && of->flow->half->stream != NULL && continue_stream(of, bytes))
        return;
    tlsfp_span rest;
    if (find_start(bytes, &rest) == START_NONE)
        return;
    do {
        if (!take_whole(of, &rest)) {
            start_stream(of, rest);
            return;
        }
        (void)find_start(rest, &rest); /* past a change_cipher_spec */
    } while (starts_at_front(rest) != START_NONE);
}

/** Looks at held segments, as long as each follows the one before. */
static void drain(const tcp_flow *of)
{
    while (of->flow->half != NULL && of->flow->half->held != NULL &&
           of->flow->half->held->len > 0) {
        half *kept = of->flow->half;
        uint32_t behind = of->flow->next - pieces_first(kept->held)->seq;
        if ((int32_t)behind < 0)
            return;
        piece first = pieces_take(kept->held);
        kept->n_held -= first.len;
        tlsfp_span bytes = {first.data, first.len};
        if (pass(&bytes, MIN(behind, first.len)) && bytes.len > 0) {
            of->flow->next += (uint32_t)bytes.len;
            look(of, bytes);
        }
        g_free(first.data);
    }
}

/** Takes what is held up to @p seq, and what follows it, as it is: what lies between will not come.
 */
static void release(const tcp_flow *of, uint32_t seq)
{
    half *kept = of->flow->half;
    while (kept != NULL && kept->held != NULL && kept->held->len > 0 &&
           (int32_t)(pieces_first(kept->held)->seq - seq) <= 0) {
        if (!of->flow->anchored || (int32_t)(pieces_first(kept->held)->seq - of->flow->next) > 0)
            drop_stream(of);
        of->flow->next = pieces_first(kept->held)->seq;
        of->flow->anchored = true;
        drain(of);
        kept = of->flow->half;
    }
}

static bool is_too_much(const tcp_flow *of)
{
    const half *kept = of->flow->half;
    if (!of->flow->anchored)
        return kept->n_held > MAX_UNANCHORED || kept->held->len > MAX_UNANCHORED_PIECES;
    return kept->n_held > of->search->limits.max_hello || kept->held->len > MAX_PIECES;
}

static bool is_start(tlsfp_span bytes)
{
    tlsfp_span rest;
    return find_start(bytes, &rest) == START_FOUND;
}

/** Whether a hello starts with the held segment at @p seq. */
static bool starts_hello(const half *kept, uint32_t seq, tlsfp_span bytes)
{
    uint8_t front[PEEKED];
    tlsfp_span peeked = {front, pieces_peek(kept->held, seq, front, sizeof front)};
    return starts_at_front(peeked) == START_FOUND || is_start(bytes);
}

/** Keeps a segment for which it is too early. */
static void hold(const tcp_flow *of, uint32_t seq, tlsfp_span bytes)
{
    half *kept = flows_start_half(of->search->flows, of->flow);
    if (kept->held == NULL)
        kept->held = pieces_new();
    kept->n_held += pieces_add(kept->held, seq, bytes);
    kept->held_ends = endpoints_of(of->search, of->ports);
    kept->held_frame = *of->search->packet;
    kept->held_frame.bytes = (tlsfp_span){NULL, 0};
    if (starts_hello(kept, seq, bytes))
        release(of, seq);
    else if (is_too_much(of))
        release(of, pieces_first(kept->held)->seq);
    settle(of);
}

/** A segment's bytes, which may be late, early, or just in time. */
static void arrive(const tcp_flow *of, uint32_t seq, tlsfp_span bytes, size_t missing)
{
    flow *at = of->flow;
    int32_t ahead = (int32_t)(seq - at->next);
    if (at->anchored && (ahead > FAR_AWAY || ahead < -FAR_AWAY)) {
        flows_drop_half(of->search->flows, at);
        at->anchored = false;
    }
    if (!at->anchored && at->half == NULL && is_start(bytes)) { /* as good as the first segment */
        at->next = seq;
        at->anchored = true;
        ahead = 0;
    }
    if (!at->anchored || ahead > 0) {
        hold(of, seq, bytes);
        return;
    }
    if (!pass(&bytes, (size_t)-ahead)) /* all of it was there before */
        return;
    if (at->half != NULL && at->half->held != NULL) {
        at->half->n_held += pieces_add(at->half->held, at->next, bytes);
        drain(of);
    } else {
        at->next += (uint32_t)bytes.len;
        look(of, bytes);
    }
    if (missing > 0) { /* the packet was cut when it was captured */
        drop_stream(of);
        at->next = seq + (uint32_t)(bytes.len + missing) + (uint32_t)-ahead;
    }
    if (at->half != NULL)
        settle(of);
}

static void start_flow(const tcp_flow *of, uint32_t next)
{
    flows_drop_half(of->search->flows, of->flow);
    of->flow->next = next;
    of->flow->anchored = true;
}

void tcp_add(finder *search, const addresses *ip, tlsfp_span segment, size_t missing)
{
    tlsfp_span header, options;
    if (!take(&segment, 20, &header))
        return;
    size_t header_len = 4 * (size_t)(get_u8(header, 12) >> 4);
    uint8_t flags = get_u8(header, 13);
    if (header_len < 20 || !take(&segment, header_len - 20, &options))
        return;
    bool silent = segment.len == 0 && !(flags & FLAG_SYN); /* most acknowledgments */
    if (silent && search->seen == NULL)
        return;
    ports ends = ports_of(ip, get_u16(header, 0), get_u16(header, 2));
    watch(search, ends.src_hash + ends.dst_hash);
    if (silent)
        return;
    bool is_new;
    tcp_flow of = {search, flows_get(search->flows, flow_key(&ends, PROTOCOL_TCP), &is_new), &ends,
                   NULL};
    uint32_t seq = get_u32(header, 4);
    if (flags & FLAG_SYN)
        start_flow(&of, ++seq);
    if (segment.len > 0 && !(flags & FLAG_RST))
        arrive(&of, seq, segment, missing);
}

void tcp_end(finder *search)
{
    half *oldest;
    while ((oldest = flows_oldest(search->flows)) != NULL) {
        endpoints ends = oldest->held_ends;
        frame last = oldest->held_frame;
        tcp_flow of = {search, oldest->flow, NULL, &ends};
        search->packet = &last;
        while (oldest->flow->half == oldest && oldest->held != NULL && oldest->held->len > 0)
            release(&of, pieces_first(oldest->held)->seq);
        flows_drop_half(search->flows, of.flow);
    }
}
