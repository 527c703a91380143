/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/glob.h"

#include <string.h>

bool is_glob(const char *text)
{
    return strpbrk(text, "*?[\\") != NULL;
}

/** Where the set that opens at @p at ends: its ']', or NULL. One right behind the '[' is a member.
 */
static const char *set_end(const char *at)
{
    at++;
    if (*at == '!' || *at == '^')
        at++;
    return *at == '\0' ? NULL : strchr(at + 1, ']');
}

static bool set_holds(const char *at, const char *end, uint8_t byte)
{
    bool inverted = at[1] == '!' || at[1] == '^', holds = false;
    for (at += inverted ? 2 : 1; at < end; at++) {
        const char *last = at[1] == '-' && at + 2 < end ? at + 2 : at;
        holds |= (uint8_t)*at <= byte && byte <= (uint8_t)*last;
        at = last;
    }
    return holds != inverted;
}

/** Whether what stands at @p at, which is no '*', fits @p byte. @p out is what stands behind it. */
static bool fits_byte(const char *at, uint8_t byte, const char **out)
{
    const char *end = *at == '[' ? set_end(at) : NULL;
    if (end != NULL) {
        *out = end + 1;
        return set_holds(at, end, byte);
    }
    if (*at == '\\' && at[1] != '\0')
        at++;
    else if (*at == '?') {
        *out = at + 1;
        return true;
    }
    *out = at + 1;
    return *at != '\0' && (uint8_t)*at == byte;
}

const char *glob_trouble(const char *pattern)
{
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '[' && (at = set_end(at)) == NULL)
            return "a '[' without its ']'";
        if (*at == '\\' && *++at == '\0')
            return "a '\\' with nothing behind it";
    }
    return NULL;
}

bool glob_can_fit(const char *pattern, size_t len, const char *allowed)
{
    size_t least = 0;
    bool any = false;
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '*') {
            any = true;
            continue;
        }
        least++;
        if (*at == '[')
            at = set_end(at);
        else if (*at != '?') {
            at += *at == '\\';
            if (strchr(allowed, *at) == NULL)
                return false;
        }
    }
    return any ? least <= len : least == len;
}

/** Only the last '*' needs to be tried again, so that the number of steps is at most the product of
 * both lengths. */
static bool fits(const char *pattern, tlsfp_span text, bool any_case)
{
    const char *after_star = NULL;
    size_t at = 0, star_at = 0;
    while (at < text.len) {
        uint8_t byte = any_case ? (uint8_t)g_ascii_tolower((char)text.data[at]) : text.data[at];
        if (*pattern == '*') {
            after_star = ++pattern;
            star_at = at;
        } else if (*pattern != '\0' && fits_byte(pattern, byte, &pattern)) {
            at++;
        } else {
            if (after_star == NULL)
                return false;
            pattern = after_star;
            at = ++star_at;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool glob_fits(const char *pattern, tlsfp_span text)
{
    return fits(pattern, text, false);
}

bool glob_fits_any_case(const char *pattern, tlsfp_span text)
{
    return fits(pattern, text, true);
}
