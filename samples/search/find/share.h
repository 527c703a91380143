/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * One capture searched by several finders, each of which looks into the connections of its share
 * (finder_limits). All of them have the same key, and get the same frames in the same order.
 */
#ifndef SEARCH_SHARE_H
#define SEARCH_SHARE_H

#include "find/finder.h"

enum { PLACE_BITS = 20 }; /**< Of a place: the part of a frame; above is the frame's number. */

/** The share of a connection, as endpoints name it, by bits that tables do not look at first. */
static inline unsigned share_of(uint64_t connection, unsigned n_shares)
{
    enum { TOP = 29 };
    return (unsigned)((uint64_t)(uint32_t)(connection >> TOP) * n_shares >> 32);
}

/** The place behind all of a frame. */
static inline uint64_t place_behind(const frame *packet)
{
    return (packet->number + 1) << PLACE_BITS;
}

/** Where the finder is in the capture: of two hellos, that with the lower number comes first,
 * whosever share they are in. */
uint64_t finder_place(const struct finder *finder);

#endif
