/* SPDX-License-Identifier: BSD-3-Clause */
/* What a frame's link type puts in front of the network layer:
 * https://www.tcpdump.org/linktypes.html */
#include "find/parts.h"

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

    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    PPP_MPLS = 0x0281,
};

void ppp_add(struct finder *finder, tlsfp_span bytes)
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
        ip_add(finder, bytes);
    else if (protocol == PPP_MPLS)
        network_add(finder, ETHERTYPE_MPLS, bytes);
}

/** A header of @p len bytes with an EtherType @p at bytes into it. */
static void cooked_add(struct finder *finder, tlsfp_span bytes, size_t len, size_t at)
{
    tlsfp_span header;
    if (take(&bytes, len, &header))
        network_add(finder, get_u16(header, at), bytes);
}

bool link_add(struct finder *finder, int link_type, tlsfp_span bytes)
{
    switch (link_type) {
    case LINK_ETHERNET:
        ethernet_add(finder, bytes);
        return true;
    case LINK_NULL:
    case LINK_LOOP: /* an address family, in any byte order; IP itself says its version */
        if (pass(&bytes, 4))
            ip_add(finder, bytes);
        return true;
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
        ip_add(finder, bytes);
        return true;
    case LINK_PPP:
    case LINK_PPP_HDLC:
        ppp_add(finder, bytes);
        return true;
    case LINK_PPPOE:
        network_add(finder, ETHERTYPE_PPPOE, bytes);
        return true;
    case LINK_SLL:
        cooked_add(finder, bytes, 16, 14);
        return true;
    case LINK_SLL2:
        cooked_add(finder, bytes, 20, 0);
        return true;
    case LINK_80211:
        wireless_add(finder, bytes, false);
        return true;
    case LINK_80211_RADIOTAP:
        radiotap_add(finder, bytes);
        return true;
    default:
        return false;
    }
}
