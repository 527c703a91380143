/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A hello that was found, and those of its fingerprints that somebody options for. */
#ifndef SEARCH_SIGHTING_H
#define SEARCH_SIGHTING_H

#include "captures.h"

#include <tlsfp/labels.h>

/** The parts of a JA4: where each starts, and how long it is. */
enum {
    JA4_A_AT = 0,
    JA4_A_LEN = 10,
    JA4_B_AT = JA4_A_AT + JA4_A_LEN + 1,
    JA4_B_LEN = 12,
    JA4_C_AT = JA4_B_AT + JA4_B_LEN + 1,
    JA4_C_LEN = 12,
    JA4_LEN = TLSFP_JA4_SIZE - 1,
    JA3_LEN = TLSFP_JA3_SIZE - 1,
};

typedef struct {
    const char *file;           /**< The capture, as the user named it; or the interface. */
    const found_hello *found;   /**< Borrowed. */
    tlsfp_context *context;     /**< Borrowed. */
    const tlsfp_labels *labels; /**< Borrowed; NULL without any. */
    char ja3[TLSFP_JA3_SIZE];   /**< These are empty until they are options for, below. */
    char ja4[TLSFP_JA4_SIZE];
    char ja4_o[TLSFP_JA4_SIZE];
} sighting;

/** @return a sighting of which no fingerprint is computed yet. */
sighting sighting_of(const found_hello *found, const char *file, tlsfp_context *context);

/** The fingerprint, computed when it is options for first; good as long as @p seen. */
const char *sighting_ja3(sighting *seen);
const char *sighting_ja4(sighting *seen);
const char *sighting_ja4_o(sighting *seen);

#endif
