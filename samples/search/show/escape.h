/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Text from the wire, made safe to print: on one line, in one column, in UTF-8, and without
 * what a terminal obeys. */
#ifndef SEARCH_ESCAPE_H
#define SEARCH_ESCAPE_H

#include <tlsfp/types.h>

/**
 * Appends @p text. Tab, newline and backslash become "\t", "\n" and "\\"; other control characters,
 * characters that turn the direction of writing or break lines, bytes that are no UTF-8, and
 * @p separator become "\xHH", byte by byte.
 * @param separator a byte that stands between such texts, or 0.
 */
void append_escaped(GString *out, tlsfp_span text, char separator);

/** The same of a string. */
void append_escaped_string(GString *out, const char *text);

#endif
