/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Packets with the headers that most have: Ethernet, IPv4 without options or IPv6 without
 * extension headers, TCP or UDP, none of it cut. */
#ifndef SEARCH_PLAIN_H
#define SEARCH_PLAIN_H

#include "find/parts.h"

typedef struct {
    addresses ip;
    uint8_t protocol;   /**< 6 for TCP, 17 for UDP. */
    tlsfp_span payload; /**< The segment or datagram, without what follows it in the frame. */
} plain_packet;

enum {
    PLAIN_ETHERNET_HEADER = 14,
    PLAIN_IPV4 = 0x45,       /* version 4, a header of 20 bytes */
    PLAIN_FRAGMENT = 0x3fff, /* the offset, and whether there are more */
};

static inline bool plain_carries(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

/** RFC 791 3.1. */
static inline bool plain_parse_ipv4(tlsfp_span bytes, plain_packet *out)
{
    tlsfp_span header;
    if (!take(&bytes, 20, &header) || get_u8(header, 0) != PLAIN_IPV4 ||
        get_u16(header, 6) & PLAIN_FRAGMENT || !plain_carries(get_u8(header, 9)) ||
        get_u16(header, 2) < 20 || !take(&bytes, get_u16(header, 2) - 20u, &out->payload))
        return false;
    out->ip = (addresses){4, header.data + 12, header.data + 16};
    out->protocol = get_u8(header, 9);
    return true;
}

/** RFC 8200 3. */
static inline bool plain_parse_ipv6(tlsfp_span bytes, plain_packet *out)
{
    tlsfp_span header;
    if (!take(&bytes, 40, &header) || get_u8(header, 0) >> 4 != 6 ||
        !plain_carries(get_u8(header, 6)) || get_u16(header, 4) == 0 ||
        !take(&bytes, get_u16(header, 4), &out->payload))
        return false;
    out->ip = (addresses){6, header.data + 8, header.data + 24};
    out->protocol = get_u8(header, 6);
    return true;
}

/** The packet in an Ethernet frame; false where it is another kind. */
static inline bool plain_parse(tlsfp_span bytes, plain_packet *out)
{
    tlsfp_span header;
    if (!take(&bytes, PLAIN_ETHERNET_HEADER, &header))
        return false;
    uint16_t type = get_u16(header, 12);
    return (type == ETHERTYPE_IPV4 && plain_parse_ipv4(bytes, out)) ||
           (type == ETHERTYPE_IPV6 && plain_parse_ipv6(bytes, out));
}

#endif
