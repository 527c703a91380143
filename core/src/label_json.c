/* SPDX-License-Identifier: BSD-3-Clause */
/** @file JSON, RFC 8259, as far as lists need it: texts in objects; all else is passed over. */
#include <string.h>

#include "label_rows.h"
#include "reader.h"

enum { MAX_KNOWN_KEYS = 64 };

/** The keys of the object before, in order: most objects of a list have the same. */
typedef struct {
    GString *keys[MAX_KNOWN_KEYS];
    unsigned roles[MAX_KNOWN_KEYS];
} known_keys;

/** Where the reader is. */
typedef struct {
    tlsfp_span rest;
    unsigned line;
} place;

static bool next_is(const place *at, char wanted)
{
    return at->rest.len > 0 && at->rest.data[0] == (uint8_t)wanted;
}

static void advance(place *at)
{
    uint8_t byte;
    if (take_u8(&at->rest, &byte) && byte == '\n')
        at->line++;
}

static void skip_space(place *at)
{
    while (at->rest.len > 0 && g_ascii_isspace((char)at->rest.data[0]))
        advance(at);
}

static bool take_char(place *at, char wanted)
{
    skip_space(at);
    if (!next_is(at, wanted))
        return false;
    advance(at);
    return true;
}

static bool take_hex4(place *at, gunichar *out)
{
    tlsfp_span digits;
    gunichar value = 0;
    if (!take(&at->rest, 4, &digits))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = g_ascii_xdigit_value((char)digits.data[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (gunichar)digit;
    }
    *out = value;
    return true;
}

/** What follows "\u"; two halves of a surrogate pair are one character. */
static bool take_unicode(place *at, GString *out)
{
    gunichar value, low;
    if (!take_hex4(at, &value))
        return false;
    if (0xd800 <= value && value < 0xdc00) {
        place rest = *at;
        advance(&rest); /* "\u" */
        advance(&rest);
        if (next_is(at, '\\') && take_hex4(&rest, &low) && 0xdc00 <= low && low < 0xe000) {
            value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
            *at = rest;
        }
    }
    if (value == 0 || !g_unichar_validate(value))
        value = 0xfffd; /* the replacement character */
    if (out != NULL)
        g_string_append_unichar(out, value);
    return true;
}

static bool take_escape(place *at, GString *out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t byte;
    if (!take_u8(&at->rest, &byte))
        return false;
    if (byte == 'u')
        return take_unicode(at, out);
    const char *letter = byte != '\0' ? strchr(letters, byte) : NULL;
    if (letter == NULL)
        return false;
    if (out != NULL)
        g_string_append_c(out, meanings[letter - letters]);
    return true;
}

/** How many bytes there are before a quote, a backslash or a line end. */
static size_t plain_len(tlsfp_span text)
{
    size_t len = 0;
    while (len < text.len && text.data[len] != '"' && text.data[len] != '\\' &&
           text.data[len] != '\n')
        len++;
    return len;
}

/** A string; @p out, which may be NULL, gets what it says. A line end within is no JSON. */
static bool take_string(place *at, GString *out)
{
    if (!take_char(at, '"'))
        return false;
    for (;;) {
        tlsfp_span plain = take_up_to(&at->rest, plain_len(at->rest));
        if (out != NULL && plain.len > 0)
            g_string_append_len(out, (const char *)plain.data, (gssize)plain.len);
        if (next_is(at, '"')) {
            advance(at);
            return true;
        }
        if (!next_is(at, '\\'))
            return false;
        advance(at);
        if (!take_escape(at, out))
            return false;
    }
}

/** A number, true, false or null. */
static bool skip_bare(place *at)
{
    size_t len = 0;
    while (len < at->rest.len &&
           (g_ascii_isalnum((char)at->rest.data[len]) || at->rest.data[len] == '-' ||
            at->rest.data[len] == '+' || at->rest.data[len] == '.'))
        len++;
    take_up_to(&at->rest, len);
    return len > 0;
}

/** An object or array, by counting brackets. */
static bool skip_nested(place *at)
{
    size_t depth = 0;
    do {
        skip_space(at);
        if (next_is(at, '"')) {
            if (!take_string(at, NULL))
                return false;
            continue;
        }
        if (at->rest.len == 0)
            return false;
        if (next_is(at, '[') || next_is(at, '{'))
            depth++;
        else if (next_is(at, ']') || next_is(at, '}'))
            depth--;
        advance(at);
    } while (depth > 0);
    return true;
}

static bool take_value(place *at, GString *out)
{
    skip_space(at);
    if (next_is(at, '"'))
        return take_string(at, out);
    if (next_is(at, '[') || next_is(at, '{'))
        return skip_nested(at);
    return skip_bare(at);
}

/** What the values of this key are, which is the object's @p index -th. */
static unsigned role_of_key(known_keys *known, unsigned index, const GString *key)
{
    if (index >= MAX_KNOWN_KEYS)
        return role_of((tlsfp_span){(const uint8_t *)key->str, key->len});
    if (!g_string_equal(known->keys[index], key)) {
        g_string_assign(known->keys[index], key->str);
        known->roles[index] = role_of((tlsfp_span){(const uint8_t *)key->str, key->len});
    }
    return known->roles[index];
}

/** A key and its value; a cell that the row has already is passed over. */
static bool take_member(label_list *list, place *at, known_keys *known, unsigned index,
                        GString *key)
{
    g_string_truncate(key, 0);
    if (!take_string(at, key) || !take_char(at, ':'))
        return false;
    unsigned role = role_of_key(known, index, key);
    if (role == ROLE_NAME)
        list->strict = true;
    GString *cell = role != ROLE_NONE && list->cells[role]->len == 0 ? list->cells[role] : NULL;
    return take_value(at, cell);
}

static bool take_object(label_list *list, place *at, known_keys *known, GString *key)
{
    unsigned n = 0;
    if (!take_char(at, '{'))
        return false;
    if (take_char(at, '}'))
        return true;
    do {
        if (!take_member(list, at, known, n++, key))
            return false;
    } while (take_char(at, ','));
    return take_char(at, '}');
}

static void skip_line(place *at)
{
    unsigned line = at->line;
    while (at->rest.len > 0 && at->line == line)
        advance(at);
}

/** Skips to where the next object may start. */
static void skip_to_object(place *at)
{
    while (at->rest.len > 0 && !next_is(at, '{'))
        advance(at);
}

static void trim(GString *cell)
{
    if (cell->len > 0) {
        g_strstrip(cell->str);
        g_string_set_size(cell, strlen(cell->str));
    }
}

static void read_objects(label_list *list, place *at, known_keys *known, GString *key)
{
    for (skip_to_object(at); at->rest.len > 0; skip_to_object(at)) {
        unsigned line = at->line;
        start_row(list);
        list->strict = false;
        if (take_object(list, at, known, key)) {
            for (size_t i = 0; i < N_ROLES; i++)
                trim(list->cells[i]);
            finish_row(list, line);
        } else {
            report_line(list, at->line, "this is no JSON; the rest of the line is passed over");
            skip_line(at);
        }
    }
}

void read_json(label_list *list, tlsfp_span text)
{
    place at = {text, 1};
    known_keys known;
    GString *key = g_string_new(NULL);
    for (size_t i = 0; i < MAX_KNOWN_KEYS; i++) {
        known.keys[i] = g_string_new(NULL);
        known.roles[i] = ROLE_NONE;
    }
    read_objects(list, &at, &known, key);
    for (size_t i = 0; i < MAX_KNOWN_KEYS; i++)
        g_string_free(known.keys[i], TRUE);
    g_string_free(key, TRUE);
}
