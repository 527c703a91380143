/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Whether a census's addresses are pseudonyms, and of which key. */
#ifndef CENSUS_PSEUDONYMS_H
#define CENSUS_PSEUDONYMS_H

#include "add/address.h"
#include "store/store.h"

/**
 * Reads the key, if @p path is not NULL, and compares it with the census's. An empty census adopts
 * the key where @p may_set.
 * @return false with @p error set where they do not agree.
 */
bool pseudonyms_agree(store *census, const char *path, bool may_set, pseudonym_key *out,
                      GError **error);

/** What tells the census's key from others, "" without one; to be freed with g_free(). */
char *pseudonyms_check_of(store *census, const char *schema);

#endif
