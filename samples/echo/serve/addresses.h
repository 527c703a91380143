/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Counts the connections of each client address; shared by all threads. */
#ifndef ECHO_ADDRESSES_H
#define ECHO_ADDRESSES_H

#include <stdbool.h>

typedef struct address_counts address_counts;

/**
 * @param most connections allowed for one address.
 * @param bits of an IPv6 address that count, 1 to 128: those with the same first bits are one.
 * @return owned by the caller, to be freed with addresses_free().
 */
address_counts *addresses_new(unsigned most, unsigned bits);

/** Frees @p counts; NULL is fine. */
void addresses_free(address_counts *counts);

/** Counts a connection of @p address; false, and not counted, where it has too many. */
bool addresses_add(address_counts *counts, const char *address);

/** Takes back one addresses_add() that returned true. */
void addresses_remove(address_counts *counts, const char *address);

#endif
