/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP: tunnels, QUIC and DTLS. */
#include "find/parts.h"

enum {
    QUIC_LONG_HEADER = 0x80, /* RFC 8999 5.1 */
    DTLS_HANDSHAKE = 22,
    DTLS_MAJOR = 0xfe,
    DTLS_MAJOR_OLD = 0x01, /* OpenSSL's DTLS1_BAD_VER */
    DTLS_TYPE_AT = 13,     /* of the handshake message in a datagram's first record, RFC 6347 4.1 */
    CLIENT_HELLO = 1,
};

/** A hash of what makes a client's Initial keys, its version and Destination Connection ID: RFC
 * 8999 5.1, RFC 9001 5.2. 0 where there is no long header. */
static uint64_t hash_keys(tlsfp_span in)
{
    tlsfp_span fixed, len, dcid;
    if (!take(&in, 5, &fixed) || !take(&in, 1, &len) || !take(&in, get_u8(len, 0), &dcid))
        return 0;
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + get_u32(fixed, 1); /* FNV-1a */
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

static void dtls_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    uint64_t key = flow_key(ends, PROTOCOL_UDP);
    struct flow *flow = flows_find(finder->flows, key);
    bool is_new, starts = get_u8(datagram, DTLS_TYPE_AT) == CLIENT_HELLO;
    if (!starts && (flow == NULL || flow->half == NULL))
        return;
    flow = flows_get(finder->flows, key, &is_new);
    struct half *half = flows_start_half(finder->flows, flow);
    if (half->dtls == NULL)
        half->dtls = tlsfp_dtls_new(finder->limits.max_hello);
    tlsfp_span message;
    tlsfp_status status;
    while ((status = tlsfp_dtls_add(half->dtls, &datagram, &message)) == TLSFP_OK) {
        endpoints found = endpoints_of(finder, ends);
        report(finder, &found, message, TLSFP_DTLS);
    }
    if (status == TLSFP_MORE)
        flows_weigh(finder->flows, half, false);
    else
        flows_drop_half(finder->flows, flow);
}

static bool is_dtls(tlsfp_span datagram)
{
    return datagram.len > DTLS_TYPE_AT && get_u8(datagram, 0) == DTLS_HANDSHAKE &&
           (get_u8(datagram, 1) == DTLS_MAJOR || get_u8(datagram, 1) == DTLS_MAJOR_OLD);
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
    else if (is_dtls(datagram))
        dtls_add(finder, &ends, datagram);
}
