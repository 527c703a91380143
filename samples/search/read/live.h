/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Packets from network interfaces, as they come. */
#ifndef SEARCH_LIVE_H
#define SEARCH_LIVE_H

#include "read/frame.h"

typedef struct {
    const GPtrArray *interfaces; /**< Of char *; borrowed. */
    const char *filter;          /**< In pcap-filter(7)'s language, or NULL. */
    const char *user;            /**< User to become once the interfaces are open, or NULL. */
    uint64_t max_packets;        /**< 0: no limit. */
    size_t buffer;               /**< Bytes that the kernel keeps of each interface. */
    unsigned n_parts;            /**< Threads among which the kernel deals packets out, by
                                    connection; at least 1. */
    /** Called for each packet, by the thread of one part: whether to go on. */
    bool (*each)(const frame *packet, void *data);
    void (*idle)(void *data); /**< Called when none come for a moment; or NULL. */
} live_options;

/** As the kernel counts. */
typedef struct {
    uint64_t packets;
    uint64_t dropped; /**< Packets for which it had no room, or the interface none. */
} live_counts;

#define LIVE_ERROR (live_error_quark())
GQuark live_error_quark(void);

struct live;

/**
 * Opens the interfaces, sets the filter, and drops privileges.
 * @return owned by the caller, to be freed with live_close(); NULL with @p error set, whose message
 * says what to do.
 */
struct live *live_open(const live_options *options, GError **error);

/** Frees @p live; NULL is fine. */
void live_close(struct live *live);

/** How many parts there are: 1 where the system does not deal packets out. */
unsigned live_parts(const struct live *live);

/**
 * Calls the options' each for every packet until it returns false, SIGINT, SIGTERM or SIGHUP comes,
 * or there were enough.
 * @param data what the calls for each part get; one for each.
 * @return false with @p error set where an interface fails, e.g. goes down.
 */
bool live_run(struct live *live, void *const *data, live_counts *out, GError **error);

#endif
