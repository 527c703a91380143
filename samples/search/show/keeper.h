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

#include <tlsfp/hash.h>

#include "show/dump.h"

typedef struct packet_keeper packet_keeper;

typedef struct {
    size_t memory; /**< Bytes for the connections, and for the window. */
    bool once;     /**< The packets come once: they wait in a window. */
    bool at_once; /**< Packets that wait are written as soon as their connection is wanted, ahead of
                     earlier ones of other connections. */
} keeper_options;

/**
 * @param to where the packets go; stays the caller's.
 * @return owned by the caller, to be freed with keeper_free().
 */
packet_keeper *keeper_new(dump_file *to, const tlsfp_hash_key *key, const keeper_options *options);

/** Frees @p keeper, without what waits there; NULL is fine. */
void keeper_free(packet_keeper *keeper);

/** The packets of this connection, or these fragments, are to be written. */
void keeper_want(packet_keeper *keeper, uint64_t connection);

/** Notes that the next packet to be added is of this connection, too: for finder_watch(), with the
 * keeper as its data. */
void keeper_see(const frame *packet, uint64_t connection, void *keeper);

/** Adds a packet, after the finder has looked into it. */
void keeper_add(packet_keeper *keeper, const frame *packet);

/** Decides on all packets that still wait. */
void keeper_end(packet_keeper *keeper);

/** How many connections were forgotten for want of memory. */
uint64_t keeper_forgotten(const packet_keeper *keeper);

#endif
