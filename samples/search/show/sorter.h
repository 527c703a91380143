/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Sorts counted lines: in memory, and by merging temporary files where they do not fit. */
#ifndef SEARCH_SORTER_H
#define SEARCH_SORTER_H

#include <tlsfp/types.h>

typedef struct {
    uint64_t count;
    size_t len;
    const char *text;
} counted_line;

/** The order by text, byte by byte; of two equal ones the first is less than a longer one. */
int by_text(const counted_line *a, const counted_line *b);

/** The greatest count first, then the greatest text. */
int by_count(const counted_line *a, const counted_line *b);

typedef struct line_sorter line_sorter;

/**
 * @param compare gives the order; lines for which it is 0 become one, with the sum of their counts.
 * @param memory bytes of lines in memory.
 * @return owned by the caller, to be freed with sorter_free().
 */
line_sorter *sorter_new(int (*compare)(const counted_line *a, const counted_line *b),
                        size_t memory);

/** Frees @p sorter and its files; NULL is fine. */
void sorter_free(line_sorter *sorter);

/** Adds a line, which is copied; false with errno set where a file cannot be written. */
bool sorter_add(line_sorter *sorter, const counted_line *line);

/**
 * Hands out the lines in order, and leaves none behind.
 * @param each returns false to end early.
 * @return false with errno set where a file cannot be written or read, or @p each returned false.
 */
bool sorter_each(line_sorter *sorter, bool (*each)(const counted_line *line, void *data),
                 void *data);

#endif
