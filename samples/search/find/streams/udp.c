/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP: tunnels, QUIC and DTLS. */
#include "find/parts.h"

enum {
    QUIC_LONG_HEADER = 0x80, /* RFC 8999 5.1 */
    QUIC_MIN_DATAGRAM = 1200,
    DTLS_HANDSHAKE = 22,
    DTLS_RECORD_HEADER_SIZE = 13,
    DTLS_FRAGMENT_MIN = 12, /* a fragment's header */
    CLIENT_HELLO = 1,
};

/** A hash of what makes a client's Initial keys, its version and Destination Connection ID: RFC
 * 8999 5.1, RFC 9001 5.2; and of whether a server looks at the datagram, RFC 9000 14.1. 0 where
 * there is no long header. */
static uint64_t hash_keys(tlsfp_span in)
{
    tlsfp_span fixed, len, dcid;
    bool is_small = in.len < QUIC_MIN_DATAGRAM;
    if (!take(&in, 5, &fixed) || !take(&in, 1, &len) || !take(&in, get_u8(len, 0), &dcid))
        return 0;
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + get_u32(fixed, 1) + is_small; /* FNV-1a */
    for (size_t i = 0; i < dcid.len; i++)
        hash = (hash ^ dcid.data[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
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
    for (; status == TLSFP_OK; status = tlsfp_quic_next(half->quic)) {
        tlsfp_span message;
        endpoints found = endpoints_of(finder, ends);
        if (tlsfp_quic_message(half->quic, &message) == TLSFP_OK)
            report(finder, &found, message, TLSFP_QUIC);
        flow->id = id;
    }
    flows_weigh(finder->flows, half, tlsfp_quic_is_empty(half->quic));
}

/** Whether a client's Initial packets were opened. */
static bool is_client(const struct flow *flow)
{
    return flow != NULL && (flow->id != 0 || (flow->half != NULL && flow->half->quic != NULL));
}

static void quic_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    if (!tlsfp_quic_is_initial(datagram))
        return;
    uint64_t key = flow_key(ends, PROTOCOL_UDP), id = hash_keys(datagram);
    if (!is_client(flows_find(finder->flows, key)) &&
        is_client(flows_find(finder->flows, reverse_key(ends, PROTOCOL_UDP))))
        return; /* the server's */
    bool is_new;
    struct flow *flow = flows_get(finder->flows, key, &is_new);
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
    uint64_t key = flow_key(ends, PROTOCOL_UDP);
    struct flow *flow = flows_find(finder->flows, key);
    if (content != DTLS_STARTS && (flow == NULL || flow->half == NULL || flow->half->dtls == NULL))
        return;
    bool is_new;
    flow = flows_get(finder->flows, key, &is_new);
    struct half *half = flows_start_half(finder->flows, flow);
    if (half->dtls == NULL)
        half->dtls = tlsfp_dtls_new(finder->limits.max_hello);
    tlsfp_span message;
    while (tlsfp_dtls_add(half->dtls, &datagram, &message) == TLSFP_OK) {
        endpoints found = endpoints_of(finder, ends);
        report(finder, &found, message, TLSFP_DTLS);
    }
    if (tlsfp_dtls_is_empty(half->dtls))
        flows_drop_half(finder->flows, flow);
    else
        flows_weigh(finder->flows, half, false);
}

void udp_add(struct finder *finder, const addresses *ip, tlsfp_span datagram)
{
    tlsfp_span header;
    if (!take(&datagram, 8, &header) || datagram.len == 0)
        return;
    uint16_t len = get_u16(header, 4);
    if (len >= 8)
        cut(&datagram, len - 8u);
    if (datagram.len == 0)
        return;
    ports ends = ports_of(&finder->limits.key, ip, get_u16(header, 0), get_u16(header, 2));
    watch(finder, ends.src_hash + ends.dst_hash);
    if (udp_tunnel_add(finder, &ends, datagram))
        return;
    if (get_u8(datagram, 0) & QUIC_LONG_HEADER)
        quic_add(finder, &ends, datagram);
    else
        dtls_add(finder, &ends, datagram);
}
