/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A hello as it is told from others in the database. */
#ifndef CENSUS_HELLO_H
#define CENSUS_HELLO_H

#include "add/record.h"

enum { DIGEST_SIZE = 16 };

typedef struct {
    uint8_t digest[DIGEST_SIZE]; /**< Of the whole hello. */
    uint8_t client[DIGEST_SIZE]; /**< Of what it is but for the order of its extensions. */
    fingerprint_places places;
} hello_entry;

/**
 * Reads an object of fingerprints.
 * @param found its values.
 * @param room a buffer.
 * @return NULL, or what is wrong with it; a constant.
 */
const char *hello_read(tlsfp_span object, fingerprints *found, GString *room, hello_entry *out);

#endif
