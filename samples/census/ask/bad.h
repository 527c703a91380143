/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Addresses and networks that are known as hostile. */
#ifndef CENSUS_BAD_H
#define CENSUS_BAD_H

#include "store/store.h"

typedef struct bad_list bad_list;

/**
 * Reads a file with an address or a network a line; blank lines, and what follows a '#', do not
 * count.
 * @return to be freed with bad_list_free(); NULL with @p error set, whose message names the line.
 */
bad_list *bad_list_read(const char *path, GError **error);

/** Frees @p networks; NULL is fine. */
void bad_list_free(bad_list *networks);

/**
 * Fills the temporary table bad (id) with the addresses of a census that are in the list. Of
 * pseudonyms, with the key in the file @p pseudonyms, only single addresses are found.
 */
bool bad_list_apply(const bad_list *networks, store *census, const char *pseudonyms,
                    GError **error);

#endif
