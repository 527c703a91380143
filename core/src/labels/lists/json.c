/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Lists in JSON: objects, in an array or one by one. Anything else is skipped. */
#include <jansson.h>
#include <string.h>
#include <tlsfp/reader.h>

#include "labels/lists/rows.h"

enum { MAX_KNOWN_KEYS = 64 };

/** Where the reader is. */
typedef struct {
    tlsfp_span rest;
    unsigned line;
} place;

static void advance(place *at, size_t len)
{
    tlsfp_span passed = take_up_to(&at->rest, len);
    for (size_t i = 0; i < passed.len; i++)
        at->line += passed.data[i] == '\n';
}

static size_t distance_to(tlsfp_span text, char wanted)
{
    const uint8_t *found = text.len > 0 ? memchr(text.data, wanted, text.len) : NULL;
    return found != NULL ? (size_t)(found - text.data) : text.len;
}

/** As role_of(), which need not be asked twice. */
static unsigned role_of_key(GHashTable *roles, const char *key)
{
    gpointer known;
    if (g_hash_table_lookup_extended(roles, key, NULL, &known))
        return GPOINTER_TO_UINT(known);
    unsigned role = role_of((tlsfp_span){(const uint8_t *)key, strlen(key)});
    if (g_hash_table_size(roles) < MAX_KNOWN_KEYS)
        g_hash_table_insert(roles, g_strdup(key), GUINT_TO_POINTER(role));
    return role;
}

/** Texts fill cells; one that is filled already, by another key, stays. */
static void fill_cell(label_list *list, unsigned role, const char *text)
{
    if (role == ROLE_NAME)
        list->strict = true;
    if (role != ROLE_NONE && text != NULL && list->cells[role]->len == 0) {
        g_string_assign(list->cells[role], text);
        g_strstrip(list->cells[role]->str);
        g_string_set_size(list->cells[role], strlen(list->cells[role]->str));
    }
}

static void read_object(label_list *list, GHashTable *roles, json_t *object, unsigned line)
{
    const char *key;
    json_t *value;
    start_row(list);
    list->strict = false;
    json_object_foreach(object, key, value)
        fill_cell(list, role_of_key(roles, key), json_string_value(value));
    finish_row(list, line);
}

/** At an object's first byte. */
static void read_next(label_list *list, GHashTable *roles, place *at)
{
    json_error_t error;
    json_t *object = json_loadb((const char *)at->rest.data, at->rest.len,
                                JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);
    if (object != NULL) {
        read_object(list, roles, object, at->line);
        json_decref(object);
        advance(at, (size_t)error.position);
        return;
    }
    advance(at, (size_t)MAX(error.position, 1) - 1); /* the line of the byte that is wrong */
    report_line(list, at->line, "this is no JSON; the rest of the line is passed over");
    advance(at, distance_to(at->rest, '\n') + 1);
}

void read_json(label_list *list, tlsfp_span text)
{
    place at = {text, 1};
    GHashTable *roles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (advance(&at, distance_to(at.rest, '{')); at.rest.len > 0;
         advance(&at, distance_to(at.rest, '{')))
        read_next(list, roles, &at);
    g_hash_table_unref(roles);
}
