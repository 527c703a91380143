/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Lists of values, and how fingerprints write them.
 *
 * A list is written into a context's text, which has room for the longest; each write_ returns the
 * place after what it wrote.
 */
#ifndef TLSFP_TEXT_H
#define TLSFP_TEXT_H

#include "context.h"

/** Reads @p list without GREASE into @p out, at most MAX_VALUES; returns how many. */
size_t read_values(tlsfp_span list, uint16_t *out);

/** Reads the types in an extension block, without GREASE, as read_values(). */
size_t read_extensions(tlsfp_span block, uint16_t *out);

/** Sorts @p n values; @p spare has room for as many. */
void sort_values(uint16_t *values, size_t n, uint16_t *spare);

/** Four lower-case hex digits each, joined by ','. */
char *write_hex_list(char *at, const uint16_t *values, size_t n);

/** Decimal, without leading zeros. */
char *write_decimal(char *at, uint16_t value);

/** Decimal, joined by '-'. */
char *write_decimal_list(char *at, const uint16_t *values, size_t n);

/** The first @p n_digits hex digits of @p digest. */
char *write_hex_digits(char *at, const uint8_t *digest, size_t n_digits);

#endif
