/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/finder.h"

#include <string.h>

#include "find/parts.h"
#include "find/streams/side.h"

/** Parts of the memory, one in so many. */
enum { FRAGMENTS_SHARE = 4, ANSWERS_SHARE = 8 };

struct finder *finder_new(const finder_limits *limits, tlsfp_context *context,
                          void (*found)(const found_hello *, void *data), void *data)
{
    struct finder *finder = g_new0(struct finder, 1);
    finder->limits = *limits;
    connection_factors_draw(&limits->key, &finder->factors);
    hello_hash_key_draw(&limits->key, &finder->hello_key);
    finder->found = found;
    finder->data = data;
    size_t for_answers = limits->answers ? limits->memory / ANSWERS_SHARE : 0;
    if (limits->answers)
        finder->answers = answers_new(for_answers, found, data);
    finder->flows = flows_new(limits->memory - limits->memory / FRAGMENTS_SHARE - for_answers);
    flows_note_places(finder->flows, &finder->place);
    finder->fragments = fragments_new(limits->memory / FRAGMENTS_SHARE);
    finder->context = context;
    return finder;
}

void finder_free(struct finder *finder)
{
    if (finder == NULL)
        return;
    flows_free(finder->flows);
    fragments_free(finder->fragments);
    answers_free(finder->answers);
    g_free(finder->eap);
    g_free(finder);
}

void finder_watch(struct finder *finder,
                  void (*seen)(const frame *, uint64_t connection, void *data), void *data)
{
    finder->seen = seen;
    finder->seen_data = data;
}

void finder_add(struct finder *finder, const frame *packet)
{
    finder->counts.frames++;
    finder->packet = packet;
    finder->place = packet->number << PLACE_BITS;
    finder->depth = 0;
    finder->fragments_name = 0;
    if (finder->answers != NULL)
        answers_expire(finder->answers, packet->time_ns);
    if (packet->link_type == LINK_ETHERNET && plain_add(finder, packet->bytes))
        return;
    finder->stations = (tlsfp_span){NULL, 0};
    if (!link_add(finder, packet->link_type, packet->bytes) && finder->counts.unknown_links++ == 0)
        finder->counts.unknown_link_type = packet->link_type;
    finder->tags.n_vlans = finder->tags.n_vnis = 0; /* plain packets have none */
}

void finder_end(struct finder *finder)
{
    tcp_end(finder);
    if (finder->answers != NULL)
        answers_end(finder->answers);
}

void finder_tick(struct finder *finder, int64_t now_ns)
{
    if (finder->answers != NULL)
        answers_expire(finder->answers, now_ns);
}

static void forget_common(finder_counts *counts)
{
    counts->frames = counts->unknown_links = counts->passed_others = 0;
    memset(counts->passed, 0, sizeof counts->passed);
}

finder_counts finder_counted(const struct finder *finder)
{
    finder_counts counts = finder->counts;
    counts.dropped = flows_dropped(finder->flows);
    if (finder->limits.share > 0) /* what all finders see, the first one counts */
        forget_common(&counts);
    else
        counts.dropped += fragments_dropped(finder->fragments);
    return counts;
}

uint64_t finder_place(const struct finder *finder)
{
    return finder->place;
}

endpoints endpoints_of(const struct finder *finder, const ports *ends)
{
    endpoints out = {
        .version = ends->ip->version,
        .protocol = finder->protocol,
        .src_port = ends->src_port,
        .dst_port = ends->dst_port,
        .connection = connection_of(flow_key(&finder->factors, ends, finder->protocol)),
        .fragments = finder->fragments_name,
        .tags = finder->tags,
    };
    size_t len = ends->ip->version == 4 ? 4 : 16;
    memcpy(out.src, ends->ip->src, len);
    memcpy(out.dst, ends->ip->dst, len);
    return out;
}

/** Whether it is known to hold no IP: ARP, loops, management of links. */
static bool holds_no_ip(passed_kind kind, uint16_t number)
{
    static const uint16_t ethertypes[] = {
        0x0806, /* ARP */
        0x0842, /* Wake-on-LAN */
        0x2000, /* CDP */
        0x6002, /* DEC MOP */
        0x8035, /* RARP, SLARP */
        0x8137, /* IPX */
        0x8809, /* LACP and other slow protocols */
        0x8863, /* PPPoE discovery */
        0x88a2, /* ATA over Ethernet */
        0x88b5, /* experimental */
        0x88b7, /* experimental, with an OUI */
        0x88cc, /* LLDP */
        0x88e1, /* HomePlug */
        0x88f5, /* MVRP */
        0x88f7, /* PTP */
        0x88fb, /* PRP */
        0x8902, /* CFM */
        0x8906, /* FCoE */
        0x8914, /* FCoE initialization */
        0x9000, /* loopback test */
        0x9003,
    };
    static const uint16_t protocols[] = {
        1,   /* ICMP */
        2,   /* IGMP */
        46,  /* RSVP */
        58,  /* ICMPv6 */
        59,  /* no next header */
        88,  /* EIGRP */
        89,  /* OSPF */
        103, /* PIM */
        112, /* VRRP */
    };
    const uint16_t *numbers = kind == PASSED_ETHERTYPE ? ethertypes : protocols;
    size_t n = kind == PASSED_ETHERTYPE ? G_N_ELEMENTS(ethertypes) : G_N_ELEMENTS(protocols);
    for (size_t i = 0; i < n; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

void passed_over(struct finder *finder, passed_kind kind, uint16_t number)
{
    if (holds_no_ip(kind, number))
        return;
    for (int i = 0; i < MAX_PASSED; i++) {
        passed_packets *passed = &finder->counts.passed[i];
        if (passed->packets == 0)
            *passed = (passed_packets){kind, number, 0};
        if (passed->kind == kind && passed->number == number) {
            passed->packets++;
            return;
        }
    }
    finder->counts.passed_others++;
}

/** The key of the flow with these ends, or of the one in the other direction. */
static uint64_t key_of(const struct finder *finder, const endpoints *ends, bool reverse)
{
    const addresses ip = {ends->version, ends->src, ends->dst};
    const ports both = {&ip, ends->src_port, ends->dst_port};
    uint64_t key = flow_key(&finder->factors, &both, ends->protocol);
    return reverse ? reverse_key(key) : key;
}

static uint64_t key_of_client(const struct finder *finder, const endpoints *ends)
{
    return key_of(finder, ends, false);
}

static uint64_t key_of_server(const struct finder *finder, const endpoints *ends)
{
    return key_of(finder, ends, true);
}

void note_vlan(struct finder *finder, uint16_t control)
{
    enum { IDENTIFIER_MASK = 0x0fff };
    network_tags *tags = &finder->tags;
    if (tags->n_vlans < MAX_TAGS)
        tags->vlans[tags->n_vlans++] = control & IDENTIFIER_MASK;
}

void note_vni(struct finder *finder, uint32_t vni)
{
    network_tags *tags = &finder->tags;
    if (tags->n_vnis < MAX_TAGS)
        tags->vnis[tags->n_vnis++] = vni;
}

void report_overlap(struct finder *finder, const endpoints *ends, tlsfp_span message)
{
    tlsfp_client_hello hello;
    if (message.len > finder->limits.max_hello ||
        tlsfp_parse(message, TLSFP_TLS, &hello) != TLSFP_OK)
        return;
    const found_hello found = {
        .frame = finder->packet, .ends = ends, .hello = &hello, .is_overlap = true};
    finder->found(&found, finder->data);
}

void report_once(struct finder *finder, struct flow *flow, const endpoints *ends,
                 tlsfp_span message, tlsfp_transport transport)
{
    uint32_t hash = hello_hash(&finder->hello_key, message);
    if (hash == flow->told[0] || hash == flow->told[1])
        return;
    flow->told[1] = flow->told[0];
    flow->told[0] = hash;
    report(finder, flow, ends, message, transport);
}

void report(struct finder *finder, struct flow *flow, const endpoints *ends, tlsfp_span message,
            tlsfp_transport transport)
{
    tlsfp_client_hello hello;
    if (message.len > finder->limits.max_hello) {
        finder->counts.too_long++;
        return;
    }
    if (tlsfp_parse(message, transport, &hello) != TLSFP_OK)
        return;
    finder->counts.hellos++;
    const found_hello found = {
        .frame = finder->packet,
        .ends = ends,
        .hello = &hello,
        .is_retry = flow->retry_requested || tlsfp_has_cookie_extension(&hello),
    };
    flow->retry_requested = false;
    if (finder->answers != NULL)
        answers_wait(finder->answers, key_of_client(finder, ends), &found);
    else
        finder->found(&found, finder->data);
}

bool is_answer_due(const struct finder *finder, const endpoints *ends)
{
    return finder->answers != NULL && answers_is_due(finder->answers, key_of_server(finder, ends));
}

void take_answer(struct finder *finder, const endpoints *ends, tlsfp_span message,
                 tlsfp_transport transport)
{
    bool is_retry;
    uint64_t key = key_of_server(finder, ends);
    if (finder->answers == NULL ||
        !answers_add(finder->answers, key, message, transport, &is_retry))
        return;
    struct flow *client = flows_find(finder->flows, key);
    if (client != NULL)
        client->retry_requested = is_retry;
}

void end_answers(struct finder *finder, const endpoints *ends, bool client)
{
    if (finder->answers != NULL)
        answers_give_up(finder->answers,
                        client ? key_of_client(finder, ends) : key_of_server(finder, ends));
}
