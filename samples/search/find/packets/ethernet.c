/* SPDX-License-Identifier: BSD-3-Clause */
/* Ethernet, LLC, and what EtherTypes announce. */
#include "find/parts.h"

enum {
    MAX_LENGTH_FIELD = 1500, /* an EtherType is larger, IEEE 802.3 3.2.6 */
    LLC_SNAP = 0xaaaa,
    LLC_IP = 0x0606,
    LLC_UNNUMBERED = 3,

    MACSEC_ENCRYPTED = 0x0c, /* IEEE 802.1AE 9.5: E and C */
    MACSEC_SCI = 0x20,
    MACSEC_CHECK = 16, /* bytes at the end */

    TIMESTAMP_SHORT = 0x20, /* Arista's, in the version: 6 bytes instead of 8 */

    BATMAN_UNICAST = 0x40, /* B.A.T.M.A.N. advanced, version 15 */
    BATMAN_UNICAST_4 = 0x42,

    TRILL_OPTIONS_MASK = 0x07c0, /* RFC 6325 3.2 */
};

/** IEEE 802.2: SNAP with an EtherType, or IP by its own number. */
void llc_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span llc, snap;
    if (!take(&bytes, 3, &llc) || get_u8(llc, 2) != LLC_UNNUMBERED)
        return;
    if (get_u16(llc, 0) == LLC_SNAP && take(&bytes, 5, &snap))
        network_add(finder, get_u16(snap, 3), bytes);
    else if (get_u16(llc, 0) == LLC_IP)
        ip_add(finder, bytes);
}

void ethernet_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 14, &header))
        return;
    uint16_t type = get_u16(header, 12);
    finder->stations = (tlsfp_span){header.data, 12};
    if (type > MAX_LENGTH_FIELD)
        network_add(finder, type, bytes);
    else
        llc_add(finder, bytes);
}

void ethernet_inside_add(struct finder *finder, tlsfp_span bytes)
{
    if (enter(finder))
        ethernet_add(finder, bytes);
}

/** Whether it is a tag of VLANs, IEEE 802.1Q. */
static bool is_vlan(uint16_t type)
{
    return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_QINQ_OLD ||
           type == ETHERTYPE_QINQ_9200 || type == ETHERTYPE_QINQ_9300;
}

/** A tag: what lies between an EtherType and the next one. */
static bool tag_size(uint16_t type, tlsfp_span bytes, size_t *out)
{
    if (is_vlan(type)) {
        *out = 2;
        return true;
    }
    switch (type) {
    case ETHERTYPE_VNTAG:
    case ETHERTYPE_TTAG:
    case ETHERTYPE_HSR:  /* IEC 62439-3 5.6 */
    case ETHERTYPE_RTAG: /* IEEE 802.1CB 7.8 */
        *out = 4;
        return true;
    case ETHERTYPE_ETAG: /* IEEE 802.1BR 7.6 */
        *out = 6;
        return true;
    case ETHERTYPE_TIMESTAMP: /* Arista's: a subtype, a version, and a time */
        if (bytes.len < 4)
            return false;
        *out = 4 + (get_u16(bytes, 2) & TIMESTAMP_SHORT ? 6 : 8);
        return true;
    case ETHERTYPE_CMD: /* Cisco metadata: a version, a length in words, and options */
        if (bytes.len < 2)
            return false;
        *out = 2 + 4 * (size_t)get_u8(bytes, 1);
        return true;
    default:
        return false;
    }
}

/** Passes over tags; false where one is cut. */
static bool pass_tags(struct finder *finder, uint16_t *type, tlsfp_span *bytes)
{
    size_t size;
    tlsfp_span tag, next;
    while (tag_size(*type, *bytes, &size)) {
        if (!take(bytes, size, &tag) || !take(bytes, 2, &next))
            return false;
        if (is_vlan(*type))
            note_vlan(finder, get_u16(tag, 0));
        *type = get_u16(next, 0);
    }
    return true;
}

/** IEEE 802.1AE 9.3, where it only authenticates. */
static void macsec_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, type;
    if (!take(&bytes, 6, &header))
        return;
    uint8_t flags = get_u8(header, 0);
    if (flags & MACSEC_ENCRYPTED) {
        passed_over(finder, PASSED_ETHERTYPE, ETHERTYPE_MACSEC);
        return;
    }
    if ((flags & MACSEC_SCI && !pass(&bytes, 8)) || bytes.len < MACSEC_CHECK)
        return;
    cut(&bytes, bytes.len - MACSEC_CHECK);
    if (take(&bytes, 2, &type) && enter(finder))
        network_add(finder, get_u16(type, 0), bytes);
}

/** RFC 6325 3.2. */
static void trill_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 6, &header) &&
        pass(&bytes, 4 * (size_t)((get_u16(header, 0) & TRILL_OPTIONS_MASK) >> 6)))
        ethernet_inside_add(finder, bytes);
}

/** An Ethernet frame behind @p size bytes. */
static void bridged_add(struct finder *finder, tlsfp_span bytes, size_t size)
{
    if (pass(&bytes, size))
        ethernet_inside_add(finder, bytes);
}

/** A mesh's frame to one station: its header, which may have two addresses, and the frame. */
static void batman_add(struct finder *finder, tlsfp_span bytes)
{
    if (bytes.len > 0 && get_u8(bytes, 0) == BATMAN_UNICAST)
        bridged_add(finder, bytes, 10);
    else if (bytes.len > 0 && get_u8(bytes, 0) == BATMAN_UNICAST_4)
        bridged_add(finder, bytes, 18);
}

/** WCCP version 2 in GRE: a redirect header may come first, whose first byte has two flags. */
static void wccp_add(struct finder *finder, tlsfp_span bytes)
{
    enum { REDIRECT_RESERVED = 0x3f };
    if (bytes.len > 0 && (get_u8(bytes, 0) & REDIRECT_RESERVED) == 0 && !pass(&bytes, 4))
        return;
    ip_add(finder, bytes);
}

void network_add(struct finder *finder, uint16_t ethertype, tlsfp_span bytes)
{
    if (!pass_tags(finder, &ethertype, &bytes))
        return;
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
        ethernet_inside_add(finder, bytes);
        break;
    case ETHERTYPE_ERSPAN_3:
        erspan_add(finder, bytes, 12);
        break;
    case ETHERTYPE_FABRICPATH:
        bridged_add(finder, bytes, 2);
        break;
    case ETHERTYPE_MAC_IN_MAC: /* IEEE 802.1Q 9.7 */
        bridged_add(finder, bytes, 4);
        break;
    case ETHERTYPE_MACSEC:
        macsec_add(finder, bytes);
        break;
    case ETHERTYPE_NSH:
        nsh_add(finder, bytes);
        break;
    case ETHERTYPE_TRILL:
        trill_add(finder, bytes);
        break;
    case ETHERTYPE_JUMBO:
        llc_add(finder, bytes);
        break;
    case ETHERTYPE_WCCP:
        wccp_add(finder, bytes);
        break;
    case ETHERTYPE_BATMAN:
        batman_add(finder, bytes);
        break;
    case ETHERTYPE_CENTRINO:
        if (enter(finder))
            wireless_add(finder, bytes, false);
        break;
    case ETHERTYPE_EAPOL:
    case ETHERTYPE_PREAUTHENTICATION:
        eapol_add(finder, bytes);
        break;
    default:
        passed_over(finder, PASSED_ETHERTYPE, ethertype);
        break;
    }
}
