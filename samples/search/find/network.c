/* SPDX-License-Identifier: BSD-3-Clause */
/* From the network layer to TCP and UDP, through tunnels. */
#include "find/finder_parts.h"

#include <string.h>

enum {
    MAX_NESTING = 8, /* headers that hold another packet */

    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AUTHENTICATION = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_MOBILITY = 135,

    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_OFFSET_MASK = 0x1fff, /* in units of 8 bytes */
    IPV6_MORE_FRAGMENTS = 1,

    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGMENT = 0x0080, /* RFC 2637 4.1 */
    GRE_VERSION_MASK = 0x0007,

    PORT_VXLAN = 4789,       /* RFC 7348 */
    PORT_VXLAN_LINUX = 8472, /* what Linux took before there was a number */
    PORT_GENEVE = 6081,      /* RFC 8926 */
    PORT_GTP_U = 2152,       /* 3GPP TS 29.281 */
    PORT_TEREDO = 3544,      /* RFC 4380 */

    MPLS_BOTTOM = 0x100,
};

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    return value ^ value >> 32;
}

static uint64_t hash_address(uint8_t version, const uint8_t *address)
{
    uint64_t halves[2] = {version, 0};
    if (version == 4) {
        memcpy(&halves[1], address, 4);
        return mix(halves[0] << 56 | halves[1]);
    }
    memcpy(halves, address, sizeof halves);
    return mix(halves[0] + mix(halves[1]));
}

ports ports_of(const addresses *ip, uint16_t src_port, uint16_t dst_port)
{
    return (ports){
        .ip = ip,
        .src_port = src_port,
        .dst_port = dst_port,
        .src_hash = hash_address(ip->version, ip->src) + mix(src_port),
        .dst_hash = hash_address(ip->version, ip->dst) + mix(dst_port),
    };
}

static uint64_t key_of(uint64_t from, uint64_t to, uint8_t protocol)
{
    return mix(from + 3 * to + protocol) | 1;
}

uint64_t flow_key(const ports *ends, uint8_t protocol)
{
    return key_of(ends->src_hash, ends->dst_hash, protocol);
}

uint64_t reverse_key(const ports *ends, uint8_t protocol)
{
    return key_of(ends->dst_hash, ends->src_hash, protocol);
}

/** A packet within a packet; false where they are nested too deep. */
static bool enter(finder *search)
{
    if (search->depth >= MAX_NESTING)
        return false;
    search->depth++;
    return true;
}

static void protocol_add(finder *search, const addresses *ip, uint8_t protocol, tlsfp_span payload,
                         size_t missing)
{
    switch (protocol) {
    case PROTOCOL_TCP:
        tcp_add(search, ip, payload, missing);
        break;
    case PROTOCOL_UDP:
        udp_add(search, ip, payload);
        break;
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
        ip_add(search, payload);
        break;
    case PROTOCOL_GRE:
        gre_add(search, payload);
        break;
    default:
        break;
    }
}

static void fragment_add(finder *search, const addresses *ip, uint8_t protocol,
                         uint32_t identification, const fragment *part, tlsfp_span payload)
{
    fragment keyed = *part;
    keyed.key = mix(
        key_of(hash_address(ip->version, ip->src), hash_address(ip->version, ip->dst), protocol) +
        identification);
    tlsfp_span whole;
    watch(search, keyed.key);
    if (!fragments_add(search->fragments, &keyed, payload, &whole))
        return;
    search->fragments_name = keyed.key;
    protocol_add(search, ip, protocol, whole, 0);
}

/** RFC 791 3.1. */
static void ipv4_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header, options;
    if (!take(&bytes, 20, &header))
        return;
    size_t header_len = 4 * (size_t)(get_u8(header, 0) & 0xf), total_len = get_u16(header, 2),
           missing = 0;
    if (header_len < 20 || !take(&bytes, header_len - 20, &options))
        return;
    if (total_len == 0) /* the sender's network card cuts the packet up later */
        total_len = header_len + bytes.len;
    if (total_len < header_len)
        return;
    if (total_len - header_len > bytes.len)
        missing = total_len - header_len - bytes.len;
    cut(&bytes, total_len - header_len);
    addresses ip = {4, header.data + 12, header.data + 16};
    uint16_t fragment_field = get_u16(header, 6);
    if (fragment_field & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) {
        fragment part = {.offset = 8u * (fragment_field & IPV4_OFFSET_MASK),
                         .more = fragment_field & IPV4_MORE_FRAGMENTS};
        if (missing == 0)
            fragment_add(search, &ip, get_u8(header, 9), get_u16(header, 4), &part, bytes);
        return;
    }
    protocol_add(search, &ip, get_u8(header, 9), bytes, missing);
}

/** RFC 8200 4: passes over the headers between IPv6 and what it carries. False at a fragment, which
 * is kept. */
static bool pass_extension_headers(finder *search, const addresses *ip, uint8_t *next,
                                   tlsfp_span *bytes)
{
    for (;;) {
        tlsfp_span header, rest;
        switch (*next) {
        case PROTOCOL_HOP_BY_HOP:
        case PROTOCOL_ROUTING:
        case PROTOCOL_DESTINATION:
        case PROTOCOL_MOBILITY:
            if (!take(bytes, 8, &header) || !take(bytes, 8 * (size_t)get_u8(header, 1), &rest))
                return false;
            break;
        case PROTOCOL_AUTHENTICATION: /* RFC 4302 2.2 */
            if (!take(bytes, 8, &header) || !take(bytes, 4 * (size_t)get_u8(header, 1), &rest))
                return false;
            break;
        case PROTOCOL_FRAGMENT: {
            if (!take(bytes, 8, &header))
                return false;
            uint16_t field = get_u16(header, 2);
            fragment part = {.offset = field & ~7u, .more = field & IPV6_MORE_FRAGMENTS};
            if (part.offset != 0 || part.more) {
                fragment_add(search, ip, get_u8(header, 0), get_u32(header, 4), &part, *bytes);
                return false;
            }
            break;
        }
        default:
            return true;
        }
        *next = get_u8(header, 0);
    }
}

/** RFC 8200 3. */
static void ipv6_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 40, &header))
        return;
    size_t len = get_u16(header, 4), missing = len > bytes.len ? len - bytes.len : 0;
    if (len > 0) /* 0: a jumbogram, or cut up later by the network card */
        cut(&bytes, len);
    addresses ip = {6, header.data + 8, header.data + 24};
    uint8_t next = get_u8(header, 6);
    if (pass_extension_headers(search, &ip, &next, &bytes))
        protocol_add(search, &ip, next, bytes, missing);
}

void ip_add(finder *search, tlsfp_span bytes)
{
    if (bytes.len == 0 || !enter(search))
        return;
    uint8_t version = get_u8(bytes, 0) >> 4;
    if (version == 4)
        ipv4_add(search, bytes);
    else if (version == 6)
        ipv6_add(search, bytes);
}

/** RFC 3032 2.1; what follows the labels says by its first bits what it is, RFC 4928 3. */
static void mpls_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span label;
    do {
        if (!take(&bytes, 4, &label))
            return;
    } while (!(get_u32(label, 0) & MPLS_BOTTOM));
    if (bytes.len == 0)
        return;
    uint8_t nibble = get_u8(bytes, 0) >> 4;
    if (nibble == 4 || nibble == 6)
        ip_add(search, bytes);
    else if (nibble != 0 || pass(&bytes, 4)) /* a pseudowire, RFC 4448: 0 is a control word's */
        ethernet_add(search, bytes);
}

/** RFC 2516 4. */
static void pppoe_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 6, &header) && get_u8(header, 1) == 0)
        ppp_add(search, bytes);
}

/** draft-foschiano-erspan: an Ethernet frame behind a header of @p len bytes; the last one of
 * ERSPAN III may say more. */
static void erspan_add(finder *search, tlsfp_span bytes, size_t len)
{
    tlsfp_span header;
    if (!take(&bytes, len, &header))
        return;
    if (len == 12 && get_u8(header, 11) & 1 && !pass(&bytes, 8))
        return;
    if (enter(search))
        ethernet_add(search, bytes);
}

void network_add(finder *search, uint16_t ethertype, tlsfp_span bytes)
{
    tlsfp_span tag;
    while (ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
           ethertype == ETHERTYPE_QINQ_OLD) {
        if (!take(&bytes, 4, &tag))
            return;
        ethertype = get_u16(tag, 2);
    }
    switch (ethertype) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
        ip_add(search, bytes);
        break;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        mpls_add(search, bytes);
        break;
    case ETHERTYPE_PPPOE:
        pppoe_add(search, bytes);
        break;
    case ETHERTYPE_PPP:
        ppp_add(search, bytes);
        break;
    case ETHERTYPE_BRIDGED:
        if (enter(search))
            ethernet_add(search, bytes);
        break;
    case ETHERTYPE_ERSPAN_3:
        erspan_add(search, bytes, 12);
        break;
    default:
        break;
    }
}

void gre_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 4, &header))
        return;
    uint16_t flags = get_u16(header, 0), type = get_u16(header, 2);
    bool enhanced = (flags & GRE_VERSION_MASK) == 1;
    size_t more = (flags & (GRE_CHECKSUM | GRE_ROUTING) ? 4u : 0u) + (flags & GRE_KEY ? 4u : 0u) +
                  (flags & GRE_SEQUENCE ? 4u : 0u) +
                  (enhanced && flags & GRE_ACKNOWLEDGMENT ? 4u : 0u);
    if (!pass(&bytes, more))
        return;
    if (type == ETHERTYPE_ERSPAN)
        erspan_add(search, bytes,
                   flags & GRE_SEQUENCE ? 8 : 0); /* type I has no header of its own */
    else
        network_add(search, type, bytes);
}

static bool vxlan_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) || get_u8(header, 0) != 0x08) /* there is a network identifier */
        return false;
    if (enter(search))
        ethernet_add(search, bytes);
    return true;
}

static bool geneve_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) || get_u8(header, 0) >> 6 != 0 ||
        !pass(&bytes, 4 * (size_t)(get_u8(header, 0) & 0x3f)))
        return false;
    network_add(search, get_u16(header, 2), bytes);
    return true;
}

/** 3GPP TS 29.281 5.1 and 5.2. */
static bool gtp_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header, optional;
    if (!take(&bytes, 8, &header) || get_u8(header, 0) >> 4 != 3 || get_u8(header, 1) != 0xff)
        return false;
    if (get_u8(header, 0) & 7) {
        if (!take(&bytes, 4, &optional))
            return false;
        uint8_t next = get_u8(header, 0) & 4 ? get_u8(optional, 3) : 0;
        while (next != 0) { /* extension headers, their lengths in units of 4 bytes */
            tlsfp_span extension;
            if (bytes.len == 0 || get_u8(bytes, 0) == 0 ||
                !take(&bytes, 4 * (size_t)get_u8(bytes, 0), &extension))
                return false;
            next = get_u8(extension, extension.len - 1);
        }
    }
    ip_add(search, bytes);
    return true;
}

/** RFC 4380 5.1.1: authentication and origin may come first. */
static bool teredo_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (bytes.len >= 4 && get_u16(bytes, 0) == 1) {
        if (!take(&bytes, 4, &header) ||
            !pass(&bytes, (size_t)get_u8(header, 2) + get_u8(header, 3) + 9))
            return false;
    }
    if (bytes.len >= 8 && get_u16(bytes, 0) == 0 && !pass(&bytes, 8))
        return false;
    if (bytes.len == 0 || get_u8(bytes, 0) >> 4 != 6)
        return false;
    ip_add(search, bytes);
    return true;
}

bool udp_tunnel_add(finder *search, const ports *ends, tlsfp_span payload)
{
    switch (ends->dst_port) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
        return vxlan_add(search, payload);
    case PORT_GENEVE:
        return geneve_add(search, payload);
    case PORT_GTP_U:
        return gtp_add(search, payload);
    case PORT_TEREDO:
        return teredo_add(search, payload);
    default:
        return ends->src_port == PORT_TEREDO && teredo_add(search, payload);
    }
}
