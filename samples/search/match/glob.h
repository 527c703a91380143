/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Patterns as shells have them, byte by byte and in no locale: '*' for any bytes, '?' for one,
 * "[a-z]" and "[!a-z]" for one of a set, '\' before a byte that is meant as it stands.
 */
#ifndef SEARCH_GLOB_H
#define SEARCH_GLOB_H

#include <tlsfp/types.h>

/** Whether @p text holds a byte that has a meaning in a pattern. */
bool is_glob(const char *text);

/** What is wrong with a pattern: a '[' without its ']', a '\' at the end; NULL for nothing. */
const char *glob_trouble(const char *pattern);

/**
 * Whether the pattern can fit some text of that length.
 * @param allowed the bytes that such texts have, outside of sets.
 */
bool glob_can_fit(const char *pattern, size_t len, const char *allowed);

/** Whether @p pattern, which has no trouble, fits the whole of @p text. */
bool glob_fits(const char *pattern, tlsfp_span text);

/** The same where upper and lower case of ASCII do not differ; @p pattern is in lower case. */
bool glob_fits_any_case(const char *pattern, tlsfp_span text);

#endif
