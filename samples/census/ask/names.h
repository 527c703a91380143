/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Names of the clients in a census, from lists. */
#ifndef CENSUS_NAMES_H
#define CENSUS_NAMES_H

#include <tlsfp/nearest.h>

#include "store/store.h"

struct names;

/**
 * Reads lists; without any, the installed one, if it is there.
 * @param paths may be NULL. What is broken in them is told on standard error.
 * @return owned by the caller, to be freed with names_free(); NULL with @p error set.
 */
struct names *names_read(char **paths, GError **error);

/** Whether no list is named or installed, so that nobody is known. */
bool names_missing(const struct names *names);

/** Frees @p names; NULL is fine. */
void names_free(struct names *names);

/**
 * Fills the temporary table naming (client, name, family, kind, level): a row for each client of
 * the database @p schema ("main"), name NULL where no list has it.
 */
bool names_apply(struct names *names, store *census, const char *schema, GError **error);

/** The known client nearest to one of a census, and up to three differences, in words; to be freed
 * with g_free(). NULL where its raw fingerprints are not known, or no list has any. */
char *names_nearest(struct names *names, const char *ja4_r, const char *ja3n_r);

/** Makes verdict(agent, ja4, ja4_r, ja3n_r) known to SQL: "fits: why", "does not fit: why" or
 * "unknown: why" (tlsfp/claim.h). @p names must outlive its use. */
bool names_prepare(struct names *names, store *census, GError **error);

/** Whether a list says that a client of this name pretends to be another one. */
bool names_is_mimic(const struct names *names, const char *name);

#endif
