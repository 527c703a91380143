/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Finds the ClientHellos in a sequence of frames: opens every header down to TLS, QUIC and
 * DTLS. */
#ifndef SEARCH_FINDER_H
#define SEARCH_FINDER_H

#include "read/frame.h"

#include <tlsfp/hash.h>
#include <tlsfp/tlsfp.h>

enum { MAX_TAGS = 4 }; /**< Kept of each kind. */

/** What tells networks with the same addresses apart, the outermost first. */
typedef struct {
    uint8_t n_vlans, n_vnis;
    uint16_t vlans[MAX_TAGS]; /**< VLAN identifiers, IEEE 802.1Q 9.6. */
    uint32_t vnis[MAX_TAGS];  /**< Of VXLAN, GENEVE and NVGRE. */
} network_tags;

/** Who sent the packet to whom. */
typedef struct {
    uint8_t version;     /**< Of IP: 4 or 6; 0 where there is no IP: EAP over LAN. */
    uint8_t protocol;    /**< 6 for TCP, 17 for UDP. */
    uint8_t src[16];     /**< In network order; the first 4 bytes for IPv4. */
    uint8_t dst[16];     /**< As src. */
    uint16_t src_port;   /**< In host order. */
    uint16_t dst_port;   /**< As src_port. */
    uint64_t connection; /**< The same for both directions of a connection, and practically never
                            the same for two connections. */
    uint64_t
        fragments; /**< Likewise for the IP fragments in which the packet came; 0: it came whole. */
    network_tags tags;
} endpoints;

/** A hello, with the frame in which it was complete. Good until the callback returns. */
typedef struct {
    const frame *frame;
    const endpoints *ends;
    const tlsfp_client_hello *hello;
    const tlsfp_server_hello *answer; /**< NULL where there is none, or answers are not followed. */
    bool is_retry; /**< The client had to send another hello; where answers are not followed, only
                      as far as a cookie says so. */
    bool
        is_overlap; /**< It stands only in bytes that the server did not take; it is not counted. */
} found_hello;

/** Limits and settings of a finder. */
typedef struct {
    size_t memory;      /**< Bytes of half-seen hellos, of all connections together; the oldest are
                           dropped first. */
    size_t max_hello;   /**< Longest hello to reassemble, in bytes. */
    tlsfp_hash_key key; /**< Drawn by the program: strangers choose what the tables are keyed by. */
    bool checksums;     /**< Whether packets with wrong checksums are dropped, as a server drops
                           them; packets captured on their sender often have such (offloading). */
    bool all_copies;    /**< Whether hellos in bytes that the server did not take are found, too. */
    bool answers;       /**< Whether a hello waits for the ServerHello that answers it. */
    unsigned share, n_shares; /**< Which of so many shares of the connections are looked into, where
                                 there are several: see find/share.h. */
} finder_limits;

/** What may announce a packet that is not known here. */
typedef enum { PASSED_ETHERTYPE, PASSED_PROTOCOL } passed_kind;

/** Packets that were not opened, by what announces them. */
typedef struct {
    passed_kind kind;
    uint16_t number; /**< An EtherType or an IP protocol. */
    uint64_t packets;
} passed_packets;

enum { MAX_PASSED = 32 }; /**< Kinds of packets that are counted separately. */

/** What a finder has counted so far. */
typedef struct {
    uint64_t frames;
    uint64_t hellos;
    uint64_t dropped;       /**< Half-seen hellos given up because there was no room left. */
    uint64_t unknown_links; /**< Frames of a link type that is not known here. */
    int unknown_link_type;  /**< The first of these types. */
    passed_packets passed[MAX_PASSED]; /**< The first kinds that came; those without packets are
                                          unused. */
    uint64_t passed_others;            /**< Packets of further kinds. */
    uint64_t ssl2;                     /**< Hellos in SSL 2.0 framing: they have no fingerprint. */
    uint64_t too_long;                 /**< Hellos longer than max_hello. */
    uint64_t cut_hellos; /**< Hellos whose packets were cut when they were captured, */
    size_t cut_len;      /**< and the longest of these packets, as captured. */
} finder_counts;

struct finder;

/**
 * @param context stays the caller's; @p found may use it, too.
 * @param found is called for each hello, in the order in which they become complete.
 * @param data goes to @p found.
 * @return owned by the caller, to be freed with finder_free().
 */
struct finder *finder_new(const finder_limits *limits, tlsfp_context *context,
                          void (*found)(const found_hello *, void *data), void *data);

/** Frees @p finder and what it holds; NULL is fine. */
void finder_free(struct finder *finder);

/**
 * Calls @p seen for every TCP or UDP packet in a frame, with the connection it is of, as endpoints
 * name it, also for the packet around one in a tunnel; and for every IP fragment, with the name of
 * the fragments it is one of.
 */
void finder_watch(struct finder *finder,
                  void (*seen)(const frame *, uint64_t connection, void *data), void *data);

/** Looks into a frame. */
void finder_add(struct finder *finder, const frame *packet);

/** No frame came for a while: hellos that waited long enough for their answers by now are found. */
void finder_tick(struct finder *finder, int64_t now_ns);

/** The last frame has been added: looks at segments that waited for missing ones. */
void finder_end(struct finder *finder);

/** The counts so far. */
finder_counts finder_counted(const struct finder *finder);

#endif
