/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP, whose messages carry DTLS (RFC 6083) or TLS (RFC 3436). A record that is split over several
 * chunks is reassembled for TLS only: clients split DTLS messages themselves. */
#include "find/inside/inside.h"
#include "find/streams/hello_start.h"

enum {
    SCTP_HEADER = 12,
    CHUNK_HEADER = 4,
    CHUNK_DATA = 0,    /* RFC 9260 3.3.1 */
    CHUNK_I_DATA = 64, /* RFC 8260 2.1 */
    DATA_HEADER = 12,
    I_DATA_HEADER = 16,
    DTLS_MAJOR = 0xfe,
};

/** TLS, whose stream the messages are; @p number is the chunk's. */
static void stream_add(struct finder *finder, const ports *ends, uint32_t number, tlsfp_span bytes)
{
    uint64_t key = flow_key(&finder->factors, ends, PROTOCOL_SCTP);
    struct flow *flow = flows_find(finder->flows, key);
    bool is_new, is_open = flow != NULL && tls_is_open(flow);
    if (is_open && (int32_t)(number - flow->half->number) <= 0) /* sent again */
        return;
    if (!is_open && starts_at_front(bytes, ANYWHERE) != START_FOUND)
        return;
    flow = flows_get(finder->flows, key, &is_new);
    const struct side side = {.finder = finder, .flow = flow, .ports = ends};
    tls_add_inside(&side, bytes);
    if (tls_is_open(flow)) {
        flow->half->number = number;
        flows_weigh(finder->flows, flow->half, false);
    } else
        flows_drop_half(finder->flows, flow);
}

static void chunk_add(struct finder *finder, const ports *ends, uint8_t type, tlsfp_span bytes)
{
    tlsfp_span header;
    if ((type != CHUNK_DATA && type != CHUNK_I_DATA) ||
        !take(&bytes, type == CHUNK_DATA ? DATA_HEADER : I_DATA_HEADER, &header) || bytes.len < 2)
        return;
    if (get_u8(bytes, 1) == DTLS_MAJOR)
        datagram_add(finder, ends, bytes);
    else
        stream_add(finder, ends, get_u32(header, 0), bytes);
}

void sctp_add(struct finder *finder, const addresses *ip, tlsfp_span packet)
{
    tlsfp_span header, chunk, bytes;
    if (!take(&packet, SCTP_HEADER, &header))
        return;
    const ports ends = {ip, get_u16(header, 0), get_u16(header, 2)};
    finder->protocol = PROTOCOL_SCTP;
    watch_connection(finder, &ends);
    if (!are_ours(finder, &ends))
        return;
    while (take(&packet, CHUNK_HEADER, &chunk)) {
        uint16_t len = get_u16(chunk, 2);
        if (len < CHUNK_HEADER || !take(&packet, len - CHUNK_HEADER, &bytes))
            return;
        chunk_add(finder, &ends, get_u8(chunk, 0), bytes);
        (void)take_up_to(&packet, -len & 3u);
    }
}
