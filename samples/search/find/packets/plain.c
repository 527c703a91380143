/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The short way down the headers that most packets have: Ethernet, IPv4 without options or IPv6
 * without extension headers, TCP or UDP, none of it cut. It does what the long way does
 * (link.c, ethernet.c, ip.c), which opens everything else.
 */
#include "find/parts.h"

enum {
    IPV4_PLAIN = 0x45,      /* version 4, a header of 20 bytes */
    IPV4_FRAGMENT = 0x3fff, /* the offset, and whether there are more */
    IPV6_VERSION = 6,
};

/** What the packet of @p ip carries, without what follows it in the frame. */
static bool transport_add(struct finder *finder, const addresses *ip, uint8_t protocol,
                          tlsfp_span payload)
{
    finder->depth = 1;
    if (protocol == PROTOCOL_TCP)
        tcp_add(finder, ip, payload, 0);
    else
        udp_add(finder, ip, payload, 0);
    return true;
}

static bool is_transport(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

/** RFC 791 3.1. */
static bool plain_ipv4_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, payload;
    if (!take(&bytes, 20, &header) || get_u8(header, 0) != IPV4_PLAIN ||
        get_u16(header, 6) & IPV4_FRAGMENT || !is_transport(get_u8(header, 9)) ||
        get_u16(header, 2) < 20 || !take(&bytes, get_u16(header, 2) - 20u, &payload))
        return false;
    const addresses ip = {4, header.data + 12, header.data + 16};
    return transport_add(finder, &ip, get_u8(header, 9), payload);
}

/** RFC 8200 3. */
static bool plain_ipv6_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, payload;
    if (!take(&bytes, 40, &header) || get_u8(header, 0) >> 4 != IPV6_VERSION ||
        !is_transport(get_u8(header, 6)) || get_u16(header, 4) == 0 ||
        !take(&bytes, get_u16(header, 4), &payload))
        return false;
    const addresses ip = {6, header.data + 8, header.data + 24};
    return transport_add(finder, &ip, get_u8(header, 6), payload);
}

bool plain_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (finder->limits.checksums || !take(&bytes, 14, &header))
        return false;
    finder->stations = (tlsfp_span){header.data, 12};
    uint16_t type = get_u16(header, 12);
    return (type == ETHERTYPE_IPV4 && plain_ipv4_add(finder, bytes)) ||
           (type == ETHERTYPE_IPV6 && plain_ipv6_add(finder, bytes));
}
