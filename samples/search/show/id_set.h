/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A set of numbers that are keyed hashes already (tlsfp/hash.h). Its size is bounded:
 * when it is full, the older half is forgotten.
 */
#ifndef SEARCH_ID_SET_H
#define SEARCH_ID_SET_H

#include <tlsfp/types.h>

typedef struct id_set id_set;

/** @param memory bytes. @return owned by the caller, to be freed with id_set_free(). */
id_set *id_set_new(size_t memory);

/** Frees @p set; NULL is fine. */
void id_set_free(id_set *set);

/** Adds a number, and forgets the older half when there is no room. */
void id_set_add(id_set *set, uint64_t id);

bool id_set_holds(const id_set *set, uint64_t id);

/** How many were forgotten. */
uint64_t id_set_forgotten(const id_set *set);

#endif
