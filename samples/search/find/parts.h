/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the parts of a finder share: the headers of packets (packets/),
 * and what carries hellos (streams/). */
#ifndef SEARCH_FINDER_PARTS_H
#define SEARCH_FINDER_PARTS_H

#include <tlsfp/reader.h>

#include "find/answers.h"
#include "find/finder.h"
#include "find/packets/addresses.h"
#include "find/packets/fragments.h"
#include "find/share.h"
#include "find/streams/flows.h"
#include "find/streams/hello_hash.h"

struct finder {
    finder_limits limits;
    connection_factors factors;
    hello_hash_key hello_key;
    void (*found)(const found_hello *, void *data);
    void *data;
    void (*seen)(const frame *, uint64_t connection, void *data); /* or NULL */
    void *seen_data;
    finder_counts counts;
    struct flows *flows;
    struct fragments *fragments;
    struct answers *answers; /* NULL where they are not followed */
    tlsfp_context *context;
    const frame *packet;     /* at hand */
    bool looks_ahead;        /* see finder_add_all() */
    uint64_t place;          /* of what is looked into: see finder_place() */
    uint8_t *eap;            /* in which EAP messages are reassembled, or NULL */
    tlsfp_span stations;     /* the last Ethernet header's addresses */
    int depth;               /* how many headers that hold packets were opened */
    uint64_t fragments_name; /* of the fragments that make up the packet, or 0 */
    uint8_t protocol;        /* of the segment or datagram at hand */
    uint8_t ecn;             /* of the IPv6 packet at hand */
    network_tags tags;       /* of the packet at hand */
};

/** EtherTypes, IEEE 802 numbers. */
enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE = 0x8864,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_QINQ_OLD = 0x9100,
    ETHERTYPE_BRIDGED = 0x6558,
    ETHERTYPE_ERSPAN = 0x88be,
    ETHERTYPE_ERSPAN_3 = 0x22eb,
    ETHERTYPE_PPP = 0x880b,
    ETHERTYPE_QINQ_9200 = 0x9200,
    ETHERTYPE_QINQ_9300 = 0x9300,
    ETHERTYPE_TRILL = 0x22f3,
    ETHERTYPE_JUMBO = 0x8870,
    ETHERTYPE_WCCP = 0x883e,
    ETHERTYPE_EAPOL = 0x888e,
    ETHERTYPE_MACSEC = 0x88e5,
    ETHERTYPE_MAC_IN_MAC = 0x88e7,
    ETHERTYPE_FABRICPATH = 0x8903,
    ETHERTYPE_CMD = 0x8909,
    ETHERTYPE_VNTAG = 0x8926,
    ETHERTYPE_HSR = 0x892f,
    ETHERTYPE_ETAG = 0x893f,
    ETHERTYPE_NSH = 0x894f,
    ETHERTYPE_TTAG = 0x8988,
    ETHERTYPE_CENTRINO = 0x2452,
    ETHERTYPE_BATMAN = 0x4305,
    ETHERTYPE_PREAUTHENTICATION = 0x88c7,
    ETHERTYPE_TIMESTAMP = 0xd28b,
    ETHERTYPE_RTAG = 0xf1c1,
};

/** Opens the headers of an Ethernet frame as most are; false where that takes the long way
 * (link_add). */
bool plain_add(struct finder *finder, tlsfp_span bytes);

/** Opens the headers of the frame's link type; false where that is not known. */
bool link_add(struct finder *finder, int link_type, tlsfp_span bytes);

/** Counts a packet that is not opened. */
void passed_over(struct finder *finder, passed_kind kind, uint16_t number);

/** An Ethernet frame inside another header. */
void ethernet_inside_add(struct finder *finder, tlsfp_span bytes);

/** A Network Service Header, RFC 8300. */
void nsh_add(struct finder *finder, tlsfp_span bytes);

/** L2TP version 3 behind its session identifier, RFC 3931. */
void l2tp3_add(struct finder *finder, tlsfp_span bytes);

/** An EAP over LAN packet, IEEE 802.1X. */
void eapol_add(struct finder *finder, tlsfp_span bytes);

/** An EAP packet between stations, RFC 3748. */
void eap_frame_add(struct finder *finder, tlsfp_span bytes);

/** An Ethernet frame. */
void ethernet_add(struct finder *finder, tlsfp_span bytes);

/** An IEEE 802.11 frame; @p padded where its header is padded to 4 bytes. */
void wireless_add(struct finder *finder, tlsfp_span bytes, bool padded);

/** An IEEE 802.11 frame behind a radiotap header, https://www.radiotap.org. */
void radiotap_add(struct finder *finder, tlsfp_span bytes);

/** A PPP frame, RFC 1661 and RFC 1662. */
void ppp_add(struct finder *finder, tlsfp_span bytes);

/** LLC, IEEE 802.2. */
void llc_add(struct finder *finder, tlsfp_span bytes);

/** What an EtherType announces. */
void network_add(struct finder *finder, uint16_t ethertype, tlsfp_span bytes);

/** An IP packet of either version. */
void ip_add(struct finder *finder, tlsfp_span bytes);

/** Counts one more packet within a packet; false where they are nested too deep. */
bool enter(struct finder *finder);

/** Notes a VLAN's tag control information, IEEE 802.1Q 9.6. */
void note_vlan(struct finder *finder, uint16_t control);

/** Notes the identifier of a virtual network. */
void note_vni(struct finder *finder, uint32_t vni);

/** A stack of MPLS labels, RFC 3032. */
void mpls_add(struct finder *finder, tlsfp_span bytes);

/** PPP over Ethernet, RFC 2516. */
void pppoe_add(struct finder *finder, tlsfp_span bytes);

/** ERSPAN, draft-foschiano-erspan: an Ethernet frame behind a header of @p len bytes. */
void erspan_add(struct finder *finder, tlsfp_span bytes, size_t len);

/** GRE, RFC 2784 and RFC 2890; PPTP's, RFC 2637. */
void gre_add(struct finder *finder, tlsfp_span bytes);

/** Looks for tunnels that UDP carries; true where there was one. */
bool udp_tunnel_add(struct finder *finder, const ports *ends, tlsfp_span payload);

/** Whether a TCP segment says nothing: most acknowledgments. */
bool tcp_is_silent(tlsfp_span bytes, size_t missing);

/** A TCP segment; @p missing bytes of its end are not in the capture. */
void tcp_add(struct finder *finder, const addresses *ip, tlsfp_span segment, size_t missing);

/** Looks at segments that wait for others as they are. */
void tcp_end(struct finder *finder);

/** Likewise a whole one that is not silent, of the finder's share, where its flow's key is known,
 * nobody watches, and answers and checksums do not matter. */
void tcp_add_known(struct finder *finder, const addresses *ip, tlsfp_span segment, uint64_t key);

/** A UDP datagram; @p missing bytes of its end are not in the capture. */
void udp_add(struct finder *finder, const addresses *ip, tlsfp_span datagram, size_t missing);

/** A datagram of UDP-Lite, RFC 3828. */
void udp_lite_add(struct finder *finder, const addresses *ip, tlsfp_span datagram);

/** An SCTP packet, RFC 9260. */
void sctp_add(struct finder *finder, const addresses *ip, tlsfp_span packet);

/** What a UDP datagram carries: QUIC, DTLS, or protocols around them. */
void datagram_add(struct finder *finder, const ports *ends, tlsfp_span payload);

/** Tells the watcher, if there is one, of a packet or fragment. */
static inline void watch(struct finder *finder, uint64_t name)
{
    if (finder->seen != NULL)
        finder->seen(finder->packet, name, finder->seen_data);
}

/** Likewise of the packet at hand, by its connection. */
static inline void watch_connection(struct finder *finder, const ports *ends)
{
    if (finder->seen != NULL)
        watch(finder, connection_of(flow_key(&finder->factors, ends, finder->protocol)));
}

/** Whether a connection, or what is numbered like one, is in the finder's share. */
static inline bool is_in_share(const struct finder *finder, uint64_t connection)
{
    return finder->limits.n_shares <= 1 ||
           share_of(connection, finder->limits.n_shares) == finder->limits.share;
}

/** Likewise, at a new place: every finder of a capture asks at the same ones of a frame. */
static inline bool is_ours(struct finder *finder, uint64_t connection)
{
    finder->place++;
    return is_in_share(finder, connection);
}

/** Likewise by the ends of the packet at hand. */
static inline bool are_ours(struct finder *finder, const ports *ends)
{
    uint64_t key =
        finder->limits.n_shares > 1 ? flow_key(&finder->factors, ends, finder->protocol) : 0;
    return is_ours(finder, connection_of(key));
}

/** The same as the caller sees them. */
endpoints endpoints_of(const struct finder *finder, const ports *ends);

/** Tells the caller of the hello in @p message, if it parses, now or once it is answered. */
void report(struct finder *finder, struct flow *flow, const endpoints *ends, tlsfp_span message,
            tlsfp_transport transport);

/** Tells the caller of a hello that did not count. */
void report_overlap(struct finder *finder, const endpoints *ends, tlsfp_span message);

/** Whether a hello waits for what the sender of the packet says. */
bool is_answer_due(const struct finder *finder, const endpoints *ends);

/** Takes the ServerHello in @p message as the answer to the hello that waits for it. */
void take_answer(struct finder *finder, const endpoints *ends, tlsfp_span message,
                 tlsfp_transport transport);

/** The connection is over, or starts anew: its hellos wait no longer. @p client: the packet is the
 * client's. */
void end_answers(struct finder *finder, const endpoints *ends, bool client);

enum {
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_SCTP = 132,

    LINK_ETHERNET = 1, /* LINKTYPE_ETHERNET */
};

#endif
