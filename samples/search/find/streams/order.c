/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/order.h"

#include "find/streams/copies.h"
#include "find/streams/hello_start.h"

enum {
    FAR_AWAY = 16 * 1024 * 1024, /* a sequence number that far off is of another connection */
    FIRST_WINDOW = 65535,        /* the largest before the first acknowledgment, RFC 7323 2.2 */
    MAX_PIECES = 4096,           /* held */
    MAX_UNANCHORED = 8 * 1024,   /* bytes held before a flow is taken as it is */
    MAX_UNANCHORED_PIECES = 64,
    MAX_OUTSIDE =
        8, /* segments in a row outside the window: the capture has lost what lies before */
    MAX_PATIENCE = 64, /* segments held in front of a gap, once a hello starts behind it */
    MAX_STRAY = 64,    /* bytes in front of a hello that did not count */
    PEEKED = 8,        /* bytes that say whether a hello starts */
};

void order_settle(const struct side *side)
{
    struct half *half = side->flow->half;
    if (half == NULL)
        return;
    bool holds = half->held != NULL && pieces_count(half->held) > 0;
    bool is_idle = half->stream == NULL && !holds && !half->has_urgent && half->doubt == NULL &&
                   half->kind == FRAMES_NONE;
    if (is_idle && half->copies == NULL)
        flows_drop_half(side->finder->flows, side->flow);
    else
        flows_weigh(side->finder->flows, half, is_idle && !copies_wait(half->copies));
}

const struct piece *order_first(const struct flow *flow)
{
    return flow->half != NULL && flow->half->held != NULL ? pieces_first(flow->half->held) : NULL;
}

/** Whether the urgent byte is among @p len bytes from @p seq on. */
static bool has_urgent_byte(const struct half *half, uint32_t seq, size_t len)
{
    return half != NULL && half->has_urgent && half->urgent - seq < len;
}

/** Takes bytes that are next, without an urgent one: a socket does not read it, RFC 6093. */
static void consume(const struct side *side, tlsfp_span bytes)
{
    struct flow *flow = side->flow;
    uint32_t seq = flow->next;
    flow->next += (uint32_t)bytes.len;
    if (has_urgent_byte(flow->half, seq, bytes.len)) {
        tlsfp_span front = take_up_to(&bytes, flow->half->urgent - seq);
        flow->half->has_urgent = false;
        if (front.len > 0)
            tls_add(side, front);
        (void)take_up_to(&bytes, 1);
    }
    if (bytes.len > 0)
        tls_add(side, bytes);
}

/** A FIN: what is held behind it does not count, nor what comes. */
static void end_side(const struct side *side)
{
    struct flow *flow = side->flow;
    flow->has_fin = flow->has_start;
    if (flow->half == NULL || !flow->has_fin)
        return;
    pieces_free(flow->half->held);
    flow->half->held = NULL;
}

/** Takes what of a held segment is next; a hello that starts a segment does so still where that
 * became a part of the one before. */
static void consume_piece(const struct side *side, const struct piece *piece)
{
    tlsfp_span bytes = {piece->data, piece->len};
    uint32_t passed = side->flow->next - piece->seq;
    if (!pass(&bytes, passed))
        return;
    if (piece->mark > passed)
        consume(side, take_up_to(&bytes, piece->mark - passed));
    if (bytes.len > 0)
        consume(side, bytes);
}

/** Takes held segments, as long as each follows the one before. */
static void drain(const struct side *side)
{
    struct flow *flow = side->flow;
    const struct piece *first;
    while ((first = order_first(flow)) != NULL && (int32_t)(flow->next - first->seq) >= 0) {
        struct piece *taken = pieces_take(flow->half->held);
        bool ends = taken->fin && (int32_t)(taken->end - flow->next) > 0;
        consume_piece(side, taken);
        piece_free(taken);
        flow->patience = 0;
        if (ends)
            end_side(side);
    }
}

/** Takes what is held up to @p seq, and what follows it, as it is: what lies between will not come.
 */
static void release(const struct side *side, uint32_t seq)
{
    struct flow *flow = side->flow;
    const struct piece *first;
    while ((first = order_first(flow)) != NULL && (int32_t)(first->seq - seq) <= 0) {
        if (!flow->anchored || first->seq != flow->next)
            tls_break(side);
        flow->next = first->seq;
        flow->anchored = true;
        drain(side);
    }
}

void order_release(struct finder *finder, struct flow *flow, uint32_t seq)
{
    const frame *at_hand = finder->packet;
    frame last = flow->half->held_frame;
    endpoints ends = flow->half->held_ends;
    const struct side side = {finder, flow, NULL, NULL, &ends};
    finder->packet = &last;
    release(&side, seq);
    finder->packet = at_hand;
    order_settle(&side);
}

/** Whether bytes start with a ServerHello. */
static bool is_server_hello(tlsfp_span bytes)
{
    return bytes.len > 5 && get_u8(bytes, 0) == 22 && get_u8(bytes, 5) == 2;
}

static bool is_start(const struct side *side, tlsfp_span bytes)
{
    tlsfp_span rest;
    return find_start(bytes, ANYWHERE, &rest) == START_FOUND || tls_starts(side, bytes);
}

/** Whether a hello starts with the held segment at @p seq. */
static bool starts_hello(const struct side *side, uint32_t seq, tlsfp_span bytes)
{
    uint8_t front[PEEKED];
    tlsfp_span peeked = {front, pieces_peek(side->flow->half->held, seq, front, sizeof front)};
    return starts_at_front(peeked, ANYWHERE) == START_FOUND || is_start(side, bytes);
}

static bool is_too_much(const struct side *side)
{
    const struct pieces *held = side->flow->half->held;
    if (!side->flow->anchored)
        return pieces_bytes(held) > MAX_UNANCHORED || pieces_count(held) > MAX_UNANCHORED_PIECES;
    return pieces_bytes(held) > side->finder->limits.max_hello || pieces_count(held) > MAX_PIECES;
}

/** Whether to wait no longer for what lies before a hello that starts with the segment at @p seq.
 * The start of a connection that was seen from its SYN on hardly gets lost. */
static bool gives_up(const struct flow *flow, bool is_hello)
{
    if (!flow->has_start)
        return is_hello && !tls_is_open(flow);
    return flow->patience > MAX_PATIENCE;
}

static void keep_origin(const struct side *side)
{
    struct half *half = side->flow->half;
    half->held_ends = endpoints_of(side->finder, side->ports);
    half->held_frame = *side->finder->packet;
    half->held_frame.bytes = (tlsfp_span){NULL, 0};
}

void order_keep(const struct side *side, uint32_t seq, tlsfp_span bytes, bool fin, uint32_t room)
{
    struct half *half = flows_start_half(side->finder->flows, side->flow);
    if (half->held == NULL)
        half->held = pieces_new();
    pieces_add(half->held, seq, bytes, fin, room);
    keep_origin(side);
}

/** Keeps a segment for which it is too early. */
static void hold(const struct side *side, const tcp_segment *segment)
{
    struct flow *flow = side->flow;
    uint32_t seq = segment->seq;
    tlsfp_span bytes = segment->bytes;
    order_keep(side, seq, bytes, segment->flags & TCP_FIN, segment_room(segment->options, bytes));
    bool is_hello = starts_hello(side, seq, bytes);
    flow->patience = (uint8_t)(flow->patience + (flow->patience > 0 || is_hello));
    if (gives_up(flow, is_hello))
        release(side, flow->has_start ? order_first(flow)->seq : seq);
    else if (is_too_much(side))
        release(side, order_first(flow)->seq);
    order_settle(side);
}

/** Whether a server drops a segment that far off: it lies outside its window. */
static bool is_outside(const struct side *side, int32_t ahead)
{
    const struct flow *flow = side->flow;
    if (!flow->has_start || side->peer == NULL)
        return false;
    uint32_t so_far = flow->next - flow->start;
    int32_t window = so_far < FIRST_WINDOW ? FIRST_WINDOW : FAR_AWAY;
    return ahead > window || ahead < -FAR_AWAY;
}

/** Whether a segment that far off is of another connection on the same ports. */
static bool is_other_connection(const struct flow *flow, int32_t ahead)
{
    return flow->anchored && (ahead > FAR_AWAY || ahead < -FAR_AWAY);
}

/** The end of the packet was cut when it was captured. */
static void pass_missing(const struct side *side, size_t missing)
{
    finder_counts *counts = &side->finder->counts;
    if (tls_is_open(side->flow)) {
        counts->cut_hellos++;
        counts->cut_len = MAX(counts->cut_len, side->finder->packet->bytes.len);
    }
    tls_break(side);
    side->flow->next += (uint32_t)missing;
}

/** Whether a segment holds a hello where a few other bytes came before, and led to nothing. */
static bool is_other_copy(const struct flow *flow, uint32_t seq, tlsfp_span bytes)
{
    return flow->has_start && flow->told[0] == 0 && !tls_is_open(flow) &&
           flow->next - flow->start <= MAX_STRAY && (int32_t)(flow->next - seq) > 0 &&
           (int32_t)(seq - flow->start) >= 0 && starts_at_front(bytes, AT_START) == START_FOUND;
}

/** Keeps such a hello: the server's answer says which copy counted. */
static void keep_other_copy(const struct side *side, const tcp_segment *segment)
{
    struct flow *flow = side->flow;
    bool is_open = flow->half != NULL && flow->half->doubt != NULL;
    if (!is_open && !is_other_copy(flow, segment->seq, segment->bytes))
        return;
    struct half *half = flows_start_half(side->finder->flows, flow);
    if (half->doubt == NULL)
        half->doubt = pieces_new();
    if (pieces_bytes(half->doubt) < side->finder->limits.max_hello)
        pieces_fill(half->doubt, segment->seq, segment->bytes);
    keep_origin(side);
}

void order_take_other_copy(struct finder *finder, struct flow *flow, tlsfp_span answer)
{
    if (flow->half == NULL || flow->half->doubt == NULL || !is_server_hello(answer))
        return;
    pieces_free(flow->half->held);
    flow->half->held = g_steal_pointer(&flow->half->doubt);
    const struct piece *first = pieces_first(flow->half->held);
    flow->in_records = false;
    flow->next = first->seq;
    order_release(finder, flow, first->seq);
}

void order_add(const struct side *side, const tcp_segment *segment, size_t missing)
{
    struct flow *flow = side->flow;
    uint32_t seq = segment->seq;
    tlsfp_span bytes = segment->bytes;
    int32_t ahead = (int32_t)(seq - flow->next);
    if (is_outside(side, ahead) && ++flow->n_outside < MAX_OUTSIDE)
        return;
    if (flow->n_outside >= MAX_OUTSIDE) {
        flows_drop_half(side->finder->flows, flow);
        flow->anchored = flow->has_start = false;
    }
    flow->n_outside = 0;
    if (is_other_connection(flow, ahead)) {
        flows_drop_half(side->finder->flows, flow);
        flow->anchored = flow->has_start = false;
    }
    flow->has_fin &= flow->has_start;
    if (flow->has_fin)
        return;
    if (!flow->anchored && flow->half == NULL &&
        is_start(side, bytes)) { /* as good as the first one */
        flow->next = seq;
        flow->anchored = true;
        flow->in_records = false;
        ahead = 0;
    }
    if (!flow->anchored || ahead > 0) {
        hold(side, segment);
        return;
    }
    keep_other_copy(side, segment);
    bool fin = segment->flags & TCP_FIN && missing == 0;
    if (!pass(&bytes, (uint32_t)-ahead) || bytes.len + missing + fin == 0) /* it was there before */
        return;
    if (bytes.len > 0)
        consume(side, bytes);
    if (fin)
        end_side(side);
    if (missing > 0)
        pass_missing(side, missing);
    drain(side);
    order_settle(side);
}
