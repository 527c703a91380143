/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP: tunnels, QUIC and DTLS, and protocols around them. */
#include "find/inside/inside.h"
#include "find/streams/side.h"

enum {
    QUIC_LONG_HEADER = 0x80, /* RFC 8999 5.1 */
    QUIC_MIN_DATAGRAM = 1200,
    DTLS_HANDSHAKE = 22,
    DTLS_RECORD_HEADER_SIZE = 13,
    DTLS_FRAGMENT_MIN = 12, /* a fragment's header */
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    PORT_RADIUS = 1812,
    PORT_RADIUS_OLD = 1645,
    PORT_RADIUS_CHANGES = 3799, /* RFC 5176 */
    PORT_PANA = 716,
};

/** A hash of what makes a client's Initial keys, its version and Destination Connection ID: RFC
 * 8999 5.1, RFC 9001 5.2; and of whether a server looks at the datagram, RFC 9000 14.1. 0 where
 * there is no long header. */
static uint64_t hash_keys(const struct finder *finder, tlsfp_span datagram)
{
    tlsfp_span in = datagram, fixed, len, dcid;
    bool is_small = in.len < QUIC_MIN_DATAGRAM;
    if (!take(&in, 5, &fixed) || !take(&in, 1, &len) || !take(&in, get_u8(len, 0), &dcid))
        return 0;
    const tlsfp_span keys = {datagram.data + 1, 5 + dcid.len};
    return (tlsfp_hash(&finder->limits.key, keys) ^ (is_small ? 2u : 0u)) | 1;
}

/**
 * Tells of the hellos in a QUIC connection's Initial packets so far. What is not whole is kept; so
 * are the keys of a connection whose hello was found, since after HelloRetryRequest another one
 * follows under them, RFC 9001 4.6.
 */
static void read_quic(struct finder *finder, struct flow *flow, const ports *ends, uint64_t id,
                      tlsfp_span datagram)
{
    bool is_first = flow->half == NULL || flow->half->quic == NULL;
    struct half *half = flows_start_half(finder->flows, flow);
    if (is_first)
        half->quic = tlsfp_quic_new(finder->limits.max_hello);
    tlsfp_status status = tlsfp_quic_add(finder->context, half->quic, datagram);
    if (status == TLSFP_UNREADABLE) {
        if (is_first)
            flows_drop_half(finder->flows, flow);
        return;
    }
    finder->counts.too_long += status == TLSFP_TOO_LARGE;
    for (; status == TLSFP_OK; status = tlsfp_quic_next(half->quic)) {
        tlsfp_span message;
        endpoints found = endpoints_of(finder, ends);
        if (tlsfp_quic_message(half->quic, &message) == TLSFP_OK)
            report(finder, flow, &found, message, TLSFP_QUIC);
        flow->id = id;
    }
    flows_weigh(finder->flows, half, tlsfp_quic_is_empty(half->quic));
}

/** Whether a client's Initial packets were opened. */
static bool is_client(const struct flow *flow)
{
    return flow != NULL && (flow->id != 0 || (flow->half != NULL && flow->half->quic != NULL));
}

/** The server's Initial packets, which the client's make readable. */
static void read_quic_answer(struct finder *finder, const struct flow *client, const ports *ends,
                             tlsfp_span datagram)
{
    const endpoints found = endpoints_of(finder, ends);
    if (client->half == NULL || client->half->quic == NULL || !is_answer_due(finder, &found))
        return;
    tlsfp_span message;
    tlsfp_quic *quic = client->half->quic;
    if (tlsfp_quic_add_answer(finder->context, quic, datagram) == TLSFP_UNREADABLE)
        return;
    while (tlsfp_quic_take_answer(quic, &message) == TLSFP_OK)
        take_answer(finder, &found, message, TLSFP_QUIC);
    flows_weigh(finder->flows, client->half, client->half->finished);
}

static void quic_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    if (!tlsfp_quic_is_initial(datagram))
        return;
    uint64_t key = flow_key(&finder->factors, ends, PROTOCOL_UDP), id = hash_keys(finder, datagram);
    struct flow *flow = flows_find(finder->flows, key);
    if (!is_client(flow)) {
        const struct flow *client = flows_find(finder->flows, reverse_key(key));
        if (is_client(client)) {
            read_quic_answer(finder, client, ends, datagram);
            return;
        }
    }
    bool is_new;
    flow = flows_get(finder->flows, key, &is_new);
    bool is_again = flow->id == id && (flow->half == NULL || flow->half->finished);
    if (!is_again)
        read_quic(finder, flow, ends, id, datagram);
}

/** What a datagram holds of DTLS handshakes, before there are keys: RFC 6347 4.1, 4.2.2. */
typedef enum { DTLS_NONE, DTLS_FRAGMENT, DTLS_STARTS } dtls_content;

static dtls_content content_of(tlsfp_span datagram)
{
    dtls_content content = DTLS_NONE;
    tlsfp_span header, payload;
    while (take(&datagram, DTLS_RECORD_HEADER_SIZE, &header) &&
           take(&datagram, get_u16(header, 11), &payload)) {
        bool is_clear = get_u16(header, 3) == 0; /* epoch */
        if (get_u8(header, 0) != DTLS_HANDSHAKE || !is_clear || payload.len < DTLS_FRAGMENT_MIN)
            continue;
        if (get_u8(payload, 0) == CLIENT_HELLO)
            return DTLS_STARTS;
        content = DTLS_FRAGMENT;
    }
    return content;
}

static void dtls_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    dtls_content content = content_of(datagram);
    if (content == DTLS_NONE)
        return;
    uint64_t key = flow_key(&finder->factors, ends, PROTOCOL_UDP);
    struct flow *flow = flows_find(finder->flows, key);
    const endpoints sent = endpoints_of(finder, ends);
    bool is_answer = is_answer_due(finder, &sent);
    if (content != DTLS_STARTS && !is_answer &&
        (flow == NULL || flow->half == NULL || flow->half->dtls == NULL))
        return;
    bool is_new;
    flow = flows_get(finder->flows, key, &is_new);
    struct half *half = flows_start_half(finder->flows, flow);
    if (half->dtls == NULL)
        half->dtls = tlsfp_dtls_new(finder->limits.max_hello);
    tlsfp_span message;
    while (tlsfp_dtls_add(half->dtls, &datagram, &message) == TLSFP_OK) {
        if (is_answer && get_u8(message, 0) == SERVER_HELLO)
            take_answer(finder, &sent, message, TLSFP_DTLS);
        else
            report_once(finder, flow, &sent, message, TLSFP_DTLS);
    }
    if (tlsfp_dtls_is_empty(half->dtls))
        flows_drop_half(finder->flows, flow);
    else
        flows_weigh(finder->flows, half, false);
}

static bool is_radius(const ports *ends)
{
    return ends->dst_port == PORT_RADIUS || ends->dst_port == PORT_RADIUS_OLD ||
           ends->dst_port == PORT_RADIUS_CHANGES;
}

void datagram_add(struct finder *finder, const ports *ends, tlsfp_span payload)
{
    if (payload.len == 0)
        return;
    if (content_of(payload) != DTLS_NONE)
        dtls_add(finder, ends, payload);
    else if (is_radius(ends) && radius_add(finder, ends, payload))
        return;
    else if (ends->dst_port == PORT_PANA && pana_add(finder, ends, payload))
        return;
    else if (get_u8(payload, 0) & QUIC_LONG_HEADER && tlsfp_quic_is_initial(payload))
        quic_add(finder, ends, payload);
    else if (!relayed_add(finder, ends, payload))
        (void)numbered_packet_add(finder, ends, payload);
}

/** Whether a datagram that was cut when it was captured holds a hello, as far as it shows. */
static bool is_cut_hello(tlsfp_span datagram)
{
    bool is_initial = datagram.len > 5 && (get_u8(datagram, 0) & 0xb0) == QUIC_LONG_HEADER &&
                      get_u32(datagram, 1) != 0;
    return is_initial || (datagram.len > DTLS_RECORD_HEADER_SIZE &&
                          get_u8(datagram, 0) == DTLS_HANDSHAKE && get_u8(datagram, 1) == 0xfe &&
                          get_u8(datagram, DTLS_RECORD_HEADER_SIZE) == CLIENT_HELLO);
}

static void add_payload(struct finder *finder, const ports *ends, tlsfp_span payload)
{
    if (!udp_tunnel_add(finder, ends, payload) && are_ours(finder, ends))
        datagram_add(finder, ends, payload);
}

void udp_add(struct finder *finder, const addresses *ip, tlsfp_span datagram, size_t missing)
{
    tlsfp_span whole = datagram, header;
    if (!take(&datagram, 8, &header) || datagram.len == 0)
        return;
    uint16_t len = get_u16(header, 4);
    if (len >= 8) {
        cut(&datagram, len - 8u);
        cut(&whole, len);
    }
    if (datagram.len == 0 || (finder->limits.checksums && missing == 0 && get_u16(header, 6) != 0 &&
                              !has_right_checksum(ip, PROTOCOL_UDP, whole)))
        return;
    const ports ends = {ip, get_u16(header, 0), get_u16(header, 2)};
    finder->protocol = PROTOCOL_UDP;
    watch_connection(finder, &ends);
    if (missing > 0 && finder->limits.share == 0)
        finder->counts.cut_hellos += is_cut_hello(datagram);
    add_payload(finder, &ends, datagram);
}

/* The length is that of what the checksum covers. */
void udp_lite_add(struct finder *finder, const addresses *ip, tlsfp_span datagram)
{
    tlsfp_span header;
    if (!take(&datagram, 8, &header) || datagram.len == 0)
        return;
    const ports ends = {ip, get_u16(header, 0), get_u16(header, 2)};
    finder->protocol = PROTOCOL_UDP;
    watch_connection(finder, &ends);
    add_payload(finder, &ends, datagram);
}
