/* SPDX-License-Identifier: BSD-3-Clause */
/** @file How two subjects differ. */
#include <stdio.h>
#include <string.h>
#include <tlsfp/escape.h>

#include "say/parts.h"
#include "say/say.h"

static const struct {
    unsigned bit;
    tlsfp_kind kind;
} touching[] = {
    {TLSFP_TOUCHES_JA4_A, TLSFP_KIND_JA4_A}, {TLSFP_TOUCHES_JA4_B, TLSFP_KIND_JA4_B},
    {TLSFP_TOUCHES_JA4_C, TLSFP_KIND_JA4_C}, {TLSFP_TOUCHES_STABLE, TLSFP_KIND_STABLE},
    {TLSFP_TOUCHES_JA3, TLSFP_KIND_JA3},     {TLSFP_TOUCHES_JA3N, TLSFP_KIND_JA3N},
};

unsigned touched_by_name(const char *name)
{
    if (strcmp(name, tlsfp_kind_name(TLSFP_KIND_JA4)) == 0)
        return TLSFP_TOUCHES_JA4_A | TLSFP_TOUCHES_JA4_B | TLSFP_TOUCHES_JA4_C;
    for (size_t i = 0; i < G_N_ELEMENTS(touching); i++)
        if (strcmp(name, tlsfp_kind_name(touching[i].kind)) == 0)
            return touching[i].bit;
    return 0;
}

/** Those of @p only of which the subjects do not have the same value. */
static unsigned differing(const struct subject *first, const struct subject *second, unsigned only)
{
    for (size_t i = 0; i < G_N_ELEMENTS(touching); i++) {
        const char *value = first->values[touching[i].kind];
        if (value != NULL && g_strcmp0(value, second->values[touching[i].kind]) == 0)
            only &= ~touching[i].bit;
    }
    return only;
}

static void keep_touching(GArray *differences, unsigned bits)
{
    for (guint i = differences->len; i-- > 0;)
        if ((tlsfp_difference_touches(&g_array_index(differences, tlsfp_difference, i)) & bits) ==
            0)
            g_array_remove_index(differences, i);
}

/* ---- JSON ---- */

/** "ja4_a", "ja3" ...: the fingerprints that a difference touches. */
static json_t *touched_json(const tlsfp_difference *difference)
{
    json_t *array = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(touching); i++)
        if ((tlsfp_difference_touches(difference) & touching[i].bit) != 0)
            json_array_append_new(array, json_string(tlsfp_kind_name(touching[i].kind)));
    return array;
}

static json_t *difference_json(const tlsfp_difference *difference)
{
    static const char *const changes[] = {"added", "missing", "moved", "changed"};
    GString *text = g_string_new(NULL);
    char value[8];
    tlsfp_difference_text(difference, text);
    g_snprintf(value, sizeof value, "%04x", difference->value);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:o}", "part", tlsfp_part_name(difference->part), "change",
                  changes[difference->change], "value", value, "text", text->str, "touches",
                  touched_json(difference));
    g_string_free(text, TRUE);
    return object;
}

static void print_differences_json(const struct subject *first, const struct subject *second,
                                   const GArray *differences)
{
    json_t *array = json_array();
    for (guint i = 0; i < differences->len; i++)
        json_array_append_new(array,
                              difference_json(&g_array_index(differences, tlsfp_difference, i)));
    char *titles[] = {g_utf8_make_valid(first->title, -1), g_utf8_make_valid(second->title, -1)};
    print_json(json_pack("{s:s, s:s, s:o}", "first", titles[0], "second", titles[1], "differences",
                         array));
    g_free(titles[0]);
    g_free(titles[1]);
}

/* ---- words ---- */

static void append_touched(GString *out, const tlsfp_difference *difference)
{
    const unsigned touched = tlsfp_difference_touches(difference);
    const char *before = " ";
    g_string_append(out, touched == 0 ? "  (touches no fingerprint" : "  (touches");
    for (size_t i = 0; i < G_N_ELEMENTS(touching); i++)
        if ((touched & touching[i].bit) != 0) {
            g_string_append_printf(out, "%s%s", before, tlsfp_kind_name(touching[i].kind));
            before = ", ";
        }
    g_string_append_c(out, ')');
}

static void print_difference(const tlsfp_difference *difference)
{
    GString *text = g_string_new("  ");
    tlsfp_difference_text(difference, text);
    append_touched(text, difference);
    puts(text->str);
    g_string_free(text, TRUE);
}

static void print_title(const char *before, const char *title)
{
    GString *shown = g_string_new(NULL);
    tlsfp_append_escaped_string(shown, title);
    g_string_prepend(shown, before);
    puts(shown->str);
    g_string_free(shown, TRUE);
}

/** A trait that only one of two whole hellos has. */
static void print_trait(const char *name, bool first, bool second)
{
    if (first != second)
        printf("  %s %s  (touches no fingerprint)\n", second ? "plus" : "without", name);
}

static void print_differences(const struct subject *first, const struct subject *second,
                              const GArray *differences, bool all)
{
    print_title("", second->title);
    print_title("  compared with ", first->title);
    for (guint i = 0; i < differences->len; i++)
        print_difference(&g_array_index(differences, tlsfp_difference, i));
    if (all && first->whole && second->whole) {
        print_trait("GREASE", first->grease, second->grease);
        print_trait("an offer to resume a session", first->resumption, second->resumption);
    }
    if (differences->len == 0)
        puts(all ? "  the same, as far as both are known" : "  the same in these values");
}

bool say_differences(const struct subject *first, const struct subject *second, unsigned only,
                     bool json)
{
    GArray *differences = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(first->shape, second->shape, differences);
    if (only != 0)
        keep_touching(differences, differing(first, second, only));
    if (json)
        print_differences_json(first, second, differences);
    else
        print_differences(first, second, differences, only == 0);
    const bool same = differences->len == 0;
    g_array_unref(differences);
    return same;
}
