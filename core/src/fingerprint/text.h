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

#include <string.h>

#include "fingerprint/context.h"

/** Reads @p list without GREASE into @p out, at most MAX_VALUES; returns how many. */
size_t read_values(tlsfp_span list, uint16_t *out);

/** Reads the types in an extension block, without GREASE, into @p out, at most MAX_EXTENSIONS;
 * returns how many. */
size_t read_extensions(tlsfp_span block, uint16_t *out);

/** Sorts @p n values, at most MAX_VALUES, in time that grows with n alone. */
void sort_values(uint16_t *values, size_t n, sort_room *room);

/** Four lower-case hex digits each, joined by ','. */
char *write_hex_list(char *at, const uint16_t *values, size_t n);

/** Decimal, without leading zeros. @p decimals holds what was written before; zeroed at first. */
char *write_decimal(char *at, uint16_t value, decimal *decimals);

/** Decimal, joined by '-'. */
char *write_decimal_list(char *at, const uint16_t *values, size_t n, decimal *decimals);

/** Two lower-case hex digits for each byte. */
extern const char hex_pairs[];

static inline char *write_hex_byte(char *at, unsigned byte)
{
    memcpy(at, hex_pairs + 2 * byte, 2);
    return at + 2;
}

/** Four lower-case hex digits. */
static inline char *write_hex_value(char *at, uint16_t value)
{
    return write_hex_byte(write_hex_byte(at, value >> 8), value & 0xff);
}

/** Two lower-case hex digits for each of @p len bytes. */
char *write_hex(char *at, const uint8_t *bytes, size_t len);

#endif
