/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What a search is for.
 *
 * The kinds of criteria: JA4 values, JA3 values, server names, the values of files, the client's
 * level, and that it has no name.
 * A hello fits when for each kind that was given at least one of its values fits; with none given,
 * every hello does.
 */
#ifndef SEARCH_MATCH_H
#define SEARCH_MATCH_H

#include "match/sighting.h"

typedef struct match match;

#define MATCH_ERROR (match_error_quark())
GQuark match_error_quark(void);

/** @return without criteria; owned by the caller, to be freed with match_free(). */
match *match_new(void);

/** Frees @p criteria; NULL is fine. */
void match_free(match *criteria);

/**
 * Adds a JA4, a part of one (ja4_a, ja4_b, ja4_c or ja4_bc), or a pattern (glob.h) for a whole one.
 * @return false with @p error set where it is none of these.
 */
bool match_add_ja4(match *criteria, const char *value, GError **error);

/** Adds a JA3 or ja3n, 32 hex digits, or a pattern for JA3; all else as match_add_ja4(). */
bool match_add_ja3(match *criteria, const char *value, GError **error);

/** Adds a server name or a pattern, in which upper and lower case do not differ; false with @p
 * error set where it is neither. */
bool match_add_sni(match *criteria, const char *value, GError **error);

/** Only clients whose names have this level, "note" or "warn", or a higher one; false with @p error
 * set where there is no such level. */
bool match_set_level(match *criteria, const char *name, GError **error);

/** Only clients without a name. */
void match_set_unknown(match *criteria);

/** Only hellos that do not fit the other criteria. */
void match_invert(match *criteria);

/** Whether names of clients are asked for. */
bool match_needs_names(const match *criteria);

/** Whether there are no criteria. */
bool match_is_empty(const match *criteria);

/**
 * Adds the values of a file: one a line, a JA3 or what match_add_ja4() takes. Blank lines and what
 * follows a '#' do not count.
 * @return false with @p error set, whose message names the file and the line.
 */
bool match_add_file(match *criteria, const char *path, GError **error);

/** Whether a hello fits. Only those fingerprints are computed that the criteria need. */
bool match_fits(const match *criteria, sighting *seen);

#endif
