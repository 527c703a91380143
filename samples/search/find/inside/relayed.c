/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams inside others: TURN, SOCKS 5, Telegram's reflectors. */
#include "find/inside/inside.h"

enum {
    STUN_HEADER = 20, /* RFC 8489 5 */
    STUN_COOKIE = 0x2112a442,
    STUN_SEND = 0x0016, /* RFC 8656 18: indications */
    STUN_DATA = 0x0017,
    STUN_ATTRIBUTE_DATA = 0x0013,
    CHANNEL_FIRST = 0x4000, /* RFC 8656 12 */
    CHANNEL_LAST = 0x4fff,

    SOCKS_IPV4 = 1, /* RFC 1928 7 */
    SOCKS_NAME = 3,
    SOCKS_IPV6 = 4,

    REFLECTOR_TAG = 16,
    REFLECTOR_LONG_TAG = 20,
    DTLS_START = 0x16fe,
};

/** The datagram in a Send or Data indication. */
static bool stun_data(tlsfp_span message, tlsfp_span *out)
{
    tlsfp_span header, attribute, value;
    if (!take(&message, STUN_HEADER, &header) || get_u32(header, 4) != STUN_COOKIE ||
        (get_u16(header, 0) != STUN_SEND && get_u16(header, 0) != STUN_DATA))
        return false;
    cut(&message, get_u16(header, 2));
    while (take(&message, 4, &attribute) && take(&message, get_u16(attribute, 2), &value)) {
        if (get_u16(attribute, 0) == STUN_ATTRIBUTE_DATA) {
            *out = value;
            return true;
        }
        (void)take_up_to(&message, -get_u16(attribute, 2) & 3u);
    }
    return false;
}

static bool channel_data(tlsfp_span bytes, tlsfp_span *out)
{
    tlsfp_span header;
    return take(&bytes, 4, &header) && get_u16(header, 0) >= CHANNEL_FIRST &&
           get_u16(header, 0) <= CHANNEL_LAST && take(&bytes, get_u16(header, 2), out);
}

/** RFC 1928 7. */
static bool socks_data(tlsfp_span bytes, tlsfp_span *out)
{
    tlsfp_span header;
    uint8_t len;
    if (!take(&bytes, 4, &header) || get_u16(header, 0) != 0 || get_u8(header, 2) != 0)
        return false;
    switch (get_u8(header, 3)) {
    case SOCKS_IPV4:
        len = 4;
        break;
    case SOCKS_NAME:
        if (!take_u8(&bytes, &len))
            return false;
        break;
    case SOCKS_IPV6:
        len = 16;
        break;
    default:
        return false;
    }
    if (!pass(&bytes, len + 2u))
        return false;
    *out = bytes;
    return true;
}

/** A tag, a length, and a datagram of DTLS. */
static bool reflected_data(tlsfp_span bytes, size_t tag, tlsfp_span *out)
{
    tlsfp_span len;
    return pass(&bytes, tag) && take(&bytes, 4, &len) && take(&bytes, get_u32(len, 0), out) &&
           out->len > 2 && get_u16(*out, 0) == DTLS_START;
}

bool relayed_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    tlsfp_span inner;
    if (!stun_data(datagram, &inner) && !channel_data(datagram, &inner) &&
        !socks_data(datagram, &inner) && !reflected_data(datagram, REFLECTOR_TAG, &inner) &&
        !reflected_data(datagram, REFLECTOR_LONG_TAG, &inner))
        return false;
    if (inner.len > 0 && enter(finder))
        datagram_add(finder, ends, inner);
    return true;
}
