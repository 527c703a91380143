/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP: segments into order, as far as hellos need it.
 *
 * A flow's bytes are looked at as they come, and forgotten; only the start of a hello that goes on
 * is kept (stream), and segments that came before those in front of them (held). A flow whose first
 * segment is not in the capture is not anchored: its segments are held until one of them starts a
 * hello, or there are enough to say that none will come before them.
 */
#include "find/parts.h"
#include "find/streams/hello_start.h"
#include "find/streams/pieces.h"

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
struct tcp_flow {
    struct finder *finder;
    struct flow *flow;
    const ports *ports; /* or NULL, and then */
    const endpoints *ends;
};

static void tell(const struct tcp_flow *tcp, tlsfp_span message)
{
    endpoints ends = tcp->ends != NULL ? *tcp->ends : endpoints_of(tcp->finder, tcp->ports);
    report(tcp->finder, &ends, message, TLSFP_TLS);
}

/** Counts anew what the flow keeps; keeps nothing that is empty. */
static void settle(const struct tcp_flow *tcp)
{
    struct half *half = tcp->flow->half;
    if (half == NULL)
        return;
    if (half->stream == NULL && (half->held == NULL || half->held->len == 0))
        flows_drop_half(tcp->finder->flows, tcp->flow);
    else
        flows_weigh(tcp->finder->flows, half, false);
}

static void drop_stream(const struct tcp_flow *tcp)
{
    if (tcp->flow->half == NULL)
        return;
    tlsfp_stream_free(tcp->flow->half->stream);
    tcp->flow->half->stream = NULL;
}

/** Adds bytes to the hello that has started; false where it turns out to be none. Keeps the stream
 * as long as something in it may become a hello. */
static bool continue_stream(const struct tcp_flow *tcp, tlsfp_span bytes)
{
    struct half *half = tcp->flow->half;
    tlsfp_status status = tlsfp_stream_add(half->stream, half->stream_len, bytes);
    half->stream_len += bytes.len;
    bool is_fine = status == TLSFP_OK || status == TLSFP_MORE;
    while (status == TLSFP_OK) {
        tlsfp_span message;
        if (tlsfp_stream_message(half->stream, &message) == TLSFP_OK)
            tell(tcp, message);
        status = tlsfp_stream_next(half->stream);
    }
    if (status != TLSFP_MORE || tlsfp_stream_is_empty(half->stream))
        drop_stream(tcp);
    return is_fine;
}

static void start_stream(const struct tcp_flow *tcp, tlsfp_span bytes)
{
    struct half *half = flows_start_half(tcp->finder->flows, tcp->flow);
    half->stream = tlsfp_stream_new(TLSFP_TLS, RECORD_SPREAD * tcp->finder->limits.max_hello);
    half->stream_len = 0;
    (void)continue_stream(tcp, bytes);
}

/** A hello that fills one record, all of it there, needs no copy. Takes it off the front. */
static bool take_whole(const struct tcp_flow *tcp, tlsfp_span *bytes)
{
    tlsfp_span rest = *bytes, header, message;
    if (!take(&rest, 5, &header) || !take(&rest, get_u16(header, 3), &message) || message.len < 4 ||
        message.len != 4 + (get_u32(message, 0) & 0xffffff))
        return false;
    tell(tcp, message);
    *bytes = rest;
    return true;
}

/** Looks at bytes that are next in the flow. */
static void look(const struct tcp_flow *tcp, tlsfp_span bytes)
{
    if (tcp->flow->half != NULL && tcp->flow->half->stream != NULL && continue_stream(tcp, bytes))
        return;
    tlsfp_span rest;
    if (find_start(bytes, &rest) == START_NONE)
        return;
    do {
        if (!take_whole(tcp, &rest)) {
            start_stream(tcp, rest);
            return;
        }
        (void)find_start(rest, &rest); /* past a change_cipher_spec */
    } while (starts_at_front(rest) != START_NONE);
}

/** Looks at held segments, as long as each follows the one before. */
static void drain(const struct tcp_flow *tcp)
{
    while (tcp->flow->half != NULL && tcp->flow->half->held != NULL &&
           tcp->flow->half->held->len > 0) {
        struct half *half = tcp->flow->half;
        uint32_t behind = tcp->flow->next - pieces_first(half->held)->seq;
        if ((int32_t)behind < 0)
            return;
        piece first = pieces_take(half->held);
        half->n_held -= first.len;
        tlsfp_span bytes = {first.data, first.len};
        if (pass(&bytes, MIN(behind, first.len)) && bytes.len > 0) {
            tcp->flow->next += (uint32_t)bytes.len;
            look(tcp, bytes);
        }
        g_free(first.data);
    }
}

/** Takes what is held up to @p seq, and what follows it, as it is: what lies between will not come.
 */
static void release(const struct tcp_flow *tcp, uint32_t seq)
{
    struct half *half = tcp->flow->half;
    while (half != NULL && half->held != NULL && half->held->len > 0 &&
           (int32_t)(pieces_first(half->held)->seq - seq) <= 0) {
        if (!tcp->flow->anchored || (int32_t)(pieces_first(half->held)->seq - tcp->flow->next) > 0)
            drop_stream(tcp);
        tcp->flow->next = pieces_first(half->held)->seq;
        tcp->flow->anchored = true;
        drain(tcp);
        half = tcp->flow->half;
    }
}

static bool is_too_much(const struct tcp_flow *tcp)
{
    const struct half *half = tcp->flow->half;
    if (!tcp->flow->anchored)
        return half->n_held > MAX_UNANCHORED || half->held->len > MAX_UNANCHORED_PIECES;
    return half->n_held > tcp->finder->limits.max_hello || half->held->len > MAX_PIECES;
}

static bool is_start(tlsfp_span bytes)
{
    tlsfp_span rest;
    return find_start(bytes, &rest) == START_FOUND;
}

/** Whether a hello starts with the held segment at @p seq. */
static bool starts_hello(const struct half *half, uint32_t seq, tlsfp_span bytes)
{
    uint8_t front[PEEKED];
    tlsfp_span peeked = {front, pieces_peek(half->held, seq, front, sizeof front)};
    return starts_at_front(peeked) == START_FOUND || is_start(bytes);
}

/** Keeps a segment for which it is too early. */
static void hold(const struct tcp_flow *tcp, uint32_t seq, tlsfp_span bytes)
{
    struct half *half = flows_start_half(tcp->finder->flows, tcp->flow);
    if (half->held == NULL)
        half->held = pieces_new();
    half->n_held += pieces_add(half->held, seq, bytes);
    half->held_ends = endpoints_of(tcp->finder, tcp->ports);
    half->held_frame = *tcp->finder->packet;
    half->held_frame.bytes = (tlsfp_span){NULL, 0};
    if (starts_hello(half, seq, bytes))
        release(tcp, seq);
    else if (is_too_much(tcp))
        release(tcp, pieces_first(half->held)->seq);
    settle(tcp);
}

/** A segment's bytes, which may be late, early, or just in time. */
static void arrive(const struct tcp_flow *tcp, uint32_t seq, tlsfp_span bytes, size_t missing)
{
    struct flow *flow = tcp->flow;
    int32_t ahead = (int32_t)(seq - flow->next);
    if (flow->anchored && (ahead > FAR_AWAY || ahead < -FAR_AWAY)) {
        flows_drop_half(tcp->finder->flows, flow);
        flow->anchored = false;
    }
    if (!flow->anchored && flow->half == NULL &&
        is_start(bytes)) { /* as good as the first segment */
        flow->next = seq;
        flow->anchored = true;
        ahead = 0;
    }
    if (!flow->anchored || ahead > 0) {
        hold(tcp, seq, bytes);
        return;
    }
    if (!pass(&bytes, (size_t)-ahead)) /* all of it was there before */
        return;
    if (flow->half != NULL && flow->half->held != NULL) {
        flow->half->n_held += pieces_add(flow->half->held, flow->next, bytes);
        drain(tcp);
    } else {
        flow->next += (uint32_t)bytes.len;
        look(tcp, bytes);
    }
    if (missing > 0) { /* the packet was cut when it was captured */
        drop_stream(tcp);
        flow->next = seq + (uint32_t)(bytes.len + missing) + (uint32_t)-ahead;
    }
    if (flow->half != NULL)
        settle(tcp);
}

static void start_flow(const struct tcp_flow *tcp, uint32_t next)
{
    flows_drop_half(tcp->finder->flows, tcp->flow);
    tcp->flow->next = next;
    tcp->flow->anchored = true;
}

void tcp_add(struct finder *finder, const addresses *ip, tlsfp_span segment, size_t missing)
{
    tlsfp_span header, options;
    if (!take(&segment, 20, &header))
        return;
    size_t header_len = 4 * (size_t)(get_u8(header, 12) >> 4);
    uint8_t flags = get_u8(header, 13);
    if (header_len < 20 || !take(&segment, header_len - 20, &options))
        return;
    bool silent = segment.len == 0 && !(flags & FLAG_SYN); /* most acknowledgments */
    if (silent && finder->seen == NULL)
        return;
    ports ends = ports_of(ip, get_u16(header, 0), get_u16(header, 2));
    watch(finder, ends.src_hash + ends.dst_hash);
    if (silent)
        return;
    bool is_new;
    struct tcp_flow tcp = {finder, flows_get(finder->flows, flow_key(&ends, PROTOCOL_TCP), &is_new),
                           &ends, NULL};
    uint32_t seq = get_u32(header, 4);
    if (flags & FLAG_SYN)
        start_flow(&tcp, ++seq);
    if (segment.len > 0 && !(flags & FLAG_RST))
        arrive(&tcp, seq, segment, missing);
}

void tcp_end(struct finder *finder)
{
    struct half *oldest;
    while ((oldest = flows_oldest(finder->flows)) != NULL) {
        endpoints ends = oldest->held_ends;
        frame last = oldest->held_frame;
        struct tcp_flow tcp = {finder, oldest->flow, NULL, &ends};
        finder->packet = &last;
        while (oldest->flow->half == oldest && oldest->held != NULL && oldest->held->len > 0)
            release(&tcp, pieces_first(oldest->held)->seq);
        flows_drop_half(finder->flows, tcp.flow);
    }
}
