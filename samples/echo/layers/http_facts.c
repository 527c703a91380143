/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/http_facts.h"

#include <string.h>

enum { USUAL_LEN = 512 }; /* of a request's fields */

void http_facts_clear(http_facts *facts)
{
    http2_frames_clear(&facts->frames);
    g_clear_pointer(&facts->settings, g_byte_array_unref);
    if (facts->first != NULL)
        g_string_free(facts->first, TRUE);
    facts->first = NULL;
}

static void add_text(GString *fields, tlsfp_span text)
{
    g_string_append_len(fields, (const char *)text.data, (gssize)text.len);
    g_string_append_c(fields, '\0');
}

void fields_add(GString **fields, tlsfp_span name, tlsfp_span value)
{
    if (*fields == NULL)
        *fields = g_string_sized_new(USUAL_LEN);
    add_text(*fields, name);
    add_text(*fields, value);
}

tlsfp_span fields_list(const GString *fields)
{
    return fields != NULL ? (tlsfp_span){(const uint8_t *)fields->str, fields->len}
                          : (tlsfp_span){NULL, 0};
}

static bool take_text(tlsfp_span *list, const char **out)
{
    const uint8_t *end = list->len > 0 ? memchr(list->data, '\0', list->len) : NULL;
    if (end == NULL)
        return false;
    *out = (const char *)list->data;
    list->len -= (size_t)(end + 1 - list->data);
    list->data = end + 1;
    return true;
}

bool fields_next(tlsfp_span *list, const char **out_name, const char **out_value)
{
    return take_text(list, out_name) && take_text(list, out_value);
}

void fields_append_pseudo_order(const GString *fields, GString *out)
{
    tlsfp_span list = fields_list(fields);
    const char *name, *value, *separator = "";
    while (fields_next(&list, &name, &value))
        if (name[0] == ':' && name[1] != '\0') {
            g_string_append(out, separator);
            g_string_append_c(out, name[1]);
            separator = ",";
        }
}
