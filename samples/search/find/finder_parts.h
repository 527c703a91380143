/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the parts of a finder share: link.c, network.c, fragments.c, tcp.c and udp.c. */
#ifndef SEARCH_FINDER_PARTS_H
#define SEARCH_FINDER_PARTS_H

#include <tlsfp/reader.h>

#include "find/finder.h"
#include "find/flows.h"
#include "find/fragments.h"

struct finder {
    finder_limits limits;
    void (*found)(const found_hello *, void *data);
    void *data;
    void (*seen)(const frame *, uint64_t connection, void *data); /* or NULL */
    void *seen_data;
    finder_counts counts;
    flows *flows;
    fragments *fragments;
    tlsfp_context *context;
    const frame *packet;     /* at hand */
    int depth;               /* how many headers that hold packets were opened */
    uint64_t fragments_name; /* of those from which the packet in hand was put together, or 0 */
};

/** A transport payload's IP header, as far as it matters. */
typedef struct {
    uint8_t version;          /* 4 or 6 */
    const uint8_t *src, *dst; /* 4 or 16 bytes each */
} addresses;

/** Ports and addresses of a TCP segment or UDP datagram, and the keys of its flow. */
typedef struct {
    const addresses *ip;
    uint16_t src_port, dst_port;
    uint64_t src_hash, dst_hash;
} ports;

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
};

/** Opens the headers of the frame's link type; false where that is not known. */
bool link_add(finder *search, int link_type, tlsfp_span bytes);

/** An Ethernet frame, also one inside a tunnel. */
void ethernet_add(finder *search, tlsfp_span bytes);

/** A PPP frame, RFC 1661 and RFC 1662. */
void ppp_add(finder *search, tlsfp_span bytes);

/** What an EtherType says. */
void network_add(finder *search, uint16_t ethertype, tlsfp_span bytes);

/** An IP packet of either version. */
void ip_add(finder *search, tlsfp_span bytes);

/** GRE, RFC 2784 and RFC 2890; PPTP's, RFC 2637. */
void gre_add(finder *search, tlsfp_span bytes);

/** Looks for tunnels that UDP carries; true where there was one. */
bool udp_tunnel_add(finder *search, const ports *ends, tlsfp_span payload);

/** A TCP segment; @p missing bytes of its end are not in the capture. */
void tcp_add(finder *search, const addresses *ip, tlsfp_span segment, size_t missing);

/** Looks at segments that wait for others as they are. */
void tcp_end(finder *search);

/** A UDP datagram. */
void udp_add(finder *search, const addresses *ip, tlsfp_span datagram);

/** Ports and addresses with their hashes. */
ports ports_of(const addresses *ip, uint16_t src_port, uint16_t dst_port);

/** Tells whoever watches of a packet or fragment. */
static inline void watch(finder *search, uint64_t name)
{
    if (search->seen != NULL)
        search->seen(search->packet, name, search->seen_data);
}

/** The key of the flow in this direction; never 0. */
uint64_t flow_key(const ports *ends, uint8_t protocol);

/** The key of the flow in the other direction. */
uint64_t reverse_key(const ports *ends, uint8_t protocol);

/** The same as the caller sees them. */
endpoints endpoints_of(const finder *search, const ports *ends);

/** Tells the caller of the hello in @p message, if it parses. */
void report(finder *search, const endpoints *ends, tlsfp_span message, tlsfp_transport transport);

enum {
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

#endif
