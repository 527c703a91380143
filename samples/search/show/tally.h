/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Counts how often each line comes, as "sort | uniq -c | sort -nr" does. */
#ifndef SEARCH_TALLY_H
#define SEARCH_TALLY_H

#include <tlsfp/types.h>

typedef struct tally tally;

/** @return without lines; owned by the caller, to be freed with tally_free(). */
tally *tally_new(void);

/** Frees @p counts; NULL is fine. */
void tally_free(tally *counts);

/** Counts a line, which has no newline. */
void tally_add(tally *counts, const char *line, size_t len);

/** Adds what @p from counted. */
void tally_merge(tally *counts, const tally *from);

/**
 * Hands out each different line with its count in front, right-aligned in seven columns, and a
 * newline behind it: the most frequent ones first, equally frequent ones as "sort -nr" has them
 * where the locale is C: the greatest first.
 */
void tally_print(const tally *counts, void (*print)(const char *line, size_t len, void *data),
                 void *data);

#endif
