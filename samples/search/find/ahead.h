/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Frames in a row: they are glanced at first, so that what is known of their flows is in the
 * processor's cache when they are looked into. */
#ifndef SEARCH_AHEAD_H
#define SEARCH_AHEAD_H

#include "find/finder.h"

/** What a glance at a frame shows. */
typedef struct {
    uint64_t key;          /**< Of its flow (addresses.h), or one of those below. */
    uint8_t version;       /**< Of IP; likewise below, only with a key. */
    uint16_t addresses_at; /**< Where both stand in the frame, */
    uint16_t payload_at;   /**< and the TCP segment, */
    uint32_t payload_len;  /**< and its length. */
} glance;

/** In place of a flow's key, which is none of these. */
enum {
    KEY_UNKNOWN = 0, /**< The frame has to be opened like any other. */
    KEY_NONE = 4,    /**< Nothing in it matters. */
};

/** Glances at @p n frames. Every finder of a capture sees the same. */
void finder_glance(const struct finder *finder, const frame *frames, size_t n, glance *out);

/** Looks into @p n frames, as finder_add() does into each. */
void finder_add_seen(struct finder *finder, const frame *frames, const glance *seen, size_t n);

/** Likewise; glances at them itself, while that pays: where many connections are new. */
void finder_add_all(struct finder *finder, const frame *frames, size_t n);

#endif
