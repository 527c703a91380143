/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP: tunnels, QUIC and DTLS. */
#include "finder_parts.h"

enum {
    QUIC_LONG_HEADER = 0x80, /* RFC 8999 5.1 */
    QUIC_TYPE_MASK = 0x30,   /* RFC 9000 17.2 */
    QUIC_RETRY = 0x30,       /* RFC 9000 17.2.5 */
    QUIC_RETRY_V2 = 0x00,    /* RFC 9369 3.2 */
    QUIC_VERSION_2 = 0x6b3343cf,
    DTLS_HANDSHAKE = 22,
    DTLS_MAJOR = 0xfe,
    DTLS_MAJOR_OLD = 0x01, /* OpenSSL's DTLS1_BAD_VER */
    DTLS_TYPE_AT = 13,     /* of the handshake message in a datagram's first record, RFC 6347 4.1 */
    CLIENT_HELLO = 1,
};

/** RFC 8999 5.1: what a long header says in any version. */
typedef struct {
    bool is_retry;
    uint64_t dcid, scid; /* hashes; never 0 */
} long_header;

static uint64_t hash_id(tlsfp_span id)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + id.len; /* FNV-1a */
    for (size_t i = 0; i < id.len; i++)
        hash = (hash ^ id.data[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

static bool take_long_header(tlsfp_span in, long_header *out)
{
    tlsfp_span fixed, len, dcid, scid;
    if (!take(&in, 5, &fixed) || !take(&in, 1, &len) || !take(&in, get_u8(len, 0), &dcid) ||
        !take(&in, 1, &len) || !take(&in, get_u8(len, 0), &scid))
        return false;
    int retry = get_u32(fixed, 1) == QUIC_VERSION_2 ? QUIC_RETRY_V2 : QUIC_RETRY;
    *out =
        (long_header){(get_u8(fixed, 0) & QUIC_TYPE_MASK) == retry, hash_id(dcid), hash_id(scid)};
    return true;
}

/** Tells of the hellos in a QUIC connection's Initial packets so far, and keeps what is not whole.
 */
static void read_quic(finder *search, flow *of, const ports *ends, const long_header *header,
                      tlsfp_span datagram)
{
    half *kept = flows_start_half(search->flows, of);
    if (kept->quic == NULL)
        kept->quic = tlsfp_quic_new(search->limits.max_hello);
    bool started = of->restarts || tlsfp_quic_message(kept->quic, NULL) != TLSFP_MORE;
    tlsfp_status status = tlsfp_quic_add(search->context, kept->quic, datagram);
    if (status == TLSFP_MORE || (status == TLSFP_UNREADABLE && started)) {
        flows_weigh(search->flows, kept);
        return;
    }
    of->restarts = false;
    if (status != TLSFP_UNREADABLE)
        of->id = header->dcid;
    for (; status == TLSFP_OK; status = tlsfp_quic_next(kept->quic)) {
        tlsfp_span message;
        endpoints found = endpoints_of(search, ends);
        if (tlsfp_quic_message(kept->quic, &message) == TLSFP_OK)
            report(search, &found, message, TLSFP_QUIC);
    }
    flows_drop_half(search->flows, of);
}

/** What a server sends says which packets of its client are of a connection that is known already.
 */
static void note_server(flow *client, const long_header *header)
{
    client->peer_id = header->scid;
    client->restarts = client->restarts || header->is_retry;
}

static void quic_add(finder *search, const ports *ends, tlsfp_span datagram)
{
    long_header header;
    if (!take_long_header(datagram, &header))
        return;
    uint64_t key = flow_key(ends, PROTOCOL_UDP);
    flow *known = flows_find(search->flows, key);
    if (known == NULL) {
        flow *client = flows_find(search->flows, reverse_key(ends, PROTOCOL_UDP));
        if (client != NULL) {
            note_server(client, &header);
            return;
        }
    }
    bool is_new, is_initial = tlsfp_quic_is_initial(datagram);
    if (!is_initial && (known == NULL || known->half == NULL))
        return;
    flow *of = flows_get(search->flows, key, &is_new);
    bool is_known = of->half == NULL && !of->restarts && of->id != 0 &&
                    (header.dcid == of->id || header.dcid == of->peer_id);
    if (!is_known)
        read_quic(search, of, ends, &header, datagram);
}

static void dtls_add(finder *search, const ports *ends, tlsfp_span datagram)
{
    uint64_t key = flow_key(ends, PROTOCOL_UDP);
    flow *of = flows_find(search->flows, key);
    bool is_new, starts = get_u8(datagram, DTLS_TYPE_AT) == CLIENT_HELLO;
    if (!starts && (of == NULL || of->half == NULL))
        return;
    of = flows_get(search->flows, key, &is_new);
    half *kept = flows_start_half(search->flows, of);
    if (kept->dtls == NULL)
        kept->dtls = tlsfp_dtls_new(search->limits.max_hello);
    tlsfp_span message;
    tlsfp_status status;
    while ((status = tlsfp_dtls_add(kept->dtls, &datagram, &message)) == TLSFP_OK) {
        endpoints found = endpoints_of(search, ends);
        report(search, &found, message, TLSFP_DTLS);
    }
    if (status == TLSFP_MORE)
        flows_weigh(search->flows, kept);
    else
        flows_drop_half(search->flows, of);
}

static bool is_dtls(tlsfp_span datagram)
{
    return datagram.len > DTLS_TYPE_AT && get_u8(datagram, 0) == DTLS_HANDSHAKE &&
           (get_u8(datagram, 1) == DTLS_MAJOR || get_u8(datagram, 1) == DTLS_MAJOR_OLD);
}

void udp_add(finder *search, const addresses *ip, tlsfp_span datagram)
{
    tlsfp_span header;
    if (!take(&datagram, 8, &header) || datagram.len == 0)
        return;
    uint16_t len = get_u16(header, 4);
    if (len >= 8)
        cut(&datagram, len - 8u);
    if (datagram.len == 0)
        return;
    ports ends = ports_of(ip, get_u16(header, 0), get_u16(header, 2));
    watch(search, ends.src_hash + ends.dst_hash);
    if (udp_tunnel_add(search, &ends, datagram))
        return;
    if (get_u8(datagram, 0) & QUIC_LONG_HEADER)
        quic_add(search, &ends, datagram);
    else if (is_dtls(datagram))
        dtls_add(search, &ends, datagram);
}
