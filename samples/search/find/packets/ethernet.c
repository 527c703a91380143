/* SPDX-License-Identifier: BSD-3-Clause */
/* Ethernet, LLC, and what EtherTypes announce. */
#include "find/parts.h"

enum {
    MAX_LENGTH_FIELD = 1500, /* an EtherType is larger, IEEE 802.3 3.2.6 */
};

void llc_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span llc;
    if (take(&bytes, 8, &llc) && get_u16(llc, 0) == 0xaaaa && get_u8(llc, 2) == 3)
        network_add(finder, get_u16(llc, 6), bytes);
}

void ethernet_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 14, &header))
        return;
    uint16_t type = get_u16(header, 12);
    if (type > MAX_LENGTH_FIELD)
        network_add(finder, type, bytes);
    else
        llc_add(finder, bytes);
}

void network_add(struct finder *finder, uint16_t ethertype, tlsfp_span bytes)
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
        ip_add(finder, bytes);
        break;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        mpls_add(finder, bytes);
        break;
    case ETHERTYPE_PPPOE:
        pppoe_add(finder, bytes);
        break;
    case ETHERTYPE_PPP:
        ppp_add(finder, bytes);
        break;
    case ETHERTYPE_BRIDGED:
        if (enter(finder))
            ethernet_add(finder, bytes);
        break;
    case ETHERTYPE_ERSPAN_3:
        erspan_add(finder, bytes, 12);
        break;
    default:
        break;
    }
}
