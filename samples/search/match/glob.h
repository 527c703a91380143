/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Patterns as shells have them, byte by byte and in no locale: '*' for any bytes, '?' for one,
 * "[a-z]" and "[!a-z]" for one of a set, '\' before a byte that is meant as it stands. A '['
 * without its ']' is meant as it stands, too.
 */
#ifndef SEARCH_GLOB_H
#define SEARCH_GLOB_H

#include <tlsfp/types.h>

/** Whether @p text holds a byte that has a meaning in a pattern. */
bool is_glob(const char *text);

/** Whether @p pattern fits the whole of @p text. */
bool glob_fits(const char *pattern, tlsfp_span text);

/** The same where upper and lower case of ASCII do not differ; @p pattern is in lower case. */
bool glob_fits_any_case(const char *pattern, tlsfp_span text);

#endif
