/* SPDX-License-Identifier: BSD-3-Clause */
/* Protocols with TLS or DTLS in packets of their own within a TCP connection: OpenVPN, TDS (SQL
 * Server), TURN. */
#include "find/inside/inside.h"

enum {
    MAX_FRAMES = 256, /* without a hello in them */

    OPENVPN_RESET_V2 = 7, /* P_CONTROL_HARD_RESET_CLIENT_V2 and _V3 */
    OPENVPN_RESET_V3 = 10,
    OPENVPN_CONTROL = 4,
    OPENVPN_MIN = 14,
    OPENVPN_MAX_RESET = 1500,

    TDS_RESPONSE = 0x04, /* MS-TDS 2.2.3.1.1; some servers answer a hello in such packets */
    TDS_PRELOGIN = 0x12,
    TDS_HEADER = 8,
    TDS_MAX_STATUS = 0x1f,

    STUN_HEADER = 20,
    STUN_COOKIE = 0x2112a442,
    CHANNEL = 4, /* the upper half of a channel's first byte */
};

/** Whether one of the packets, a client's, starts a hello. */
static bool starts_in_openvpn(const struct side *side, tlsfp_span bytes)
{
    tlsfp_span len, packet;
    uint16_t hmac;
    while (take(&bytes, 2, &len) && get_u16(len, 0) >= OPENVPN_MIN &&
           take(&bytes, get_u16(len, 0), &packet)) {
        unsigned opcode = get_u8(packet, 0) >> 3;
        if (opcode == OPENVPN_CONTROL && openvpn_guess(side, packet, &hmac))
            return true;
        if (opcode < OPENVPN_CONTROL || opcode > OPENVPN_RESET_V3)
            return false;
    }
    return false;
}

static bool is_openvpn(const struct side *side, tlsfp_span bytes, bool is_first)
{
    uint16_t hmac;
    if (bytes.len < 3 || get_u16(bytes, 0) < OPENVPN_MIN)
        return false;
    unsigned opcode = get_u8(bytes, 2) >> 3;
    if (is_first && (opcode == OPENVPN_RESET_V2 || opcode == OPENVPN_RESET_V3))
        return get_u16(bytes, 0) < OPENVPN_MAX_RESET;
    if (starts_in_openvpn(side, bytes))
        return true;
    return opcode == OPENVPN_CONTROL && pass(&bytes, 2) && openvpn_guess(side, bytes, &hmac);
}

static bool is_tds_type(uint8_t type)
{
    return type == TDS_PRELOGIN || type == TDS_RESPONSE;
}

static bool is_tds_packet(tlsfp_span bytes)
{
    return bytes.len >= TDS_HEADER && is_tds_type(get_u8(bytes, 0)) &&
           get_u8(bytes, 1) <= TDS_MAX_STATUS && get_u16(bytes, 2) >= TDS_HEADER;
}

static bool is_tds(const struct side *side, tlsfp_span bytes, bool is_first)
{
    if (is_first)
        return is_tds_packet(bytes) && get_u8(bytes, 0) == TDS_PRELOGIN;
    while (is_tds_packet(bytes)) {
        tlsfp_span payload = bytes;
        if (pass(&payload, TDS_HEADER) && tls_starts(side, payload))
            return true;
        if (!pass(&bytes, get_u16(bytes, 2)))
            return false;
    }
    return false;
}

static bool is_stun(tlsfp_span bytes)
{
    return bytes.len >= STUN_HEADER && get_u8(bytes, 0) >> 6 == 0 &&
           get_u32(bytes, 4) == STUN_COOKIE;
}

/** RFC 8656 12.4: a Send indication, or data in a channel whose datagram starts like DTLS. */
static bool is_turn(tlsfp_span bytes)
{
    if (is_stun(bytes))
        return true;
    return bytes.len > 5 && get_u8(bytes, 0) >> 4 == CHANNEL && get_u8(bytes, 4) == 22 &&
           get_u8(bytes, 5) == 0xfe;
}

static frame_kind kind_of(const struct side *side, tlsfp_span bytes, bool is_first)
{
    if (is_openvpn(side, bytes, is_first))
        return FRAMES_OPENVPN;
    if (is_tds(side, bytes, is_first))
        return FRAMES_TDS;
    return is_turn(bytes) ? FRAMES_TURN : FRAMES_NONE;
}

bool framed_starts(const struct side *side, tlsfp_span bytes, bool is_first)
{
    frame_kind kind = kind_of(side, bytes, is_first);
    if (kind == FRAMES_NONE)
        return false;
    struct half *half = flows_start_half(side->finder->flows, side->flow);
    half->kind = kind;
    half->frames = g_byte_array_new();
    half->n_frames = 0;
    half->number = 0;
    half->hmac = 0;
    return true;
}

/** The size of the packet at the front; 0 where more bytes say it. False where these are no such
 * packets. */
static bool frame_size(frame_kind kind, tlsfp_span bytes, size_t *out)
{
    *out = 0;
    if (bytes.len < 4)
        return true;
    switch (kind) {
    case FRAMES_OPENVPN:
        *out = 2 + (size_t)get_u16(bytes, 0);
        return get_u16(bytes, 0) > 0;
    case FRAMES_TDS:
        *out = get_u16(bytes, 2);
        return *out >= TDS_HEADER;
    default:
        if (get_u8(bytes, 0) >> 6 == 0)
            *out = STUN_HEADER + (size_t)get_u16(bytes, 2);
        else
            *out = 4 + (((size_t)get_u16(bytes, 2) + 3) & ~(size_t)3);
        return get_u8(bytes, 0) >> 6 <= 1;
    }
}

static void open_openvpn(const struct side *side, tlsfp_span packet)
{
    struct half *half = side->flow->half;
    uint32_t number;
    uint16_t hmac;
    bool is_open = half->stream != NULL;
    if (!is_open && !openvpn_guess(side, packet, &hmac))
        return;
    if (!is_open)
        half->hmac = hmac;
    tlsfp_span payload = openvpn_payload(packet, half->hmac, &number);
    if (payload.len > 0)
        tls_add_inside(side, payload);
}

/** The datagram in a packet of TURN, with the ends of the connection that it came in. */
static void open_turn(const struct side *side, tlsfp_span packet)
{
    const endpoints ends = side_ends(side);
    const addresses ip = {ends.version, ends.src, ends.dst};
    const ports of_ends = {&ip, ends.src_port, ends.dst_port};
    (void)relayed_add(side->finder, &of_ends, packet);
}

/** What is in one packet. */
static void open_frame(const struct side *side, tlsfp_span packet)
{
    const struct half *half = side->flow->half;
    switch (half->kind) {
    case FRAMES_OPENVPN:
        if (pass(&packet, 2))
            open_openvpn(side, packet);
        break;
    case FRAMES_TDS:
        if (is_tds_type(get_u8(packet, 0)) && pass(&packet, TDS_HEADER) &&
            (half->stream != NULL || tls_starts(side, packet)))
            tls_add_inside(side, packet);
        break;
    default:
        open_turn(side, packet);
        break;
    }
}

static void stop(struct flow *flow)
{
    flow->half->kind = FRAMES_NONE;
    g_byte_array_unref(flow->half->frames);
    flow->half->frames = NULL;
}

/** Whether to go on: a hello has started, or none was found yet. */
static bool goes_on(const struct flow *flow)
{
    const struct half *half = flow->half;
    if (half->kind == FRAMES_TURN || half->stream != NULL)
        return half->n_frames < MAX_FRAMES;
    return half->n_frames < MAX_FRAMES && flow->told[0] == 0;
}

void framed_add(const struct side *side, tlsfp_span bytes)
{
    struct half *half = side->flow->half;
    size_t at = 0, size;
    g_byte_array_append(half->frames, bytes.data, (guint)bytes.len);
    bool is_fine = true;
    while (is_fine && goes_on(side->flow)) {
        tlsfp_span rest = {half->frames->data + at, half->frames->len - at}, packet;
        is_fine = frame_size(half->kind, rest, &size);
        if (!is_fine || size == 0 || !take(&rest, size, &packet))
            break;
        half->n_frames++;
        open_frame(side, packet);
        at += size;
    }
    if (is_fine && goes_on(side->flow))
        g_byte_array_remove_range(half->frames, 0, (guint)at);
    else
        stop(side->flow);
}
