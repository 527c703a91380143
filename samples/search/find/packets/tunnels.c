/* SPDX-License-Identifier: BSD-3-Clause */
/* Tunnels: MPLS, PPPoE, GRE, ERSPAN, and those inside UDP. */
#include "find/parts.h"

enum {
    MAX_NESTING = 8, /* headers that hold another packet */

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

bool enter(struct finder *finder)
{
    if (finder->depth >= MAX_NESTING)
        return false;
    finder->depth++;
    return true;
}

/** RFC 3032 2.1; what follows the labels says by its first bits what it is, RFC 4928 3. */
void mpls_add(struct finder *finder, tlsfp_span bytes)
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
        ip_add(finder, bytes);
    else if (nibble != 0 || pass(&bytes, 4)) /* a pseudowire, RFC 4448: 0 is a control word's */
        ethernet_add(finder, bytes);
}

/** RFC 2516 4. */
void pppoe_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 6, &header) && get_u8(header, 1) == 0)
        ppp_add(finder, bytes);
}

/** draft-foschiano-erspan: an Ethernet frame behind a header of @p len bytes; the last one of
 * ERSPAN III may say more. */
void erspan_add(struct finder *finder, tlsfp_span bytes, size_t len)
{
    tlsfp_span header;
    if (!take(&bytes, len, &header))
        return;
    if (len == 12 && get_u8(header, 11) & 1 && !pass(&bytes, 8))
        return;
    if (enter(finder))
        ethernet_add(finder, bytes);
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
    if (!pass(&bytes, more))
        return;
    if (type == ETHERTYPE_ERSPAN)
        erspan_add(finder, bytes,
                   flags & GRE_SEQUENCE ? 8 : 0); /* type I has no header of its own */
    else
        network_add(finder, type, bytes);
}

static bool vxlan_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) || get_u8(header, 0) != 0x08) /* there is a network identifier */
        return false;
    if (enter(finder))
        ethernet_add(finder, bytes);
    return true;
}

static bool geneve_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header) || get_u8(header, 0) >> 6 != 0 ||
        !pass(&bytes, 4 * (size_t)(get_u8(header, 0) & 0x3f)))
        return false;
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

bool udp_tunnel_add(struct finder *finder, const ports *ends, tlsfp_span payload)
{
    switch (ends->dst_port) {
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
        return vxlan_add(finder, payload);
    case PORT_GENEVE:
        return geneve_add(finder, payload);
    case PORT_GTP_U:
        return gtp_add(finder, payload);
    case PORT_TEREDO:
        return teredo_add(finder, payload);
    default:
        return ends->src_port == PORT_TEREDO && teredo_add(finder, payload);
    }
}
