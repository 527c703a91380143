/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What is known of each direction of each connection: a table of fixed size, in which the newest
 * push out the oldest, and half-seen hellos, which have a limit of their own.
 */
#ifndef SEARCH_FLOWS_H
#define SEARCH_FLOWS_H

#include "find/finder.h"

struct half;

/** One direction of a connection. */
struct flow {
    uint64_t key;      /**< Who to whom; 0 for an unused entry. */
    struct half *half; /**< What has been seen of a hello; NULL when there is nothing to keep. */
    uint64_t id;   /**< QUIC: hash of the version and connection ID under which the client's last
                      hello was whole; or 0. */
    uint32_t next; /**< TCP: the next sequence number. */
    uint32_t used; /**< When, in packets. */
    bool anchored; /**< TCP: next is known. */
};

/** A half-seen hello. Its owner adds to it, and says when its size has changed. */
struct half {
    struct half *older, *newer;
    struct flow *flow;
    bool finished; /**< Nothing is half-seen, but what is known helps with a second hello. */
    size_t memory;
    tlsfp_stream *stream; /**< TCP: records from the start of a hello on. */
    GArray *held;         /**< TCP: segments (pieces.h) that came before those in front of them. */
    tlsfp_dtls *dtls;
    tlsfp_quic *quic;
    uint64_t stream_len; /**< How many bytes stream has had. */
    size_t n_held;       /**< Bytes in held, */
    endpoints held_ends; /**< whose they are, */
    frame held_frame;    /**< and in which frame the last one was. */
};

struct flows;

/** @param memory bytes of half-seen hellos. */
struct flows *flows_new(size_t memory);

void flows_free(struct flows *flows);

/**
 * The entry with that key, made if need be.
 * @param out_new whether it was.
 */
struct flow *flows_get(struct flows *flows, uint64_t key, bool *out_new);

/** The entry with that key, or NULL. */
struct flow *flows_find(struct flows *flows, uint64_t key);

/** The half-seen hello of an entry, made if need be. */
struct half *flows_start_half(struct flows *flows, struct flow *flow);

/** Counts anew what @p changed holds, and drops the oldest others while all hold too much: finished
 * ones first. */
void flows_weigh(struct flows *flows, struct half *changed, bool finished);

/** Frees the half-seen hello of an entry, if there is one. */
void flows_drop_half(struct flows *flows, struct flow *flow);

/** How many half-seen hellos were dropped to stay within the limit. */
uint64_t flows_dropped(const struct flows *flows);

/** The oldest half-seen hello, or NULL. */
struct half *flows_oldest(const struct flows *flows);

#endif
