/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Numbers byte strings: the same string has the same number. Its hash is keyed. */
#ifndef CENSUS_TABLE_H
#define CENSUS_TABLE_H

#include <tlsfp/hash.h>

struct table;

/** @return an empty table; owned by the caller, to be freed with table_free(). */
struct table *table_new(const tlsfp_hash_key *key);

/** Frees @p table; NULL is fine. */
void table_free(struct table *table);

/** @return the number of @p bytes, from 0; a copy is kept. @param out_new whether it is new; may be
 * NULL. */
uint32_t table_put(struct table *table, tlsfp_span bytes, bool *out_new);

/** Forgets the string that was new at the last table_put(). */
void table_undo(struct table *table);

/** The string with a number, with a NUL behind it; good until the next table_put(). */
tlsfp_span table_get(const struct table *table, uint32_t number);

/** How many there are. */
uint32_t table_count(const struct table *table);

/** Bytes of memory. */
size_t table_memory(const struct table *table);

/** Forgets all. */
void table_clear(struct table *table);

#endif
