/* SPDX-License-Identifier: BSD-3-Clause */
/* IP of both versions, down to TCP, UDP and other packets inside. */
#include "find/parts.h"

enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AUTHENTICATION = 51,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_IPIP = 94, /* IP within IP, KA9Q */
    PROTOCOL_ETHERIP = 97,
    PROTOCOL_L2TP = 115,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_UDP_LITE = 136,
    PROTOCOL_MPLS = 137,
    PROTOCOL_ETHERNET = 143, /* RFC 8986 */

    ETHERIP_VERSION = 3,

    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_OFFSET_MASK = 0x1fff, /* in units of 8 bytes */
    IPV6_MORE_FRAGMENTS = 1,
    IPV6_CLASS_AT = 20, /* bits */
    ECN_MASK = 3,
    MAX_PAYLOAD = 0xffff,
};

static void carried_add(struct finder *finder, const addresses *ip, uint8_t protocol,
                        tlsfp_span payload, size_t missing);

static void fragment_add(struct finder *finder, const addresses *ip, uint32_t identification,
                         fragment *part, tlsfp_span payload)
{
    reassembled whole;
    uint8_t protocol = ip->version == 4 ? part->protocol : 0; /* RFC 8200 4.5: not in IPv6 */
    part->version = ip->version;
    part->key = fragments_key(&finder->limits.key, ip, protocol, identification);
    watch(finder, part->key);
    if (!fragments_add(finder->fragments, part, payload, &whole) || !enter(finder))
        return;
    finder->fragments_name = part->key;
    carried_add(finder, ip, whole.protocol, whole.payload, 0);
}

/** RFC 8200 4: whether a header that another one may follow comes next. */
static bool is_extension(uint8_t protocol)
{
    return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING ||
           protocol == PROTOCOL_DESTINATION || protocol == PROTOCOL_MOBILITY ||
           protocol == PROTOCOL_AUTHENTICATION;
}

/** The size of such a header, by its second byte. The unit of AH is shorter, RFC 4302 2.2. */
static size_t extension_len(uint8_t protocol, uint8_t units)
{
    return 8 + (protocol == PROTOCOL_AUTHENTICATION ? 4u : 8u) * units;
}

/** RFC 8200 4.5: a first fragment must hold all headers. */
static bool lacks_headers(uint8_t protocol, tlsfp_span bytes)
{
    enum { TCP_HEADER = 20, UDP_HEADER = 8 };
    size_t at = 0;
    while (is_extension(protocol)) {
        if (at + 2 > bytes.len)
            return false;
        uint8_t next = get_u8(bytes, at);
        at += extension_len(protocol, get_u8(bytes, at + 1));
        protocol = next;
    }
    size_t last = protocol == PROTOCOL_TCP ? TCP_HEADER : protocol == PROTOCOL_UDP ? UDP_HEADER : 1;
    return at + last > bytes.len;
}

/** A Fragment header of IPv6, RFC 8200 4.5, behind @p before bytes of others. True where the packet
 * is whole behind it; else it is kept. */
static bool pass_fragment_header(struct finder *finder, const addresses *ip, size_t before,
                                 size_t missing, uint8_t *next, tlsfp_span *bytes)
{
    tlsfp_span header;
    if (!take(bytes, 8, &header))
        return false;
    *next = get_u8(header, 0);
    uint16_t field = get_u16(header, 2);
    fragment part = {.offset = field & ~7u,
                     .more = field & IPV6_MORE_FRAGMENTS,
                     .protocol = *next,
                     .ecn = finder->ecn,
                     .longest = (uint32_t)(MAX_PAYLOAD - before)};
    if (part.offset == 0 && !part.more)
        return true;
    if (missing == 0 && before < MAX_PAYLOAD && (part.offset > 0 || !lacks_headers(*next, *bytes)))
        fragment_add(finder, ip, get_u32(header, 4), &part, *bytes);
    return false;
}

/** RFC 8200 4: passes over the headers between IP and what it carries. False at a fragment, which
 * is kept. */
static bool pass_extension_headers(struct finder *finder, const addresses *ip, size_t missing,
                                   uint8_t *next, tlsfp_span *bytes)
{
    const size_t len = bytes->len;
    while (*next == PROTOCOL_FRAGMENT || is_extension(*next)) {
        size_t before = len - bytes->len;
        if (*next == PROTOCOL_FRAGMENT) {
            if (!pass_fragment_header(finder, ip, before, missing, next, bytes))
                return false;
            continue;
        }
        const tlsfp_span header = *bytes;
        if (header.len < 2 || !pass(bytes, extension_len(*next, get_u8(header, 1))))
            return false;
        *next = get_u8(header, 0);
    }
    return true;
}

/** RFC 3378: an Ethernet frame behind a version. */
static void etherip_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 2, &header) && get_u8(header, 0) >> 4 == ETHERIP_VERSION)
        ethernet_inside_add(finder, bytes);
}

static void carried_add(struct finder *finder, const addresses *ip, uint8_t protocol,
                        tlsfp_span payload, size_t missing)
{
    if (!pass_extension_headers(finder, ip, missing, &protocol, &payload))
        return;
    switch (protocol) {
    case PROTOCOL_TCP:
        tcp_add(finder, ip, payload, missing);
        break;
    case PROTOCOL_UDP:
        udp_add(finder, ip, payload, missing);
        break;
    case PROTOCOL_UDP_LITE:
        udp_lite_add(finder, ip, payload);
        break;
    case PROTOCOL_SCTP:
        sctp_add(finder, ip, payload);
        break;
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
    case PROTOCOL_IPIP:
        ip_add(finder, payload);
        break;
    case PROTOCOL_GRE:
        gre_add(finder, payload);
        break;
    case PROTOCOL_ETHERIP:
        etherip_add(finder, payload);
        break;
    case PROTOCOL_ETHERNET:
        ethernet_inside_add(finder, payload);
        break;
    case PROTOCOL_MPLS: /* RFC 4023 */
        mpls_add(finder, payload);
        break;
    case PROTOCOL_L2TP: /* RFC 3931 4.1.1: a session identifier; that of control messages is 0 */
        if (payload.len >= 4 && get_u32(payload, 0) != 0 && pass(&payload, 4))
            l2tp3_add(finder, payload);
        break;
    default:
        passed_over(finder, PASSED_PROTOCOL, protocol);
        break;
    }
}

/** RFC 791 3.1. */
static void ipv4_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, options;
    if (!take(&bytes, 20, &header))
        return;
    size_t header_len = 4 * (size_t)(get_u8(header, 0) & 0xf), total_len = get_u16(header, 2),
           missing = 0;
    if (header_len < 20 || !take(&bytes, header_len - 20, &options))
        return;
    if (finder->limits.checksums &&
        !has_right_header_checksum((tlsfp_span){header.data, header_len}))
        return;
    if (total_len == 0) /* segmentation offload: the network card sets it later */
        total_len = header_len + bytes.len;
    if (total_len < header_len)
        return;
    if (total_len - header_len > bytes.len)
        missing = total_len - header_len - bytes.len;
    cut(&bytes, total_len - header_len);
    addresses ip = {4, header.data + 12, header.data + 16};
    uint16_t fragment_field = get_u16(header, 6);
    fragment part = {.offset = 8u * (fragment_field & IPV4_OFFSET_MASK),
                     .more = fragment_field & IPV4_MORE_FRAGMENTS,
                     .protocol = get_u8(header, 9),
                     .ecn = get_u8(header, 1) & ECN_MASK,
                     .longest = (uint32_t)(MAX_PAYLOAD - header_len)};
    if (part.offset > 0 || part.more) {
        if (missing == 0)
            fragment_add(finder, &ip, get_u16(header, 4), &part, bytes);
        return;
    }
    carried_add(finder, &ip, get_u8(header, 9), bytes, missing);
}

/** RFC 8200 3. */
static void ipv6_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 40, &header))
        return;
    size_t len = get_u16(header, 4), missing = len > bytes.len ? len - bytes.len : 0;
    if (len > 0) /* 0: a jumbogram, or segmentation offload */
        cut(&bytes, len);
    finder->ecn = get_u32(header, 0) >> IPV6_CLASS_AT & ECN_MASK;
    addresses ip = {6, header.data + 8, header.data + 24};
    carried_add(finder, &ip, get_u8(header, 6), bytes, missing);
}

void ip_add(struct finder *finder, tlsfp_span bytes)
{
    if (bytes.len == 0 || !enter(finder))
        return;
    uint8_t version = get_u8(bytes, 0) >> 4;
    if (version == 4)
        ipv4_add(finder, bytes);
    else if (version == 6)
        ipv6_add(finder, bytes);
}
