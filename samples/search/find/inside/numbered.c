/* SPDX-License-Identifier: BSD-3-Clause */
/* OpenVPN's control channel and RDP over UDP: numbered packets with TLS in them. */
#include "find/inside/inside.h"
#include "find/streams/pieces.h"

enum {
    OPENVPN_CONTROL =
        4, /* P_CONTROL_V1; https://openvpn.net/community-resources/openvpn-protocol */
    OPENVPN_OPCODE_AT = 3, /* bits */
    OPENVPN_SESSION = 8,
    OPENVPN_REPLAY = 8, /* packet number and time, behind an HMAC */
    OPENVPN_MAX_ACKS = 8,

    RDP_ACK = 0x0004, /* MS-RDPEUDP 2.2.2.1 */
    RDP_DATA = 0x0008,
    RDP_ACK_OF_ACKS = 0x0100,
    RDP_MAX_FLAGS = 0x0fff,
    RDP_HEADER = 8,
    RDP_SOURCE_HEADER = 8,
    RDP_MAX_ACKS = 2048,

    RDP2_MIN = 12,
    RDP2_PREFIX_AT = 7,
    RDP2_PREFIX = 0xe0, /* data, not short */
    RDP2_ACK = 0x0001,
    RDP2_DATA = 0x0004,
    RDP2_ACK_VECTOR = 0x0008,
    RDP2_ACK_OF_ACKS = 0x0010,
    RDP2_OVERHEAD = 0x0040,
    RDP2_DELAY = 0x0100,

    NUMBER_SHIFT = 16, /* of packets in the list of those that came early */
    MAX_EARLY = 64,
};

tlsfp_span openvpn_payload(tlsfp_span packet, uint16_t hmac, uint32_t *out_number)
{
    const tlsfp_span none = {NULL, 0};
    uint8_t opcode, n_acks;
    tlsfp_span number;
    if (!take_u8(&packet, &opcode) || opcode >> OPENVPN_OPCODE_AT != OPENVPN_CONTROL ||
        !pass(&packet, OPENVPN_SESSION) || (hmac > 0 && !pass(&packet, hmac + OPENVPN_REPLAY)) ||
        !take_u8(&packet, &n_acks) || n_acks > OPENVPN_MAX_ACKS ||
        !pass(&packet, 4u * n_acks + (n_acks > 0 ? OPENVPN_SESSION : 0u)) ||
        !take(&packet, 4, &number))
        return none;
    *out_number = get_u32(number, 0);
    return packet;
}

bool openvpn_guess(const struct side *side, tlsfp_span packet, uint16_t *out_hmac)
{
    static const uint16_t sizes[] = {0, 16, 20, 28, 32, 48, 64}; /* none, MD5, SHA-1, SHA-2 … */
    uint32_t number;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (tls_starts(side, openvpn_payload(packet, sizes[i], &number))) {
            *out_hmac = sizes[i];
            return true;
        }
    return false;
}

/** MS-RDPEUDP 2.2.3: header, ACK vector, ACK of ACKs, source payload header. */
static tlsfp_span rdp_payload(tlsfp_span packet, uint32_t *out_number)
{
    const tlsfp_span none = {NULL, 0};
    tlsfp_span header, source;
    uint16_t n_acks;
    if (!take(&packet, RDP_HEADER, &header))
        return none;
    uint16_t flags = get_u16(header, 6);
    if (!(flags & RDP_DATA) || !(flags & RDP_ACK) || !take_u16(&packet, &n_acks) ||
        n_acks > RDP_MAX_ACKS || !pass(&packet, ((n_acks + 2u + 3u) & ~3u) - 2u) ||
        (flags & RDP_ACK_OF_ACKS && !pass(&packet, 4)) ||
        !take(&packet, RDP_SOURCE_HEADER, &source))
        return none;
    *out_number = get_u32(source, 4);
    return packet;
}

/** MS-RDPEUDP2 2.2.1: the first and the eighth byte are swapped; then come a prefix, flags, what
 * they announce, and the number in the channel. */
static tlsfp_span rdp2_payload(tlsfp_span packet, uint32_t *out_number)
{
    const tlsfp_span none = {NULL, 0};
    tlsfp_span part;
    if (packet.len < RDP2_MIN || get_u8(packet, RDP2_PREFIX_AT) != RDP2_PREFIX)
        return none;
    uint16_t flags = GUINT16_SWAP_LE_BE(get_u16(packet, 1));
    uint8_t swapped = get_u8(packet, 0);
    if (!(flags & RDP2_DATA) || flags & (RDP2_ACK | RDP2_ACK_VECTOR))
        return none;
    size_t before = 3 + (flags & RDP2_OVERHEAD ? 1u : 0u) + (flags & RDP2_DELAY ? 3u : 0u) +
                    (flags & RDP2_ACK_OF_ACKS ? 2u : 0u) + 2;
    if (!pass(&packet, before) || !take(&packet, 2, &part))
        return none;
    uint8_t low = before == RDP2_PREFIX_AT ? swapped : get_u8(part, 0);
    uint8_t high = before + 1 == RDP2_PREFIX_AT ? swapped : get_u8(part, 1);
    *out_number = (uint32_t)(high << 8 | low);
    return packet;
}

static tlsfp_span payload_of(const struct half *half, tlsfp_span datagram, uint32_t *out_number)
{
    if (half->numbered == PACKETS_OPENVPN)
        return openvpn_payload(datagram, half->hmac, out_number);
    return half->numbered == PACKETS_RDP ? rdp_payload(datagram, out_number)
                                         : rdp2_payload(datagram, out_number);
}

/** Takes packets that came early, as long as each follows the one before. */
static void drain(const struct side *side)
{
    const struct piece *first;
    while (tls_is_open(side->flow) && side->flow->half->held != NULL &&
           (first = pieces_first(side->flow->half->held)) != NULL &&
           first->seq >> NUMBER_SHIFT == (uint16_t)side->flow->half->number) {
        struct piece *taken = pieces_take(side->flow->half->held);
        side->flow->half->number++;
        tls_add(side, (tlsfp_span){taken->data, taken->len});
        piece_free(taken);
    }
}

/** A packet of a hello that has started. */
static void go_on(const struct side *side, tlsfp_span datagram)
{
    struct half *half = side->flow->half;
    uint32_t number = 0;
    tlsfp_span payload = payload_of(half, datagram, &number);
    if (payload.len == 0 || (int32_t)(number - half->number) < 0)
        return;
    if (number != half->number) {
        if (half->held == NULL)
            half->held = pieces_new();
        if (number - half->number < MAX_EARLY)
            pieces_fill(half->held, number << NUMBER_SHIFT, payload);
        return;
    }
    half->number++;
    tls_add(side, payload);
    drain(side);
}

static void settle(const struct side *side)
{
    if (tls_is_open(side->flow))
        flows_weigh(side->finder->flows, side->flow->half, false);
    else
        flows_drop_half(side->finder->flows, side->flow);
}

static void start(struct finder *finder, const ports *ends, tlsfp_span payload, uint32_t number,
                  uint16_t hmac, packet_kind kind)
{
    bool is_new;
    const struct side side = {
        .finder = finder,
        .flow = flows_get(finder->flows, flow_key(&finder->factors, ends, PROTOCOL_UDP), &is_new),
        .ports = ends,
    };
    flows_drop_half(finder->flows, side.flow);
    side.flow->in_records = false;
    tls_add(&side, payload);
    if (tls_is_open(side.flow)) {
        side.flow->half->numbered = kind;
        side.flow->half->hmac = hmac;
        side.flow->half->number = number + 1;
    }
    settle(&side);
}

/** A cheap check first: most datagrams are of neither protocol. */
static bool may_be_numbered(tlsfp_span datagram)
{
    if (datagram.len < RDP_HEADER)
        return false;
    uint16_t flags = get_u16(datagram, 6);
    return get_u8(datagram, 0) >> OPENVPN_OPCODE_AT == OPENVPN_CONTROL ||
           get_u8(datagram, RDP2_PREFIX_AT) == RDP2_PREFIX ||
           ((flags & (RDP_ACK | RDP_DATA)) == (RDP_ACK | RDP_DATA) && flags <= RDP_MAX_FLAGS);
}

bool numbered_packet_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    uint16_t hmac = 0;
    uint32_t number = 0;
    if (!may_be_numbered(datagram))
        return false;
    struct flow *flow = flows_find(finder->flows, flow_key(&finder->factors, ends, PROTOCOL_UDP));
    if (flow != NULL && flow->half != NULL && flow->half->numbered != PACKETS_NONE) {
        const struct side side = {.finder = finder, .flow = flow, .ports = ends};
        go_on(&side, datagram);
        settle(&side);
        return true;
    }
    const struct side any = {.finder = finder, .ports = ends};
    if (openvpn_guess(&any, datagram, &hmac)) {
        tlsfp_span payload = openvpn_payload(datagram, hmac, &number);
        start(finder, ends, payload, number, hmac, PACKETS_OPENVPN);
        return true;
    }
    packet_kind kind = PACKETS_RDP;
    tlsfp_span payload = rdp_payload(datagram, &number);
    if (!tls_starts(&any, payload)) {
        kind = PACKETS_RDP2;
        payload = rdp2_payload(datagram, &number);
    }
    if (!tls_starts(&any, payload))
        return false;
    start(finder, ends, payload, number, 0, kind);
    return true;
}
