/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The names that lists give to a hello's client. */
#ifndef SEARCH_CLIENT_NAMES_H
#define SEARCH_CLIENT_NAMES_H

#include "match/sighting.h"

/**
 * Adds a list to @p labels. Broken rows are reported on standard error, and skipped.
 * @return false with @p error set where the file cannot be read, or all of it is broken.
 */
bool client_names_read(tlsfp_labels *labels, const char *path, GError **error);

/** The list that was installed with the program; NULL where there is none. Owned by the caller. */
tlsfp_labels *client_names_installed(const tlsfp_hash_key *key);

/** The labels that fit, and the highest of their levels. @return how many. */
size_t client_names_of(sighting *seen, tlsfp_label out[TLSFP_MAX_NAMES], tlsfp_level *out_level);

#endif
