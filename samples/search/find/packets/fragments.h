/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Reassembles IP fragments, RFC 791 3.2 and RFC 8200 4.5, as Linux does (ip_frag_queue(),
 * ip6_frag_queue()): a packet whose fragments overlap, or disagree about its end, is dropped. A few
 * packets at a time are kept; the oldest make room.
 */
#ifndef SEARCH_FRAGMENTS_H
#define SEARCH_FRAGMENTS_H

#include <tlsfp/types.h>

struct fragments;

/** @param memory bytes of half-seen packets. */
struct fragments *fragments_new(size_t memory);

void fragments_free(struct fragments *fragments);

/** One fragment of a packet. */
typedef struct {
    uint64_t key;     /**< Which packet: source, destination and identification. */
    uint32_t offset;  /**< Of its payload in the packet's, in bytes; a multiple of 8. */
    bool more;        /**< Whether it is not the last one. */
    uint8_t version;  /**< Of IP. */
    uint8_t protocol; /**< Of what the packet carries; the first fragment's counts. */
    uint8_t ecn;      /**< Explicit congestion notification, RFC 3168 5. */
    uint32_t longest; /**< Payload of a packet with such a header. */
} fragment;

/** A packet's payload. */
typedef struct {
    tlsfp_span payload; /**< Good until the next call. */
    uint8_t protocol;
} reassembled;

/**
 * Adds a fragment.
 * @param out the packet, once it is whole.
 * @return whether it is.
 */
bool fragments_add(struct fragments *fragments, const fragment *part, tlsfp_span payload,
                   reassembled *out);

/** Half-seen packets dropped to stay within the limits. */
uint64_t fragments_dropped(const struct fragments *fragments);

#endif
