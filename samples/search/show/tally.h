/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Counts how often each line comes, as "sort | uniq -c | sort -nr" does. */
#ifndef SEARCH_TALLY_H
#define SEARCH_TALLY_H

#include <tlsfp/types.h>

typedef struct line_tally line_tally;

/** @return without lines; owned by the caller, to be freed with tally_free(). */
line_tally *tally_new(void);

/** Frees @p tally; NULL is fine. */
void tally_free(line_tally *tally);

/** Counts a line, which has no newline. */
void tally_add(line_tally *tally, const char *line, size_t len);

/** Adds what @p from counted. */
void tally_merge(line_tally *tally, const line_tally *from);

/**
 * Hands out each different line with its count in front, right-aligned in seven columns, and a
 * newline behind it: the most frequent ones first, equally frequent ones as "sort -nr" has them
 * where the locale is C: the greatest first.
 */
void tally_print(const line_tally *tally, void (*print)(const char *line, size_t len, void *data),
                 void *data);

#endif
