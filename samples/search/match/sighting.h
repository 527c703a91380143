/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A hello that was found, and those of its fingerprints that were asked for. */
#ifndef SEARCH_SIGHTING_H
#define SEARCH_SIGHTING_H

#include "captures.h"

#include <tlsfp/labels.h>

/** Names of clients: the user's own lists before the one that was installed; either may be NULL. */
typedef struct {
    tlsfp_labels *own, *installed;
} name_lists;

typedef struct {
    const char *file;         /**< The capture, as the user named it; or the interface. */
    const found_hello *found; /**< Borrowed. */
    tlsfp_context *context;   /**< Borrowed. */
    const name_lists *names;  /**< Borrowed; NULL where none are asked for. */
    char ja3[TLSFP_JA3_SIZE]; /**< These are empty until they are asked for. */
    char ja4[TLSFP_JA4_SIZE];
} sighting;

/** @return a sighting of which no fingerprint is computed yet. */
sighting sighting_of(const found_hello *found, const char *file, tlsfp_context *context);

/** The fingerprint, computed when it is asked for first; good as long as @p seen. */
const char *sighting_ja3(sighting *seen);
const char *sighting_ja4(sighting *seen);

/** Appends the value of a kind of ClientHello. */
void sighting_append(sighting *seen, tlsfp_kind kind, GString *out);

#endif
