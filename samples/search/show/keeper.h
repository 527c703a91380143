/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Chooses the packets to write: those of the connections in which a hello was found.
 *
 * Where the packets come a second time, once all connections are known, each is written at once or
 * not at all. Where they come once, they wait in a window of fixed size: what has left it when the
 * hello is found is lost.
 */
#ifndef SEARCH_KEEPER_H
#define SEARCH_KEEPER_H

#include "show/dump.h"

typedef struct keeper keeper;

/**
 * @param to where the packets go; stays the caller's.
 * @param window bytes of packets that wait; 0 where the packets come a second time.
 * @return owned by the caller, to be freed with keeper_free().
 */
keeper *keeper_new(dump *to, size_t window);

/** Frees @p packets, without what waits there; NULL is fine. */
void keeper_free(keeper *packets);

/** The packets of this connection, or these fragments, are to be written. */
void keeper_want(keeper *packets, uint64_t connection);

/** Notes that the next packet to be added is of this connection, too: for finder_watch(), with the
 * keeper as its data. */
void keeper_see(const frame *packet, uint64_t connection, void *packets);

/** Adds a packet, after the finder has looked into it. */
void keeper_add(keeper *packets, const frame *packet);

/** Decides on all packets that wait. */
void keeper_end(keeper *packets);

#endif
