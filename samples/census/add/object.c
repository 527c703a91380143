/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/object.h"

#include <jansson.h>
#include <string.h>
#include <tlsfp/reader.h>

enum { MAX_DEPTH = 64 };

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void advance(tlsfp_span *in, size_t len)
{
    in->data += len;
    in->len -= len;
}

static void skip_blanks(tlsfp_span *in)
{
    while (in->len > 0 && is_blank(in->data[0]))
        advance(in, 1);
}

/** Takes one byte that has to be this one. */
static bool take_byte(tlsfp_span *in, char byte)
{
    if (in->len == 0 || in->data[0] != (uint8_t)byte)
        return false;
    advance(in, 1);
    return true;
}

/** Whether the byte at @p at is escaped: an odd number of backslashes is in front of it. */
static bool is_escaped(const uint8_t *text, size_t at)
{
    size_t n = 0;
    while (n < at && text[at - 1 - n] == '\\')
        n++;
    return n % 2 == 1;
}

/** Takes a string, @p out without its quotes. */
static bool take_string(tlsfp_span *in, tlsfp_span *out)
{
    if (in->len == 0 || in->data[0] != '"')
        return false;
    const tlsfp_span text = {in->data + 1, in->len - 1};
    for (size_t at = 0; at < text.len; at++) {
        const uint8_t *quote = memchr(text.data + at, '"', text.len - at);
        if (quote == NULL)
            return false;
        at = (size_t)(quote - text.data);
        if (is_escaped(text.data, at))
            continue;
        *out = (tlsfp_span){text.data, at};
        advance(in, at + 2);
        return true;
    }
    return false;
}

/** Whether the number of quotes is odd. Blocks of a fixed size are what compilers vectorize. */
static bool has_odd_quotes(const uint8_t *bytes, size_t len)
{
    enum { BLOCK = 64 };
    size_t at = 0, n = 0;
    for (; len - at >= BLOCK; at += BLOCK) {
        uint8_t in_block = 0;
        for (size_t i = 0; i < BLOCK; i++)
            in_block = (uint8_t)(in_block + (bytes[at + i] == '"'));
        n += in_block;
    }
    for (; at < len; at++)
        n += bytes[at] == '"';
    return n % 2 == 1;
}

/**
 * Takes an object in which there are neither objects nor escapes, as the long ones of tlsfp --json
 * are: it ends with the first brace, unless that is in a string. Some times as fast as
 * take_nested().
 */
static bool take_flat(tlsfp_span *in)
{
    const uint8_t *end = memchr(in->data, '}', in->len);
    const size_t len = end != NULL ? (size_t)(end - in->data) + 1 : 0;
    if (len == 0 || memchr(in->data + 1, '{', len - 1) != NULL ||
        memchr(in->data, '\\', len) != NULL || has_odd_quotes(in->data, len))
        return false;
    advance(in, len);
    return true;
}

/** Takes an array or object, whatever is in it. */
static bool take_nested(tlsfp_span *in)
{
    char closing[MAX_DEPTH];
    size_t depth = 0;
    tlsfp_span text;
    do {
        if (in->len == 0)
            return false;
        const uint8_t byte = in->data[0];
        if (byte == '"') {
            if (!take_string(in, &text))
                return false;
            continue;
        }
        if (byte == '{' || byte == '[') {
            if (depth == MAX_DEPTH)
                return false;
            closing[depth++] = byte == '{' ? '}' : ']';
        } else if ((byte == '}' || byte == ']') && (char)byte != closing[--depth]) {
            return false;
        }
        advance(in, 1);
    } while (depth > 0);
    return true;
}

/** Takes a number, true, false or null. */
static bool take_word(tlsfp_span *in)
{
    size_t len = 0;
    while (len < in->len && (g_ascii_isalnum(in->data[len]) || strchr("+-.", in->data[len])) &&
           in->data[len] != '\0')
        len++;
    if (len == 0)
        return false;
    advance(in, len);
    return true;
}

static bool take_value(tlsfp_span *in, tlsfp_span *out)
{
    const uint8_t *start = in->data;
    tlsfp_span text;
    if (in->len == 0)
        return false;
    const bool fine = *start == '"'   ? take_string(in, &text)
                      : *start == '{' ? take_flat(in) || take_nested(in)
                      : *start == '[' ? take_nested(in)
                                      : take_word(in);
    if (fine)
        *out = (tlsfp_span){start, (size_t)(in->data - start)};
    return fine;
}

bool object_begin(tlsfp_span *in)
{
    skip_blanks(in);
    if (!take_byte(in, '{'))
        return false;
    skip_blanks(in);
    return true;
}

member_result object_next(tlsfp_span *in, tlsfp_span *out_key, tlsfp_span *out_value)
{
    tlsfp_span key, value;
    if (take_byte(in, '}'))
        return MEMBER_END;
    if (!take_string(in, &key))
        return MEMBER_BROKEN;
    skip_blanks(in);
    if (!take_byte(in, ':'))
        return MEMBER_BROKEN;
    skip_blanks(in);
    if (!take_value(in, &value))
        return MEMBER_BROKEN;
    skip_blanks(in);
    if (take_byte(in, ','))
        skip_blanks(in);
    else if (in->len == 0 || in->data[0] != '}')
        return MEMBER_BROKEN;
    *out_key = key;
    *out_value = value;
    return MEMBER_NEXT;
}

bool span_is(tlsfp_span key, const char *text)
{
    return strlen(text) == key.len && memcmp(key.data, text, key.len) == 0;
}

static bool decode(tlsfp_span value, GString *room)
{
    json_t *text =
        json_loadb((const char *)value.data, value.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const bool fine =
        json_is_string(text) && strlen(json_string_value(text)) == json_string_length(text);
    if (fine)
        g_string_assign(room, json_string_value(text));
    json_decref(text);
    return fine;
}

bool text_of_value(tlsfp_span value, GString *room)
{
    if (value.len < 2 || value.data[0] != '"')
        return false;
    const char *inside = (const char *)value.data + 1;
    const size_t len = value.len - 2;
    if (memchr(inside, '\\', len) != NULL)
        return decode(value, room);
    if (!g_utf8_validate(inside, (gssize)len, NULL)) /* it refuses NUL, too */
        return false;
    g_string_truncate(room, 0);
    g_string_append_len(room, inside, (gssize)len);
    return true;
}
