/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * One side's bytes into order, as a Linux server orders them, as far as hellos need it.
 *
 * A flow whose first segment is not in the capture is not anchored: its segments are held until one
 * of them starts a hello, or there are enough to say that none will come before them.
 */
#ifndef SEARCH_ORDER_H
#define SEARCH_ORDER_H

#include "find/streams/pieces.h"
#include "find/streams/segment.h"
#include "find/streams/side.h"

/** Takes a segment's bytes, which may be late, early, or just in time. */
void order_add(const struct side *side, const tcp_segment *segment, size_t missing);

/** Holds bytes for which it is too early. @p room as in pieces_add(). */
void order_keep(const struct side *side, uint32_t seq, tlsfp_span bytes, bool fin, uint32_t room);

/** The piece held in front, or NULL. */
const struct piece *order_first(const struct flow *flow);

/** Takes what is held up to @p seq, and what follows it, as it is, with the frame of the segment
 * that was held last. What @p flow holds must not be empty. */
void order_release(struct finder *finder, struct flow *flow, uint32_t seq);

/** The server has answered: takes the other copy, if there is one. */
void order_take_other_copy(struct finder *finder, struct flow *flow, tlsfp_span answer);

/** Counts anew what the flow keeps; keeps nothing that is empty. */
void order_settle(const struct side *side);

#endif
