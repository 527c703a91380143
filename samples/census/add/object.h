/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Walks through the members of a JSON object (RFC 8259) without building a tree: a line of
 * tlsfp --json is some kilobytes, of which a census wants a few values. Strings that hold escapes
 * are decoded by Jansson.
 */
#ifndef CENSUS_OBJECT_H
#define CENSUS_OBJECT_H

#include <tlsfp/types.h>

/** Takes the opening brace and the whitespace around it. @return false where there is none. */
bool object_begin(tlsfp_span *in);

typedef enum {
    MEMBER_NEXT,
    MEMBER_END,    /**< The closing brace is taken. */
    MEMBER_BROKEN, /**< This is no JSON, or it ends too early. */
} member_result;

/**
 * Takes the next member off an object.
 * @param out_key without its quotes, escapes as they stand.
 * @param out_value as it stands, with its quotes, brackets or braces.
 */
member_result object_next(tlsfp_span *in, tlsfp_span *out_key, tlsfp_span *out_value);

/** Whether @p key is this text. */
bool span_is(tlsfp_span key, const char *text);

/**
 * The text of a JSON string.
 * @param room where it is decoded if need be, or copied, with a NUL behind it.
 * @return false where @p value is no string, holds U+0000, or is no UTF-8.
 */
bool text_of_value(tlsfp_span value, GString *room);

#endif
