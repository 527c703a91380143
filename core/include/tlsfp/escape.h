/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * How text that a stranger may have chosen is written for people to read: names from the wire, of
 * files, in lists and in messages.
 *
 * What comes out is UTF-8 on one line. These do not stand in it as they are: control characters
 * (U+0000–U+001F, U+007F–U+009F), what turns the direction of writing or is not seen (Unicode's
 * category Cf, e.g. U+061C, U+200B–U+200F, U+202A–U+202E, U+2060–U+206F, U+FEFF), U+2028 and
 * U+2029, noncharacters, and bytes that are no UTF-8. Every function appends.
 */
#ifndef TLSFP_ESCAPE_H
#define TLSFP_ESCAPE_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

/**
 * As text: tab, newline and backslash become "\t", "\n" and "\\"; all else of the above, and
 * @p separator, becomes "\xHH", byte by byte. Two texts that differ stay different.
 * @param separator a byte that stands between such texts, or 0.
 */
TLSFP_API void tlsfp_append_escaped(GString *out, tlsfp_span text, char separator);

/** The same of a string, without a separator. */
TLSFP_API void tlsfp_append_escaped_string(GString *out, const char *text);

/** As a JSON string, quotes included, whose value is what tlsfp_append_escaped() gives: for text
 * from the wire, which need not be UTF-8. */
TLSFP_API void tlsfp_append_json_escaped(GString *out, tlsfp_span text);

/** As a JSON string, quotes included, whose value is @p text itself: the above is written "\uHHHH".
 * For text that is UTF-8; each byte that is not becomes U+FFFD. */
TLSFP_API void tlsfp_append_json_string(GString *out, const char *text);

G_END_DECLS

#endif
