/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP: segments into order, as a Linux server orders them, as far as hellos need it.
 *
 * A flow whose first segment is not in the capture is not anchored: its segments are held until one
 * of them starts a hello, or there are enough to say that none will come before them.
 */
#include "find/streams/copies.h"
#include "find/streams/hello_start.h"
#include "find/streams/pieces.h"
#include "find/streams/segment.h"
#include "find/streams/side.h"

enum {
    FAR_AWAY = 16 * 1024 * 1024, /* a sequence number that far off is of another connection */
    FIRST_WINDOW = 65535,        /* the largest before the first acknowledgment, RFC 7323 2.2 */
    MAX_PIECES = 4096,           /* held */
    MAX_UNANCHORED = 8 * 1024,   /* bytes held before a flow is taken as it is */
    MAX_UNANCHORED_PIECES = 64,
    MAX_OUTSIDE =
        8, /* segments in a row outside the window: the capture has lost what lies before */
    MAX_PATIENCE = 64,  /* segments held in front of a gap, once a hello starts behind it */
    MAX_STRAY = 64,     /* bytes in front of a hello that did not count */
    PEEKED = 8,         /* bytes that say whether a hello starts */
    YOUNG = 256 * 1024, /* as long as a flow is this short, it is checked what a server drops */
    MIN_HEADER = 20,
    LENGTH_AT = 12, /* in a header, in 4 bytes, in the upper half */
    FLAGS_AT = 13,
};

/** Counts anew what the flow keeps; keeps nothing that is empty. */
static void settle(const struct side *side)
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

/** The piece held in front, or NULL. */
static const struct piece *first_held(const struct flow *flow)
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

/** Takes held segments, as long as each follows the one before. */
static void drain(const struct side *side)
{
    struct flow *flow = side->flow;
    const struct piece *first;
    while ((first = first_held(flow)) != NULL && (int32_t)(flow->next - first->seq) >= 0) {
        struct piece *taken = pieces_take(flow->half->held);
        tlsfp_span bytes = {taken->data, taken->len};
        bool ends = taken->fin && (int32_t)(taken->end - flow->next) > 0;
        if (pass(&bytes, flow->next - taken->seq) && bytes.len > 0)
            consume(side, bytes);
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
    while ((first = first_held(flow)) != NULL && (int32_t)(first->seq - seq) <= 0) {
        if (!flow->anchored || first->seq != flow->next)
            tls_break(side);
        flow->next = first->seq;
        flow->anchored = true;
        drain(side);
    }
}

/** As release(), with the frame of the segment that was held last. */
static void release_as_kept(struct finder *finder, struct flow *flow, uint32_t seq)
{
    const frame *at_hand = finder->packet;
    frame last = flow->half->held_frame;
    endpoints ends = flow->half->held_ends;
    const struct side side = {finder, flow, NULL, NULL, &ends};
    finder->packet = &last;
    release(&side, seq);
    finder->packet = at_hand;
    settle(&side);
}

/** Whether bytes start with a ServerHello. */
static bool is_server_hello(tlsfp_span bytes)
{
    return bytes.len > 5 && get_u8(bytes, 0) == 22 && get_u8(bytes, 5) == 2;
}

static bool is_start(const struct side *side, tlsfp_span bytes)
{
    tlsfp_span rest;
    return find_start(bytes, ANYWHERE, &rest) == START_FOUND ||
           (is_server_hello(bytes) && tls_may_answer(side, bytes));
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

static void keep(const struct side *side, uint32_t seq, tlsfp_span bytes, bool fin, uint32_t room)
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
    keep(side, seq, bytes, segment->flags & TCP_FIN, segment_room(segment->options, bytes));
    bool is_hello = starts_hello(side, seq, bytes);
    flow->patience = (uint8_t)(flow->patience + (flow->patience > 0 || is_hello));
    if (gives_up(flow, is_hello))
        release(side, flow->has_start ? first_held(flow)->seq : seq);
    else if (is_too_much(side))
        release(side, first_held(flow)->seq);
    settle(side);
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

/** The server has answered: takes the other copy, if there is one. */
static void take_other_copy(struct finder *finder, struct flow *flow, tlsfp_span answer)
{
    if (flow->half == NULL || flow->half->doubt == NULL || !is_server_hello(answer))
        return;
    pieces_free(flow->half->held);
    flow->half->held = g_steal_pointer(&flow->half->doubt);
    const struct piece *first = pieces_first(flow->half->held);
    flow->in_records = false;
    flow->next = first->seq;
    release_as_kept(finder, flow, first->seq);
}

/** A segment's bytes, which may be late, early, or just in time. */
static void arrive(const struct side *side, const tcp_segment *segment, size_t missing)
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
    settle(side);
}

static void start_flow(const struct side *side, uint32_t start, const tcp_segment *segment)
{
    struct flow *flow = side->flow;
    copies_tell(side->finder, flow, true);
    flows_drop_half(side->finder->flows, flow);
    if (!flow->has_start || flow->start != start)
        flow->told[0] = flow->told[1] = 0;
    flow->start = flow->next = start;
    flow->anchored = flow->has_start = true;
    flow->has_syn = flow->has_syn_data = flow->in_records = flow->has_fin = false;
    flow->is_signed = segment->is_signed;
    flow->has_time = segment->has_time;
    flow->time = segment->time;
}

/** Bytes in a SYN: they count if they are acknowledged with it, or else come again: RFC 7413. */
static void settle_syn_data(const struct side *side, bool counts)
{
    struct flow *flow = side->flow;
    if (!flow->has_syn_data)
        return;
    flow->has_syn_data = false;
    if (counts && flow->half != NULL)
        release_as_kept(side->finder, flow, flow->start);
    else
        flows_drop_half(side->finder->flows, flow);
}

/** A SYN-ACK says which SYN counted, and whether the bytes in it did. */
static void answer_syn(const struct side *side, struct flow *peer, const tcp_segment *segment)
{
    const struct side other = {.finder = side->finder, .flow = peer};
    if (peer->has_syn && segment->ack == peer->syn) {
        tcp_segment again = {.has_time = peer->has_time, .is_signed = peer->is_signed};
        start_flow(&other, peer->syn, &again);
        peer->has_time = false;
        peer->anchored = true;
    }
    settle_syn_data(&other, segment->ack != peer->start);
}

/** The hellos of an earlier connection on these ports. */
static void forget_answers(const struct side *side)
{
    const endpoints ends = side_ends(side);
    end_answers(side->finder, &ends, true);
}

/** RFC 9293 3.10.7; in a connection a SYN has no effect, RFC 5961 4. Until it is seen which of the
 * two it is, what was known is kept. */
static void add_syn(const struct side *side, const tcp_segment *segment)
{
    struct flow *flow = side->flow, *peer = side->peer;
    uint32_t start = segment->seq + 1;
    bool answers = segment->flags & TCP_ACK && peer != NULL;
    bool is_new = !flow->anchored || (!flow->has_start && !tls_is_open(flow)) ||
                  (answers && peer->has_syn && segment->ack == peer->syn);
    if (answers && (is_new || start == flow->start))
        answer_syn(side, peer, segment);
    if (!is_new) {
        flow->has_syn = start != flow->start || flow->next != start;
        flow->syn = start;
        return;
    }
    if (side->finder->answers != NULL && flow->has_start && flow->start != start)
        forget_answers(side);
    start_flow(side, start, segment);
    if (segment->bytes.len == 0)
        return;
    flow->has_syn_data = true;
    keep(side, start, segment->bytes, false, 0);
    settle(side);
}

/** What the segment says of the other side: up to where it was received. */
static void acknowledge(const struct side *side, struct flow *peer, const tcp_segment *segment)
{
    take_other_copy(side->finder, peer, segment->bytes);
    const struct piece *first = first_held(peer);
    if (first == NULL || !peer->has_start || !(segment->flags & TCP_ACK))
        return;
    settle_syn_data(&(struct side){.finder = side->finder, .flow = peer},
                    segment->ack != peer->start);
    first = first_held(peer);
    if (first != NULL && (int32_t)(segment->ack - first->seq) > 0)
        release_as_kept(side->finder, peer, segment->ack - 1);
}

/** The start of another connection, whose SYN came and whose SYN-ACK is not in the capture. */
static bool starts_anew(const struct flow *flow, const struct flow *peer, uint32_t seq)
{
    return flow->has_syn && seq == flow->syn && peer == NULL;
}

static void set_urgent(const struct side *side, const tcp_segment *segment)
{
    struct half *half = flows_start_half(side->finder->flows, side->flow);
    uint32_t at = segment->seq + segment->urgent - (segment->urgent > 0);
    if ((int32_t)(at - side->flow->next) < 0 ||
        (half->has_urgent && (int32_t)(at - half->urgent) <= 0))
        return;
    half->urgent = at;
    half->has_urgent = true;
}

static void add_data(const struct side *side, const tcp_segment *segment, size_t missing)
{
    struct flow *flow = side->flow, *peer = side->peer;
    if (starts_anew(flow, peer, segment->seq))
        start_flow(side, segment->seq, segment);
    settle_syn_data(side, segment->seq != flow->start);
    if (segment->flags & TCP_URG && flow->anchored)
        set_urgent(side, segment);
    arrive(side, segment, missing);
    if (peer != NULL)
        acknowledge(side, peer, segment);
}

static bool is_young(const struct flow *flow)
{
    return flow->has_start && flow->next - flow->start < YOUNG;
}

/** Without data: most acknowledgments. */
static bool is_silent(tlsfp_span bytes, size_t missing)
{
    return bytes.len >= MIN_HEADER && missing == 0 &&
           !(get_u8(bytes, FLAGS_AT) & (TCP_SYN | TCP_FIN)) &&
           4 * (size_t)(get_u8(bytes, LENGTH_AT) >> 4) == bytes.len;
}

/**
 * Takes a segment that does nothing but go on with a record, in a connection in which nothing is
 * half-seen. Most of those with data are such.
 * @return false where it has to be looked at.
 */
static bool go_on(struct flow *flow, const struct flow *peer, const tcp_segment *segment)
{
    size_t len = segment->bytes.len;
    if (flow->half != NULL || (peer != NULL && peer->half != NULL) || flow->has_syn ||
        flow->has_syn_data || flow->has_fin || !flow->anchored || !flow->in_records ||
        segment->seq != flow->next || len == 0 || len > flow->record_left ||
        segment->flags & (TCP_URG | TCP_FIN) ||
        starts_at_front(segment->bytes, ANYWHERE) == START_FOUND)
        return false;
    flow->next += (uint32_t)len;
    flow->record_left = (uint16_t)(flow->record_left - len);
    flow->n_outside = 0;
    return true;
}

/** A reset is the end of a connection for both sides; after the server's FIN nothing follows. */
static void end_connection(struct finder *finder, const ports *both, const tcp_segment *segment)
{
    const endpoints ends = endpoints_of(finder, both);
    if (segment->bytes.len == 0 || segment->flags & TCP_RST)
        end_answers(finder, &ends, false);
    if (segment->flags & TCP_RST)
        end_answers(finder, &ends, true);
}

void tcp_add(struct finder *finder, const addresses *ip, tlsfp_span bytes, size_t missing)
{
    tcp_segment segment;
    bool silent = is_silent(bytes, missing);
    if ((silent && finder->seen == NULL && finder->answers == NULL) ||
        !segment_parse(bytes, &segment))
        return;
    const ports ends = {ip, segment.src_port, segment.dst_port};
    finder->protocol = PROTOCOL_TCP;
    watch_connection(finder, &ends);
    if (finder->answers != NULL && segment.flags & (TCP_RST | TCP_FIN))
        end_connection(finder, &ends, &segment);
    if (silent || segment.flags & TCP_RST || !(segment.flags & (TCP_ACK | TCP_SYN)))
        return;
    if (finder->limits.checksums && missing == 0 && !has_right_checksum(ip, PROTOCOL_TCP, bytes))
        return;
    bool is_new, is_syn = segment.flags & TCP_SYN;
    uint64_t key = flow_key(&finder->factors, &ends, PROTOCOL_TCP);
    bool is_bare = segment.bytes.len + missing == 0 && !is_syn; /* a FIN alone starts nothing */
    struct flow *flow =
        is_bare ? flows_find(finder->flows, key) : flows_get(finder->flows, key, &is_new);
    struct flow *peer = NULL;
    if (flow == NULL)
        return;
    if (is_syn || is_young(flow)) {
        peer = flows_find(finder->flows, reverse_key(key));
        segment_parse_options(&segment);
    }
    const struct side side = {finder, flow, peer, &ends, NULL};
    bool all_copies = finder->limits.all_copies && is_young(flow);
    if (all_copies && !is_syn)
        copies_add(&side, &segment);
    if (is_syn)
        add_syn(&side, &segment);
    else if ((!is_young(flow) || segment_is_accepted(&segment, flow, peer)) &&
             (missing > 0 || !go_on(flow, peer, &segment)))
        add_data(&side, &segment, missing);
    if (all_copies) {
        copies_tell(finder, flow, false);
        settle(&side);
    }
}

void tcp_end(struct finder *finder)
{
    struct half *oldest;
    while ((oldest = flows_oldest(finder->flows)) != NULL) {
        struct flow *flow = oldest->flow;
        const struct piece *first;
        while (flow->half == oldest && (first = first_held(flow)) != NULL)
            release_as_kept(finder, flow, first->seq);
        if (flow->half == oldest)
            copies_tell(finder, flow, true);
        flows_drop_half(finder->flows, flow);
    }
}
