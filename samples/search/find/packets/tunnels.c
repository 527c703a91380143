/* SPDX-License-Identifier: BSD-3-Clause */
/* Tunnels: MPLS, PPPoE, GRE, ERSPAN, NSH, L2TP, and those inside UDP. */
#include <string.h>

#include "find/parts.h"

enum {
    MAX_NESTING = 16, /* headers within headers */

    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGMENT = 0x0080, /* RFC 2637 4.1 */
    GRE_VERSION_MASK = 0x0007,

    PORT_L2TP = 1701,        /* RFC 2661, RFC 3931 */
    PORT_AMT = 2268,         /* RFC 7450 */
    PORT_GTP_U = 2152,       /* 3GPP TS 29.281 */
    PORT_TEREDO = 3544,      /* RFC 4380 */
    PORT_LISP = 4341,        /* RFC 9300 */
    PORT_GRE_IN_UDP = 4754,  /* RFC 8086 */
    PORT_VXLAN = 4789,       /* RFC 7348 */
    PORT_VXLAN_GPE = 4790,   /* draft-ietf-nvo3-vxlan-gpe */
    PORT_AYIYA = 5072,       /* draft-massar-v6ops-ayiya */
    PORT_CAPWAP = 5246,      /* RFC 5415 */
    PORT_CAPWAP_DATA = 5247, /* RFC 5415 */
    PORT_GENEVE = 6081,      /* RFC 8926 */
    PORT_MPLS_IN_UDP = 6635, /* RFC 7510 */
    PORT_VXLAN_LINUX = 8472, /* Linux's default from before the port was assigned */
    PORT_SCTP = 9899,        /* RFC 6951 */
    PORT_JUNIPER_MIRROR = 30030,
    PORT_TZSP = 37008,

    AMT_DATA = 6, /* RFC 7450 5.1.6 */

    VXLAN_HAS_NETWORK = 0x08,
    VXLAN_HAS_PROTOCOL = 0x04,

    L2TP_CONTROL = 0x8000, /* RFC 2661 3.1 */
    L2TP_LENGTH = 0x4000,
    L2TP_SEQUENCE = 0x0800,
    L2TP_OFFSET = 0x0200,
    L2TP_VERSION_MASK = 0x000f,
    MAX_L2TP3_HEADER =
        12, /* cookie and sublayer, RFC 3931 4.1: their sizes are agreed beforehand */

    TZSP_ETHERNET = 1,
    TZSP_80211 = 18,
    TZSP_TAG_PADDING = 0,
    TZSP_TAG_END = 1,

    CAPWAP_TYPE_DTLS = 1, /* RFC 5415 4.2 */
    CAPWAP_NATIVE = 0x01, /* T, in the third byte of its header */
    CAPWAP_FRAGMENT = 0x80,
    CAPWAP_LAST = 0x40,
    CAPWAP_RESERVED = 7, /* of the fragment's offset */

    NSH_LENGTH_MASK = 0x3f, /* RFC 8300 2.2 */

    MPLS_BOTTOM = 0x100,
};

bool enter(struct finder *finder)
{
    if (finder->depth >= MAX_NESTING)
        return false;
    finder->depth++;
    return true;
}

void mpls_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span label;
    do {
        if (!take(&bytes, 4, &label))
            return;
    } while (!(get_u32(label, 0) & MPLS_BOTTOM));
    if (bytes.len == 0)
        return;
    uint8_t nibble = get_u8(bytes, 0) >> 4; /* says what follows, RFC 4928 3 */
    if (nibble == 4 || nibble == 6)
        ip_add(finder, bytes);
    else if (nibble != 0 || pass(&bytes, 4)) /* a pseudowire, RFC 4448: 0 is a control word's */
        ethernet_inside_add(finder, bytes);
}

void pppoe_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 6, &header) && get_u8(header, 1) == 0) /* RFC 2516 4: a session's data */
        ppp_add(finder, bytes);
}

void erspan_add(struct finder *finder, tlsfp_span bytes, size_t len)
{
    tlsfp_span header;
    if (!take(&bytes, len, &header))
        return;
    if (len == 12 && get_u8(header, 11) & 1 && !pass(&bytes, 8)) /* ERSPAN III's subheader */
        return;
    ethernet_inside_add(finder, bytes);
}

void gre_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 4, &header))
        return;
    uint16_t flags = get_u16(header, 0), type = get_u16(header, 2);
    bool enhanced = (flags & GRE_VERSION_MASK) == 1;
    size_t more = (flags & (GRE_CHECKSUM | GRE_ROUTING) ? 4u : 0u) + (flags & GRE_KEY ? 4u : 0u) +
                  (flags & GRE_SEQUENCE ? 4u : 0u) +
                  (enhanced && flags & GRE_ACKNOWLEDGMENT ? 4u : 0u);
    tlsfp_span optional;
    if (!take(&bytes, more, &optional))
        return;
    if (flags == GRE_KEY && type == ETHERTYPE_BRIDGED) /* NVGRE, RFC 7637 3.2 */
        note_vni(finder, get_u32(optional, 0) >> 8);
    if (type == ETHERTYPE_ERSPAN)
        erspan_add(finder, bytes,
                   flags & GRE_SEQUENCE ? 8 : 0); /* type I has no header of its own */
    else if (enter(finder))
        network_add(finder, type, bytes);
}

/** What NSH and VXLAN-GPE number alike: RFC 8300 2.2. */
static void numbered_add(struct finder *finder, uint8_t number, tlsfp_span bytes)
{
    switch (number) {
    case 1:
    case 2:
        ip_add(finder, bytes);
        break;
    case 3:
        ethernet_inside_add(finder, bytes);
        break;
    case 4:
        nsh_add(finder, bytes);
        break;
    case 5:
        mpls_add(finder, bytes);
        break;
    default:
        break;
    }
}

void nsh_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span base;
    if (!take(&bytes, 4, &base))
        return;
    size_t len = 4 * (size_t)(get_u8(base, 1) & NSH_LENGTH_MASK);
    if (len >= 4 && pass(&bytes, len - 4) && enter(finder))
        numbered_add(finder, get_u8(base, 3), bytes);
}

/** The other bits of the header are ignored on receipt, RFC 7348 5, but for GPE's. */
static bool vxlan_add(struct finder *finder, uint16_t port, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) || !(get_u8(header, 0) & VXLAN_HAS_NETWORK))
        return false;
    note_vni(finder, get_u32(header, 4) >> 8);
    if (port == PORT_VXLAN_GPE && get_u8(header, 0) & VXLAN_HAS_PROTOCOL)
        numbered_add(finder, get_u8(header, 3), bytes);
    else
        ethernet_inside_add(finder, bytes);
    return true;
}

static bool geneve_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) || get_u8(header, 0) >> 6 != 0 ||
        !pass(&bytes, 4 * (size_t)(get_u8(header, 0) & 0x3f)))
        return false;
    note_vni(finder, get_u32(header, 4) >> 8);
    if (enter(finder))
        network_add(finder, get_u16(header, 2), bytes);
    return true;
}

/** 3GPP TS 29.281 5.1 and 5.2. */
static bool gtp_add(struct finder *finder, tlsfp_span bytes)
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
    if (bytes.len > 0 && get_u8(bytes, 0) >> 4 != 4 && get_u8(bytes, 0) >> 4 != 6)
        ethernet_inside_add(finder, bytes); /* a 5G session of that type */
    else
        ip_add(finder, bytes);
    return true;
}

/** RFC 4380 5.1.1: authentication and origin may come first. */
static bool teredo_add(struct finder *finder, tlsfp_span bytes)
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
    ip_add(finder, bytes);
    return true;
}

/** Whether these bytes look like an IP packet whose length is right. */
static bool looks_like_ip(tlsfp_span bytes)
{
    static const uint8_t headers[] = {4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 60}; /* in IPv6 */
    if (bytes.len >= 20 && get_u8(bytes, 0) == 0x45)
        return get_u16(bytes, 2) >= 20 && get_u16(bytes, 2) <= bytes.len;
    return bytes.len >= 40 && get_u8(bytes, 0) >> 4 == 6 && get_u16(bytes, 4) > 0 &&
           get_u16(bytes, 4) + 40u <= bytes.len &&
           memchr(headers, get_u8(bytes, 6), sizeof headers) != NULL;
}

static bool looks_like_ethernet(tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 14, &header))
        return false;
    uint16_t type = get_u16(header, 12);
    if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6)
        return looks_like_ip(bytes);
    return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_MPLS ||
           type == ETHERTYPE_PPPOE;
}

void l2tp3_add(struct finder *finder, tlsfp_span bytes)
{
    for (size_t skipped = 0; skipped <= MAX_L2TP3_HEADER; skipped += 4) {
        if (looks_like_ethernet(bytes)) {
            ethernet_inside_add(finder, bytes);
            return;
        }
        if (bytes.len >= 4 && get_u16(bytes, 0) == 0xff03) {
            ppp_add(finder, bytes);
            return;
        }
        if (looks_like_ip(bytes)) {
            ip_add(finder, bytes);
            return;
        }
        if (!pass(&bytes, 4))
            return;
    }
}

static bool l2tp_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, offset;
    if (!take(&bytes, 2, &header))
        return false;
    uint16_t flags = get_u16(header, 0);
    unsigned version = flags & L2TP_VERSION_MASK;
    if (flags & L2TP_CONTROL) /* or QUIC, from a client's port of that number */
        return version == 2 || version == 3;
    if (version == 3) { /* RFC 3931 4.1.2 */
        if (pass(&bytes, 6))
            l2tp3_add(finder, bytes);
        return true;
    }
    if (version != 2 ||
        !pass(&bytes, (flags & L2TP_LENGTH ? 6u : 4u) + (flags & L2TP_SEQUENCE ? 4u : 0u)))
        return false;
    if (flags & L2TP_OFFSET && (!take(&bytes, 2, &offset) || !pass(&bytes, get_u16(offset, 0))))
        return false;
    ppp_add(finder, bytes);
    return true;
}

/** TaZmen Sniffer Protocol: a header, tagged fields, and the frame. */
static bool tzsp_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    uint8_t tag = TZSP_TAG_PADDING, len;
    if (!take(&bytes, 4, &header) || get_u8(header, 0) != 1)
        return false;
    while (take_u8(&bytes, &tag) && tag != TZSP_TAG_END)
        if (tag != TZSP_TAG_PADDING && (!take_u8(&bytes, &len) || !pass(&bytes, len)))
            return true;
    if (get_u16(header, 2) == TZSP_ETHERNET)
        ethernet_inside_add(finder, bytes);
    else if (get_u16(header, 2) == TZSP_80211 && enter(finder))
        wireless_add(finder, bytes, false);
    return true;
}

/** RFC 5415 4.3: a fragment's place in its frame, of which all headers are alike. True where the
 * frame is whole. */
static bool capwap_reassemble(struct finder *finder, const ports *ends, tlsfp_span header,
                              tlsfp_span place, tlsfp_span *bytes)
{
    enum { NO_PROTOCOL = 255, LONGEST = 0xffff };
    uint32_t packet = (uint32_t)ends->src_port << 16 | get_u16(place, 0);
    const fragment part = {
        .key = fragments_key(&finder->limits.key, ends->ip, NO_PROTOCOL, packet),
        .offset = get_u16(place, 2) & ~(uint32_t)CAPWAP_RESERVED,
        .more = !(get_u8(header, 3) & CAPWAP_LAST),
        .version = 4,
        .longest = LONGEST,
    };
    reassembled whole;
    watch(finder, part.key);
    if (!fragments_add(finder->fragments, &part, *bytes, &whole))
        return false;
    finder->fragments_name = part.key;
    *bytes = whole.payload;
    return true;
}

/** RFC 5415 4.1: a DTLS record behind 4 bytes, or a frame behind a header. */
static bool capwap_add(struct finder *finder, const ports *ends, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 4, &header))
        return false;
    if (get_u8(header, 0) == CAPWAP_TYPE_DTLS) {
        if (are_ours(finder, ends))
            datagram_add(finder, ends, bytes);
        return true;
    }
    size_t len = 4 * (size_t)(get_u8(header, 1) >> 3);
    bool is_data = ends->dst_port == PORT_CAPWAP_DATA || ends->src_port == PORT_CAPWAP_DATA;
    tlsfp_span place;
    if (!is_data || get_u8(header, 0) != 0 || len < 8 || !take(&bytes, 4, &place) ||
        !pass(&bytes, len - 8))
        return false;
    if (get_u8(header, 3) & CAPWAP_FRAGMENT &&
        !capwap_reassemble(finder, ends, header, place, &bytes))
        return true;
    if (get_u8(header, 2) & CAPWAP_NATIVE) {
        if (enter(finder))
            wireless_add(finder, bytes, false);
    } else
        ethernet_inside_add(finder, bytes);
    return true;
}

static bool behind_add(struct finder *finder, tlsfp_span bytes, size_t size)
{
    if (pass(&bytes, size))
        ip_add(finder, bytes);
    return true;
}

/** Anything In Anything: an identity and a signature of the sizes that the header says. */
static bool ayiya_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) ||
        !pass(&bytes, ((size_t)1 << (get_u8(header, 0) >> 4)) + 4u * (get_u8(header, 1) >> 4)))
        return false;
    if (looks_like_ip(bytes))
        ip_add(finder, bytes);
    return true;
}

/** Tunnels known by one of the two ports. */
static bool port_tunnel_add(struct finder *finder, uint16_t port, const ports *ends,
                            tlsfp_span payload)
{
    switch (port) {
    case PORT_L2TP:
        return l2tp_add(finder, payload);
    case PORT_TEREDO:
        return teredo_add(finder, payload);
    case PORT_AYIYA:
        return ayiya_add(finder, payload);
    case PORT_SCTP:
        sctp_add(finder, ends->ip, payload);
        return true;
    case PORT_CAPWAP:
    case PORT_CAPWAP_DATA:
        return capwap_add(finder, ends, payload);
    default:
        return false;
    }
}

bool udp_tunnel_add(struct finder *finder, const ports *ends, tlsfp_span payload)
{
    switch (ends->dst_port) {
    case PORT_VXLAN:
    case PORT_VXLAN_GPE:
    case PORT_VXLAN_LINUX:
        return vxlan_add(finder, ends->dst_port, payload);
    case PORT_GENEVE:
        return geneve_add(finder, payload);
    case PORT_GTP_U:
        return gtp_add(finder, payload);
    case PORT_LISP:
        return behind_add(finder, payload, 8);
    case PORT_GRE_IN_UDP:
        gre_add(finder, payload);
        return true;
    case PORT_MPLS_IN_UDP:
        mpls_add(finder, payload);
        return true;
    case PORT_TZSP:
        return tzsp_add(finder, payload);
    case PORT_AMT:
        return get_u8(payload, 0) == AMT_DATA && behind_add(finder, payload, 2);
    case PORT_JUNIPER_MIRROR:
        return behind_add(finder, payload, 8);
    default:
        return port_tunnel_add(finder, ends->dst_port, ends, payload) ||
               port_tunnel_add(finder, ends->src_port, ends, payload);
    }
}
