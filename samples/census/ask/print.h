/* SPDX-License-Identifier: BSD-3-Clause */
/** @file How answers are written for people. */
#ifndef CENSUS_PRINT_H
#define CENSUS_PRINT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Fewer connections or addresses than this are too few to say a share of. */
enum { ENOUGH = 100 };

/** Characters of one text; strangers choose names, and how many. */
enum { SHOWN_CHARACTERS = 1000 };

/** A text from the wire, with nothing that moves a terminal, cut at SHOWN_CHARACTERS; to be freed
 * with g_free(). */
char *printable(const char *text);

/** "1,234"; to be freed with g_free(). */
char *thousands(int64_t n);

/** "12.3 %", "<0.1 %", or "too few to say"; to be freed with g_free(). */
char *share_text(int64_t part, int64_t all);

/** Prints "  what   1,234 of 10,000 (12.3 %)". */
void print_share(const char *what, int64_t part, int64_t all);

/** Cells of a table; widths are those of the longest. The first columns are right-aligned. */
typedef struct {
    GPtrArray *cells;
    unsigned n_columns, n_right;
} text_table;

text_table text_table_new(unsigned n_columns, unsigned n_right);

/** Adds a cell; takes over @p text, which g_free() frees. */
void text_table_add(text_table *cells, char *text);

/** Prints it, each line behind @p indent, and frees it. */
void text_table_print(text_table *cells, const char *indent);

#endif
