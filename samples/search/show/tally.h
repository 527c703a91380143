/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Counts how often each line comes, as "sort | uniq -c | sort -nr" does: in memory, and on
 * disk what does not fit there. */
#ifndef SEARCH_TALLY_H
#define SEARCH_TALLY_H

#include <tlsfp/hash.h>

typedef struct line_tally line_tally;

/**
 * @param key of the table's hash: what a line holds is chosen by strangers.
 * @param memory bytes of lines in memory.
 * @return without lines; owned by the caller, to be freed with tally_free().
 */
line_tally *tally_new(const tlsfp_hash_key *key, size_t memory);

/** Frees @p tally; NULL is fine. */
void tally_free(line_tally *tally);

/** Counts a line, which has no newline. */
void tally_add(line_tally *tally, const char *line, size_t len);

/** Whether the lines take more memory than they should, so that it is time for tally_move(). */
bool tally_is_full(const line_tally *tally);

/**
 * Adds what @p from counted, and leaves it empty.
 * @return false with errno set where the temporary file cannot be written.
 */
bool tally_move(line_tally *tally, line_tally *from);

/**
 * Hands out each different line with its count in front, right-aligned in seven columns, and a
 * newline behind it: the most frequent ones first, equally frequent ones as "sort -nr" has them
 * where the locale is C: the greatest first. The tally is empty then.
 * @return false with errno set where a temporary file cannot be written or read.
 */
bool tally_print(line_tally *tally, void (*print)(const char *line, size_t len, void *data),
                 void *data);

#endif
