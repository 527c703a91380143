/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Reassembles IP fragments, RFC 791 3.2 and RFC 8200 4.5. A few packets at a time are kept;
 * the oldest make room. */
#ifndef SEARCH_FRAGMENTS_H
#define SEARCH_FRAGMENTS_H

#include <tlsfp/types.h>

struct fragments;

/** @param memory bytes of half-seen packets. */
struct fragments *fragments_new(size_t memory);

void fragments_free(struct fragments *fragments);

/** One fragment of a packet. */
typedef struct {
    uint64_t key;    /**< Which packet: source, destination, protocol and identification. */
    uint32_t offset; /**< Of its payload in the packet's, in bytes. */
    bool more;       /**< Whether it is not the last one. */
} fragment;

/**
 * Adds a fragment.
 * @param out the whole payload, once it is; good until the next call.
 * @return whether it is.
 */
bool fragments_add(struct fragments *fragments, const fragment *part, tlsfp_span payload,
                   tlsfp_span *out);

/** Half-seen packets dropped to stay within the limits. */
uint64_t fragments_dropped(const struct fragments *fragments);

#endif
