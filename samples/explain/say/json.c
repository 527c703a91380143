/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A subject in JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "say/parts.h"
#include "say/say.h"

void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(object);
}

static json_t *list_json(const struct subject *subject, tlsfp_part part)
{
    const uint16_t *values;
    size_t n;
    if (subject->shape == NULL || !tlsfp_shape_values(subject->shape, part, &values, &n, NULL))
        return json_null();
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        char value[8];
        g_snprintf(value, sizeof value, "%04x", values[i]);
        json_array_append_new(array, json_pack("{s:s, s:s?}", "value", value, "name",
                                               tlsfp_part_value_name(part, values[i])));
    }
    return array;
}

static json_t *near_json(const tlsfp_near *near, const struct subject *subject)
{
    GArray *found = find_differences(near->client, subject);
    json_t *texts = json_array();
    for (guint i = 0; i < found->len; i++) {
        GString *text = g_string_new(NULL);
        tlsfp_difference_text(&g_array_index(found, tlsfp_difference, i), text);
        json_array_append_new(texts, json_string(text->str));
        g_string_free(text, TRUE);
    }
    g_array_unref(found);
    return json_pack("{s:s, s:s?, s:i, s:o}", "name", near->client->name, "family",
                     near->client->family, "distance", (int)near->distance, "differences", texts);
}

static json_t *sharing_json(const struct subject *subject, const struct lists *lists,
                            tlsfp_kind kind)
{
    GPtrArray *names = find_sharing(subject, lists, kind);
    json_t *array = json_array();
    for (guint i = 0; i < names->len; i++)
        json_array_append_new(array, json_string(g_ptr_array_index(names, i)));
    g_ptr_array_unref(names);
    return array;
}

static json_t *values_json(const struct subject *subject)
{
    json_t *values = json_object();
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        if (subject->values[i] != NULL)
            json_object_set_new(values, tlsfp_kind_name((tlsfp_kind)i),
                                json_string(subject->values[i]));
    return values;
}

static void put_lists(json_t *object, const struct subject *subject)
{
    static const struct {
        tlsfp_part part;
        const char *key;
    } parts[] = {
        {TLSFP_PART_CIPHER_SUITES, "cipher_suites"},
        {TLSFP_PART_EXTENSIONS, "extensions"},
        {TLSFP_PART_GROUPS, "supported_groups"},
        {TLSFP_PART_SIGNATURE_ALGORITHMS, "signature_algorithms"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        json_object_set_new(object, parts[i].key, list_json(subject, parts[i].part));
}

static json_t *names_json(const struct found_names *names)
{
    json_t *array = json_array();
    for (size_t i = 0; i < names->n; i++)
        json_array_append_new(array, json_string(names->labels[i].name));
    return array;
}

static json_t *traits_json(const struct subject *subject)
{
    return json_pack("{s:b, s:b, s:b, s:b}", "post_quantum", subject->post_quantum, "ech",
                     subject->ech, "grease", subject->grease, "resumption", subject->resumption);
}

bool say_subject_json(const struct subject *subject, const struct lists *lists)
{
    struct found_names names;
    tlsfp_near near[MAX_NEAR];
    find_names(subject, lists, &names);
    const size_t n_near = find_near(subject, lists, near);
    json_t *nearest = json_array();
    for (size_t i = 0; i < n_near; i++)
        json_array_append_new(nearest, near_json(&near[i], subject));
    char *title = g_utf8_make_valid(subject->title, -1);
    json_t *object =
        json_pack("{s:s, s:i, s:o, s:o, s:s?, s:o}", "what", title, "count", (int)subject->count,
                  "values", values_json(subject), "client", names_json(&names), "certainty",
                  names.certainty, "nearest", nearest);
    g_free(title);
    if (subject->shape == NULL) {
        json_object_set_new(object, "share_ja4_b", sharing_json(subject, lists, TLSFP_KIND_JA4_B));
        json_object_set_new(object, "share_ja4_c", sharing_json(subject, lists, TLSFP_KIND_JA4_C));
    }
    if (subject->known_from != NULL)
        json_object_set_new(object, "known_from", json_string(subject->known_from));
    if (subject->whole)
        json_object_set_new(object, "traits", traits_json(subject));
    put_lists(object, subject);
    print_json(object);
    return names.n + n_near > 0;
}
