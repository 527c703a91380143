/* SPDX-License-Identifier: BSD-3-Clause */
/** @file How many connections each client address has, for all threads. */
#ifndef ECHO_ADDRESSES_H
#define ECHO_ADDRESSES_H

#include <stdbool.h>

typedef struct address_counts address_counts;

/**
 * @param most connections of one address.
 * @return owned by the caller, to be freed with addresses_free().
 */
address_counts *addresses_new(unsigned most);

/** Frees @p all; NULL is fine. */
void addresses_free(address_counts *counts);

/** Counts a connection of @p address; false, without counting it, where it has too many. */
bool addresses_add(address_counts *counts, const char *address);

/** Counts one that was added no longer. */
void addresses_remove(address_counts *counts, const char *address);

#endif
