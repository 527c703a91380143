/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Hellos in copies of a stream that the server did not take: segments that overlap others,
 * with other bytes. Kept where they are asked for only. */
#ifndef SEARCH_COPIES_H
#define SEARCH_COPIES_H

#include "find/streams/segment.h"
#include "find/streams/side.h"

struct copies;

/** Keeps a segment if it starts a hello, or goes on with one, whether or not a server takes it. */
void copies_add(const struct side *side, const tcp_segment *segment);

/** Tells of hellos that stand only in a copy that did not count: what counts is known by now, or
 * @p at_end. */
void copies_tell(struct finder *finder, struct flow *flow, bool at_end);

/** Whether a hello may still have to be told. */
bool copies_wait(const struct copies *copies);

/** Frees @p copies; NULL is fine. */
void copies_free(struct copies *copies);

/** Bytes of memory that @p copies holds. */
size_t copies_memory(const struct copies *copies);

#endif
