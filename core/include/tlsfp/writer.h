/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Text written straight into a GString: room is made once, for the longest text; a pointer moves
 * through it.
 *
 *     char *at = write_begin(out, room);
 *     at = WRITE(at, "\"port\":");
 *     at = write_number(at, port);
 *     write_end(out, at);
 *
 * Whoever makes room knows a bound for all that is written before write_end().
 */
#ifndef TLSFP_WRITER_H
#define TLSFP_WRITER_H

#include <string.h>
#include <tlsfp/types.h>

G_BEGIN_DECLS

/** Makes room for @p room characters behind those of @p out; what @p out holds is undefined until
 * write_end(). @return where they go. */
static inline char *write_begin(GString *out, size_t room)
{
    const size_t len = out->len;
    g_string_set_size(out, len + room);
    return out->str + len;
}

/** Ends the text at @p at. */
static inline void write_end(GString *out, const char *at)
{
    const size_t len = (size_t)(at - out->str);
    g_assert(len <= out->len);
    g_string_truncate(out, len);
}

/** Writes @p len characters; like all below, returns the place behind them. */
static inline char *write_bytes(char *at, const void *bytes, size_t len)
{
    if (len > 0)
        memcpy(at, bytes, len);
    return at + len;
}

/** Writes a literal. */
#define WRITE(at, literal) write_bytes(at, literal, sizeof(literal) - 1)

enum { WRITE_NUMBER_MAX = 20 }; /**< Digits of the longest number. */

/** Writes a number in decimal. */
static inline char *write_number(char *at, uint64_t value)
{
    char digits[WRITE_NUMBER_MAX];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return write_bytes(at, digits + n, sizeof digits - n);
}

G_END_DECLS

#endif
