/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP: connections, and which of their segments a Linux server takes. */
#include "find/streams/copies.h"
#include "find/streams/hello_start.h"
#include "find/streams/order.h"

enum {
    YOUNG = 256 * 1024, /* as long as a flow is this short, it is checked what a server drops */
    MIN_HEADER = 20,
    LENGTH_AT = 12, /* in a header, in 4 bytes, in the upper half */
    FLAGS_AT = 13,
};

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
        order_release(side->finder, flow, flow->start);
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
    order_keep(side, start, segment->bytes, false, 0);
    order_settle(side);
}

/** What the segment says of the other side: up to where it was received. */
static void acknowledge(const struct side *side, struct flow *peer, const tcp_segment *segment)
{
    order_take_other_copy(side->finder, peer, segment->bytes);
    const struct piece *first = order_first(peer);
    if (first == NULL || !peer->has_start || !(segment->flags & TCP_ACK))
        return;
    settle_syn_data(&(struct side){.finder = side->finder, .flow = peer},
                    segment->ack != peer->start);
    first = order_first(peer);
    if (first != NULL && (int32_t)(segment->ack - first->seq) > 0)
        order_release(side->finder, peer, segment->ack - 1);
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
    order_add(side, segment, missing);
    if (peer != NULL)
        acknowledge(side, peer, segment);
}

static bool is_young(const struct flow *flow)
{
    return flow->has_start && flow->next - flow->start < YOUNG;
}

bool tcp_is_silent(tlsfp_span bytes, size_t missing)
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

/** RFC 9293 3.10.7.4: the others do nothing for a stream. */
static bool has_effect(const tcp_segment *segment)
{
    return !(segment->flags & TCP_RST) && segment->flags & (TCP_ACK | TCP_SYN);
}

/** A segment of the flow with that key. */
static void add_segment(struct finder *finder, const ports *ends, tcp_segment *segment,
                        uint64_t key, size_t missing)
{
    bool is_new, is_syn = segment->flags & TCP_SYN;
    bool is_bare = segment->bytes.len + missing == 0 && !is_syn; /* a FIN alone starts nothing */
    struct flow *flow =
        is_bare ? flows_find(finder->flows, key) : flows_get(finder->flows, key, &is_new);
    struct flow *peer = NULL;
    if (flow == NULL)
        return;
    if (is_syn || is_young(flow)) {
        peer = flows_find(finder->flows, reverse_key(key));
        segment_parse_options(segment);
    }
    const struct side side = {finder, flow, peer, ends, NULL};
    bool all_copies = finder->limits.all_copies && is_young(flow);
    if (all_copies && !is_syn)
        copies_add(&side, segment);
    if (is_syn)
        add_syn(&side, segment);
    else if ((!is_young(flow) || segment_is_accepted(segment, flow, peer)) &&
             (missing > 0 || !go_on(flow, peer, segment)))
        add_data(&side, segment, missing);
    if (all_copies) {
        copies_tell(finder, flow, false);
        order_settle(&side);
    }
}

void tcp_add(struct finder *finder, const addresses *ip, tlsfp_span bytes, size_t missing)
{
    tcp_segment segment;
    bool silent = tcp_is_silent(bytes, missing);
    if ((silent && finder->seen == NULL && finder->answers == NULL) ||
        !segment_parse(bytes, &segment))
        return;
    const ports ends = {ip, segment.src_port, segment.dst_port};
    finder->protocol = PROTOCOL_TCP;
    watch_connection(finder, &ends);
    if (finder->answers != NULL && segment.flags & (TCP_RST | TCP_FIN))
        end_connection(finder, &ends, &segment);
    if (silent || !has_effect(&segment))
        return;
    if (finder->limits.checksums && missing == 0 && !has_right_checksum(ip, PROTOCOL_TCP, bytes))
        return;
    uint64_t key = flow_key(&finder->factors, &ends, PROTOCOL_TCP);
    if (is_ours(finder, connection_of(key)))
        add_segment(finder, &ends, &segment, key, missing);
}

void tcp_add_known(struct finder *finder, const addresses *ip, tlsfp_span bytes, uint64_t key)
{
    tcp_segment segment;
    if (!segment_parse(bytes, &segment) || !has_effect(&segment))
        return;
    const ports ends = {ip, segment.src_port, segment.dst_port};
    finder->protocol = PROTOCOL_TCP;
    add_segment(finder, &ends, &segment, key, 0);
}

void tcp_end(struct finder *finder)
{
    struct half *oldest;
    while ((oldest = flows_oldest(finder->flows)) != NULL) {
        struct flow *flow = oldest->flow;
        finder->place = oldest->place;
        const struct piece *first;
        while (flow->half == oldest && (first = order_first(flow)) != NULL)
            order_release(finder, flow, first->seq);
        if (flow->half == oldest)
            copies_tell(finder, flow, true);
        flows_drop_half(finder->flows, flow);
    }
}
