/* SPDX-License-Identifier: BSD-3-Clause */
/* What a frame's link type puts in front of the network layer:
 * https://www.tcpdump.org/linktypes.html */
#include "find/finder_parts.h"

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPPOE = 51,
    LINK_RAW = 101,
    LINK_80211 = 105,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_80211_RADIOTAP = 127,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276,

    MAX_LENGTH_FIELD = 1500, /* an EtherType is larger, IEEE 802.3 3.2.6 */
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    PPP_MPLS = 0x0281,

    /* IEEE 802.11 9.2.4.1, in the order in which the two bytes are sent */
    FC_TYPE_MASK = 0x0c,
    FC_TYPE_DATA = 0x08,
    FC_QOS = 0x80,
    FC_NO_DATA = 0x40,
    FC_TO_DS = 0x01,
    FC_FROM_DS = 0x02,
    FC_PROTECTED = 0x40,
    FC_ORDER = 0x80,
    QOS_AMSDU = 0x80,

    RADIOTAP_TSFT = 1 << 0,
    RADIOTAP_FLAGS = 1 << 1,
    RADIOTAP_MORE = 1u << 31,
    RADIOTAP_FLAG_PADDED = 0x20,
};

/** LLC and SNAP, IEEE 802.2, with an EtherType. */
static void llc_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span llc;
    if (take(&bytes, 8, &llc) && get_u16(llc, 0) == 0xaaaa && get_u8(llc, 2) == 3)
        network_add(search, get_u16(llc, 6), bytes);
}

void ethernet_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 14, &header))
        return;
    uint16_t type = get_u16(header, 12);
    if (type > MAX_LENGTH_FIELD)
        network_add(search, type, bytes);
    else
        llc_add(search, bytes);
}

void ppp_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span field;
    if (bytes.len >= 2 && get_u16(bytes, 0) == 0xff03 && !pass(&bytes, 2)) /* address and control */
        return;
    if (!take(&bytes, 1, &field))
        return;
    uint16_t protocol = get_u8(field, 0);
    if (protocol % 2 == 0) { /* not compressed, RFC 1661 2 */
        if (!take(&bytes, 1, &field))
            return;
        protocol = (uint16_t)(protocol << 8 | get_u8(field, 0));
    }
    if (protocol == PPP_IPV4 || protocol == PPP_IPV6)
        ip_add(search, bytes);
    else if (protocol == PPP_MPLS)
        network_add(search, ETHERTYPE_MPLS, bytes);
}

/** Data frames in the clear. */
static void wireless_add(finder *search, tlsfp_span bytes, bool padded)
{
    tlsfp_span control, rest, qos = {NULL, 0};
    if (!take(&bytes, 24, &control)) /* up to and with the sequence control */
        return;
    uint8_t type = get_u8(control, 0), flags = get_u8(control, 1);
    size_t header_len = 24;
    if ((type & FC_TYPE_MASK) != FC_TYPE_DATA || type & FC_NO_DATA || flags & FC_PROTECTED)
        return;
    if (flags & FC_TO_DS && flags & FC_FROM_DS) {
        if (!pass(&bytes, 6)) /* a fourth address */
            return;
        header_len += 6;
    }
    if (type & FC_QOS) {
        if (!take(&bytes, 2, &qos) || get_u8(qos, 0) & QOS_AMSDU)
            return;
        header_len += 2;
        if (flags & FC_ORDER) {
            if (!pass(&bytes, 4)) /* HT control */
                return;
            header_len += 4;
        }
    }
    if (padded && header_len % 4 != 0 && !take(&bytes, 4 - header_len % 4, &rest))
        return;
    llc_add(search, bytes);
}

/** https://www.radiotap.org: only whether the 802.11 header is padded matters here. */
static void radiotap_add(finder *search, tlsfp_span bytes)
{
    tlsfp_span fixed, header;
    if (bytes.len < 8)
        return;
    fixed = (tlsfp_span){bytes.data, 8};
    uint16_t len = GUINT16_SWAP_LE_BE(get_u16(fixed, 2));
    uint32_t present = GUINT32_SWAP_LE_BE(get_u32(fixed, 4));
    if (!take(&bytes, len, &header) || len < 8)
        return;
    size_t flags_at = 8;
    for (uint32_t more = present; more & RADIOTAP_MORE && flags_at + 4 <= len; flags_at += 4)
        more = GUINT32_SWAP_LE_BE(get_u32(header, flags_at));
    if (present & RADIOTAP_TSFT)
        flags_at = (flags_at + 7) / 8 * 8 + 8;
    bool padded = present & RADIOTAP_FLAGS && flags_at < len &&
                  get_u8(header, flags_at) & RADIOTAP_FLAG_PADDED;
    wireless_add(search, bytes, padded);
}

/** A header of @p len bytes with an EtherType @p at bytes into it. */
static void cooked_add(finder *search, tlsfp_span bytes, size_t len, size_t at)
{
    tlsfp_span header;
    if (take(&bytes, len, &header))
        network_add(search, get_u16(header, at), bytes);
}

bool link_add(finder *search, int link_type, tlsfp_span bytes)
{
    switch (link_type) {
    case LINK_ETHERNET:
        ethernet_add(search, bytes);
        return true;
    case LINK_NULL:
    case LINK_LOOP: /* an address family, in any byte order; IP itself says its version */
        if (pass(&bytes, 4))
            ip_add(search, bytes);
        return true;
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
        ip_add(search, bytes);
        return true;
    case LINK_PPP:
    case LINK_PPP_HDLC:
        ppp_add(search, bytes);
        return true;
    case LINK_PPPOE:
        network_add(search, ETHERTYPE_PPPOE, bytes);
        return true;
    case LINK_SLL:
        cooked_add(search, bytes, 16, 14);
        return true;
    case LINK_SLL2:
        cooked_add(search, bytes, 20, 0);
        return true;
    case LINK_80211:
        wireless_add(search, bytes, false);
        return true;
    case LINK_80211_RADIOTAP:
        radiotap_add(search, bytes);
        return true;
    default:
        return false;
    }
}
