/* SPDX-License-Identifier: BSD-3-Clause */
/* What a frame's link type puts in front of the network layer:
 * https://www.tcpdump.org/linktypes.html. The manual page lists which are known. */
#include <string.h>

#include "find/parts.h"

enum {
    PPP_IPV4 = 0x0021,
    PPP_BRIDGING = 0x0031,  /* RFC 3518 */
    PPP_MULTILINK = 0x003d, /* RFC 1990 */
    PPP_IPV6 = 0x0057,
    PPP_MPLS = 0x0281,
    PPP_MPLS_MULTICAST = 0x0283,
    PPP_EAP = 0xc227,
    MULTILINK_WHOLE = 0xc0, /* the first fragment, and the last one */
    BRIDGING_ETHERNET = 1,
    BRIDGING_LAN_ID = 0x40,

    MIN_ETHERTYPE = 0x0600,
    COOKED_LLC = 4, /* Linux's ETH_P_802_2 */

    NFLOG_PAYLOAD = 9,
    PKTAP_PACKET = 1,
    NLPID_SNAP = 0x80, /* RFC 2427 */
    NLPID_IPV4 = 0xcc,
    NLPID_IPV6 = 0x8e,

    ERF_TYPE_MASK = 0x7f,
    ERF_EXTENSION = 0x80,

    JUNIPER_EXTENSIONS = 0x80,
    JUNIPER_NO_L2 = 0x02,

    DOCSIS_PACKET_MASK = 0xc0,
    DOCSIS_EXTENDED = 0x01,
};

void ppp_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span field, bridging;
    if (!enter(finder) || (bytes.len >= 2 && get_u16(bytes, 0) == 0xff03 &&
                           !pass(&bytes, 2))) /* address and control */
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
    else if (protocol == PPP_MPLS || protocol == PPP_MPLS_MULTICAST)
        mpls_add(finder, bytes);
    else if (protocol == PPP_EAP)
        eap_frame_add(finder, bytes);
    else if (protocol == PPP_MULTILINK && take(&bytes, 4, &field) &&
             (get_u8(field, 0) & MULTILINK_WHOLE) == MULTILINK_WHOLE)
        ppp_add(finder, bytes);
    else if (protocol == PPP_BRIDGING && take(&bytes, 2, &bridging) &&
             get_u8(bridging, 1) == BRIDGING_ETHERNET &&
             (!(get_u8(bridging, 0) & BRIDGING_LAN_ID) || pass(&bytes, 4)))
        ethernet_inside_add(finder, bytes);
}

/** What the type says, which is an EtherType, or one of Linux's own. */
static void typed_add(struct finder *finder, uint16_t type, tlsfp_span bytes)
{
    if (type >= MIN_ETHERTYPE)
        network_add(finder, type, bytes);
    else if (type == COOKED_LLC)
        llc_add(finder, bytes);
}

/** An EtherType, at the end of the header in front. */
static void ethertype_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span type;
    if (take(&bytes, 2, &type))
        typed_add(finder, get_u16(type, 0), bytes);
}

/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html: the EtherType comes first. */
static void sll2_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 20, &header))
        typed_add(finder, get_u16(header, 0), bytes);
}

static void unpadded_wireless_add(struct finder *finder, tlsfp_span bytes)
{
    wireless_add(finder, bytes, false);
}

static uint16_t get_little_u16(tlsfp_span bytes, size_t at)
{
    return GUINT16_SWAP_LE_BE(get_u16(bytes, at));
}

static uint32_t get_little_u32(tlsfp_span bytes, size_t at)
{
    return GUINT32_SWAP_LE_BE(get_u32(bytes, at));
}

/** Per-packet information: a header with the link type of what follows. */
static void ppi_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 8, &header))
        return;
    uint16_t len = get_little_u16(header, 2);
    if (len >= 8 && pass(&bytes, len - 8u) && enter(finder))
        (void)link_add(finder, (int)get_little_u32(header, 4), bytes);
}

/** Apple's PKTAP; its numbers are little-endian. */
static void pktap_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 12, &header))
        return;
    uint32_t len = get_little_u32(header, 0);
    if (len >= 12 && pass(&bytes, len - 12) && get_little_u32(header, 4) == PKTAP_PACKET &&
        enter(finder))
        (void)link_add(finder, (int)get_little_u32(header, 8), bytes);
}

/** OpenBSD's PF log: the first byte is the length of the header, without its padding. */
static void pflog_add(struct finder *finder, tlsfp_span bytes)
{
    if (bytes.len > 0 && pass(&bytes, (get_u8(bytes, 0) + 3u) & ~3u))
        ip_add(finder, bytes);
}

/** NFLOG: attributes, whose numbers have the byte order of the capturing machine. */
static void nflog_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, value;
    if (!pass(&bytes, 4))
        return;
    while (take(&bytes, 4, &header)) {
        bool little = get_little_u16(header, 0) >= 4 && get_little_u16(header, 0) <= bytes.len + 4;
        uint16_t len = little ? get_little_u16(header, 0) : get_u16(header, 0);
        uint16_t type = little ? get_little_u16(header, 2) : get_u16(header, 2);
        if (len < 4 || !take(&bytes, len - 4u, &value))
            return;
        if ((type & 0x7fff) == NFLOG_PAYLOAD) {
            ip_add(finder, value);
            return;
        }
        (void)take_up_to(&bytes, -len & 3u);
    }
}

/** RFC 2427: Q.922 addresses of two bytes, control, NLPID; Cisco's has an EtherType instead. */
static void frame_relay_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, nlpid;
    if (!take(&bytes, 4, &header))
        return;
    if (get_u8(header, 2) != 3) {
        network_add(finder, get_u16(header, 2), bytes);
        return;
    }
    uint8_t number = get_u8(header, 3);
    if (number == 0 && take(&bytes, 1, &nlpid)) /* padding */
        number = get_u8(nlpid, 0);
    if (number == NLPID_IPV4 || number == NLPID_IPV6)
        ip_add(finder, bytes);
    else if (number == NLPID_SNAP && take(&bytes, 5, &nlpid))
        network_add(finder, get_u16(nlpid, 3), bytes);
}

/** Endace's extensible records. */
static void erf_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, extension;
    if (!take(&bytes, 16, &header))
        return;
    uint8_t type = get_u8(header, 8), more = type;
    while (more & ERF_EXTENSION) {
        if (!take(&bytes, 8, &extension))
            return;
        more = get_u8(extension, 0);
    }
    switch (type & ERF_TYPE_MASK) {
    case 2:  /* Ethernet */
    case 11: /* Ethernet, colored */
    case 16: /* Ethernet, by a DSM */
    case 20: /* Ethernet, colored, hashed */
        if (pass(&bytes, 2))
            ethernet_add(finder, bytes);
        break;
    case 22: /* IPv4 */
    case 23: /* IPv6 */
        ip_add(finder, bytes);
        break;
    default:
        break;
    }
}

/** A cable modem's frame around Ethernet, DOCSIS MULPI 6.2. */
static void docsis_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 6, &header) || get_u8(header, 0) & DOCSIS_PACKET_MASK)
        return;
    if (!(get_u8(header, 0) & DOCSIS_EXTENDED) || pass(&bytes, get_u8(header, 1)))
        ethernet_inside_add(finder, bytes);
}

/** Token Ring: a source route may follow the addresses, IEEE 802.5. */
static void token_ring_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 14, &header))
        return;
    bool is_routed = get_u8(header, 8) & 0x80 && bytes.len > 0;
    if (!is_routed || pass(&bytes, get_u8(bytes, 0) & 0x1f))
        llc_add(finder, bytes);
}

/** Juniper's header, with extensions or not; without layer 2 an address family follows. */
static bool pass_juniper_header(struct finder *finder, tlsfp_span *bytes)
{
    tlsfp_span header, len;
    if (!take(bytes, 4, &header) || memcmp(header.data, "MGC", 3) != 0)
        return false;
    uint8_t flags = get_u8(header, 3);
    if (flags & JUNIPER_EXTENSIONS && (!take(bytes, 2, &len) || !pass(bytes, get_u16(len, 0))))
        return false;
    if (!(flags & JUNIPER_NO_L2))
        return enter(finder);
    if (pass(bytes, 4))
        ip_add(finder, *bytes);
    return false;
}

static void juniper_ethernet_add(struct finder *finder, tlsfp_span bytes)
{
    if (pass_juniper_header(finder, &bytes))
        ethernet_add(finder, bytes);
}

static void juniper_ppp_add(struct finder *finder, tlsfp_span bytes)
{
    if (pass_juniper_header(finder, &bytes))
        ppp_add(finder, bytes);
}

static void juniper_frame_relay_add(struct finder *finder, tlsfp_span bytes)
{
    if (pass_juniper_header(finder, &bytes))
        frame_relay_add(finder, bytes);
}

static void juniper_chdlc_add(struct finder *finder, tlsfp_span bytes)
{
    if (pass_juniper_header(finder, &bytes) && pass(&bytes, 2))
        ethertype_add(finder, bytes);
}

/** Symantec's firewalls: an EtherType within 44 bytes. */
static void symantec_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 44, &header))
        network_add(finder, get_u16(header, 6), bytes);
}

/** IP over InfiniBand, RFC 4391 6: an EtherType, and two bytes. */
static void ipoib_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (take(&bytes, 4, &header))
        network_add(finder, get_u16(header, 0), bytes);
}

/** A switch's tag between the addresses and the EtherType. */
static void tagged_add(struct finder *finder, tlsfp_span bytes, size_t tag)
{
    tlsfp_span type;
    if (pass(&bytes, 12 + tag) && take(&bytes, 2, &type))
        network_add(finder, get_u16(type, 0), bytes);
}

/** Broadcom's and Marvell's switches: a tag of 4 bytes. */
static void tagged_4_add(struct finder *finder, tlsfp_span bytes)
{
    tagged_add(finder, bytes, 4);
}

/** Marvell's, with an EtherType of its own: 8 bytes. */
static void tagged_8_add(struct finder *finder, tlsfp_span bytes)
{
    tagged_add(finder, bytes, 8);
}

typedef struct {
    int link_type;
    size_t header;                             /* bytes in front */
    void (*then)(struct finder *, tlsfp_span); /* opens what follows them */
} link_layout;

static const link_layout links[] = {
    {0, 4, ip_add}, /* NULL: an address family, in any byte order; IP itself says its version */
    {1, 0, ethernet_add},
    {6, 0, token_ring_add},
    {8, 16, ip_add}, /* SLIP */
    {9, 0, ppp_add},
    {10, 13, llc_add}, /* FDDI */
    {12, 0, ip_add},   /* RAW, as BSD numbers it */
    {14, 0, ip_add},   /* RAW, as OpenBSD numbers it */
    {50, 0, ppp_add},  /* PPP_HDLC */
    {51, 0, pppoe_add},
    {99, 0, symantec_add},
    {100, 0, llc_add}, /* ATM_RFC1483 */
    {101, 0, ip_add},
    {104, 2, ethertype_add}, /* C_HDLC */
    {105, 0, unpadded_wireless_add},
    {106, 0, ip_add}, /* ATM_CLIP */
    {107, 0, frame_relay_add},
    {108, 4, ip_add},  /* LOOP */
    {109, 12, ip_add}, /* ENC */
    {113, 14, ethertype_add},
    {117, 0, pflog_add},
    {119, 144, unpadded_wireless_add}, /* PRISM_HEADER */
    {122, 16, llc_add},                /* IP_OVER_FC */
    {123, 4, llc_add},                 /* SUNATM */
    {127, 0, radiotap_add},
    {138, 16, ethertype_add}, /* APPLE_IP_OVER_IEEE1394 */
    {143, 0, docsis_add},
    {163, 64, unpadded_wireless_add}, /* IEEE802_11_AVS */
    {166, 2, ppp_add}, /* PPP_PPPD: a direction, and what stands for address and control */
    {178, 0, juniper_ethernet_add},
    {179, 0, juniper_ppp_add},
    {180, 0, juniper_frame_relay_add},
    {181, 0, juniper_chdlc_add},
    {192, 0, ppi_add},
    {197, 0, erf_add},
    {204, 1, ppp_add}, /* PPP_WITH_DIR */
    {205, 3, ethertype_add},
    {206, 1, frame_relay_add},
    {219, 0, mpls_add},
    {226, 24, ip_add}, /* IPNET */
    {228, 0, ip_add},
    {229, 0, ip_add},
    {239, 0, nflog_add},
    {240, 4, ethernet_add},  /* NETANALYZER */
    {241, 12, ethernet_add}, /* NETANALYZER_TRANSPARENT: and a preamble */
    {242, 40, ipoib_add},
    {258, 0, pktap_add},
    {274, 8, ethernet_add}, /* ETHERNET_MPACKET */
    {276, 0, sll2_add},
    {281, 0, tagged_4_add}, /* DSA_TAG_BRCM */
    {282, 4, ethernet_add}, /* DSA_TAG_BRCM_PREPEND */
    {284, 0, tagged_4_add}, /* DSA_TAG_DSA */
    {285, 0, tagged_8_add}, /* DSA_TAG_EDSA */
};

/** By binary search: the table is in order. */
static const link_layout *find_layout(int link_type)
{
    size_t low = 0, high = G_N_ELEMENTS(links);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (links[middle].link_type == link_type)
            return &links[middle];
        if (links[middle].link_type < link_type)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool link_add(struct finder *finder, int link_type, tlsfp_span bytes)
{
    if (link_type == LINK_ETHERNET) {
        ethernet_add(finder, bytes);
        return true;
    }
    const link_layout *layout = find_layout(link_type);
    if (layout != NULL && pass(&bytes, layout->header))
        layout->then(finder, bytes);
    return layout != NULL;
}
