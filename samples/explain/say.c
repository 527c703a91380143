/* SPDX-License-Identifier: BSD-3-Clause */
#include "say.h"

#include <stdio.h>
#include <string.h>
#include <tlsfp/escape.h>

enum { SHOWN_NEAR = 3, SHOWN_DIFFERENCES = 6, SHOWN_SHARING = 8, LABEL_WIDTH = 22 };

/* ---- lines ---- */

static void say_line(const char *label, const char *text)
{
    GString *shown = g_string_new(NULL);
    tlsfp_append_escaped_string(shown, text);
    printf("  %-*s%s\n", LABEL_WIDTH, label, shown->str);
    g_string_free(shown, TRUE);
}

static const char *name_of(tlsfp_part part, uint16_t value)
{
    switch (part) {
    case TLSFP_PART_CIPHER_SUITES:
        return tlsfp_cipher_suite_name(value);
    case TLSFP_PART_EXTENSIONS:
        return tlsfp_extension_name(value);
    case TLSFP_PART_GROUPS:
    case TLSFP_PART_KEY_SHARES:
        return tlsfp_group_name(value);
    case TLSFP_PART_SIGNATURE_ALGORITHMS:
        return tlsfp_signature_algorithm_name(value);
    default:
        return tlsfp_version_name(value);
    }
}

static void append_values(GString *out, tlsfp_part part, const uint16_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = name_of(part, values[i]);
        g_string_append(out, i > 0 ? ", " : "");
        if (name != NULL)
            g_string_append(out, name);
        else
            g_string_append_printf(out, "0x%04x", values[i]);
    }
}

static void say_list(const subject *about, tlsfp_part part, const char *label)
{
    const uint16_t *values;
    size_t n;
    bool ordered;
    if (about->shape == NULL || !tlsfp_shape_values(about->shape, part, &values, &n, &ordered))
        return;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%zu%s%s", n, ordered || n < 2 ? "" : ", sorted",
                           n > 0 ? ": " : "");
    append_values(text, part, values, n);
    say_line(label, text->str);
    g_string_free(text, TRUE);
}

/** What part a says. */
static void say_part_a(const char *part_a)
{
    static const struct {
        char code[3];
        const char *name;
    } versions[] = {
        {"13", "TLS 1.3"},  {"12", "TLS 1.2"},  {"11", "TLS 1.1"},
        {"10", "TLS 1.0"},  {"s3", "SSL 3.0"},  {"s2", "SSL 2.0"},
        {"d1", "DTLS 1.0"}, {"d2", "DTLS 1.2"}, {"d3", "DTLS 1.3"},
    };
    const char *version = "unknown";
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        if (strncmp(part_a + 1, versions[i].code, 2) == 0)
            version = versions[i].name;
    say_line("transport", part_a[0] == 'q' ? "QUIC" : part_a[0] == 'd' ? "DTLS" : "TLS over TCP");
    say_line("version", version);
    say_line("server name", part_a[3] == 'd' ? "asked for" : "none");
    char *counts = g_strdup_printf(
        "%.2s cipher suites, %.2s extensions%s", part_a + 4, part_a + 6,
        strncmp(part_a + 4, "99", 2) == 0 || strncmp(part_a + 6, "99", 2) == 0 ? " (99: or more)"
                                                                               : "");
    say_line("counts", counts);
    g_free(counts);
    char *alpn =
        strcmp(part_a + 8, "00") == 0
            ? g_strdup("no ALPN")
            : g_strdup_printf("%s (first and last character of the first protocol)", part_a + 8);
    say_line("ALPN", alpn);
    g_free(alpn);
}

/* ---- who ---- */

/** The kinds by which a name is exact, and those that say less, in turn. */
typedef struct {
    const char *how;
    tlsfp_kind kinds[6];
    size_t n;
} certainty;

static const certainty certainties[] = {
    {"exactly",
     {TLSFP_KIND_JA4, TLSFP_KIND_JA4_R, TLSFP_KIND_JA3, TLSFP_KIND_JA3_R, TLSFP_KIND_JA3N,
      TLSFP_KIND_JA4_O},
     6},
    {"by the stable value", {TLSFP_KIND_STABLE, TLSFP_KIND_STABLE_R}, 2},
    {"by ja4_bc", {TLSFP_KIND_JA4_BC}, 1},
};

/** The labels of a subject, and how certain they are. */
static size_t find_names(const subject *about, const lists *known, tlsfp_label out[TLSFP_MAX_NAMES],
                         const char **out_how)
{
    for (size_t i = 0; i < G_N_ELEMENTS(certainties); i++) {
        const char *values[TLSFP_N_CLIENT_KINDS] = {NULL};
        for (size_t j = 0; j < certainties[i].n; j++)
            values[certainties[i].kinds[j]] = about->values[certainties[i].kinds[j]];
        const size_t n = tlsfp_labels_find(known->labels, values, out, TLSFP_MAX_NAMES);
        *out_how = certainties[i].how;
        if (n > 0)
            return n;
    }
    return 0;
}

static void say_names(const tlsfp_label *labels, size_t n, const char *how)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", labels[i].name);
        if (labels[i].level != TLSFP_LEVEL_NONE)
            g_string_append_printf(text, " (%s)", tlsfp_level_name(labels[i].level));
    }
    g_string_append_printf(text, " (%s)", how);
    say_line("client", text->str);
    g_string_free(text, TRUE);
}

/** What tells the subject from a known client. */
static GArray *differences_from(const tlsfp_client *client, const subject *about)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(client->shape, about->shape, found);
    return found;
}

static void say_near(const tlsfp_near *near, const subject *about)
{
    GArray *found = differences_from(near->client, about);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "like %s", near->client->name);
    for (guint i = 0; i < MIN(found->len, SHOWN_DIFFERENCES); i++) {
        g_string_append(text, i == 0 ? ": " : ", ");
        tlsfp_difference_text(&g_array_index(found, tlsfp_difference, i), text);
    }
    if (found->len > SHOWN_DIFFERENCES)
        g_string_append_printf(text, ", and %u more", found->len - SHOWN_DIFFERENCES);
    say_line("nearest", text->str);
    g_string_free(text, TRUE);
    g_array_unref(found);
}

/** The nearest known clients of different names. */
static size_t find_near(const subject *about, const lists *known, tlsfp_near out[SHOWN_NEAR])
{
    enum { LOOKED_AT = 64 };
    tlsfp_near near[LOOKED_AT];
    size_t n_out = 0;
    if (about->shape == NULL)
        return 0;
    const size_t n = tlsfp_clients_nearest(known->clients, about->shape, near, LOOKED_AT);
    for (size_t i = 0; i < n && n_out < SHOWN_NEAR; i++) {
        bool named = false;
        for (size_t j = 0; j < n_out; j++)
            named |= strcmp(out[j].client->name, near[i].client->name) == 0;
        if (!named)
            out[n_out++] = near[i];
    }
    return n_out;
}

/** Whether a client's JA4 has this hash as part b (@p at 11) or c (24). */
static bool shares(const tlsfp_client *client, const char *hash, size_t at)
{
    return client->ja4 != NULL && strlen(client->ja4) == TLSFP_JA4_LEN && hash != NULL &&
           strncmp(client->ja4 + at, hash, TLSFP_JA4_HASH_LEN) == 0;
}

/** The names of clients of the list that share a part. */
static GPtrArray *find_sharing(const subject *about, const lists *known, tlsfp_kind kind)
{
    GPtrArray *names = g_ptr_array_new();
    const size_t at = kind == TLSFP_KIND_JA4_B ? TLSFP_JA4_B_AT : TLSFP_JA4_C_AT;
    for (size_t i = 0; i < tlsfp_clients_count(known->clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(known->clients, i);
        if (shares(client, about->values[kind], at) &&
            !g_ptr_array_find_with_equal_func(names, client->name, g_str_equal, NULL))
            g_ptr_array_add(names, (gpointer)client->name);
    }
    return names;
}

static void say_sharing(const subject *about, const lists *known, tlsfp_kind kind,
                        const char *label)
{
    GPtrArray *names = find_sharing(about, known, kind);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(names->len, SHOWN_SHARING); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "; " : "",
                               (const char *)g_ptr_array_index(names, i));
    if (names->len > SHOWN_SHARING)
        g_string_append_printf(text, "; and %u more", names->len - SHOWN_SHARING);
    if (names->len > 0)
        say_line(label, text->str);
    g_string_free(text, TRUE);
    g_ptr_array_unref(names);
}

static const char *is_hash_only(const subject *about)
{
    return about->shape == NULL
               ? "a hash cannot be turned back into what it was made of: only lists can name it"
               : NULL;
}

static void say_traits(const subject *about)
{
    if (!about->whole)
        return;
    GString *text = g_string_new(NULL);
    const struct {
        bool has;
        const char *name;
    } traits[] = {{about->post_quantum, "a post-quantum group"},
                  {about->ech, "an encrypted ClientHello, or a pretended one"},
                  {about->grease, "GREASE"},
                  {about->resumption, "an offer to resume a session"}};
    for (size_t i = 0; i < G_N_ELEMENTS(traits); i++)
        if (traits[i].has)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", traits[i].name);
    say_line("traits", text->len > 0 ? text->str : "none");
    g_string_free(text, TRUE);
}

static void say_values(const subject *about)
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA4, TLSFP_KIND_STABLE, TLSFP_KIND_JA4_BC,
                                       TLSFP_KIND_JA3, TLSFP_KIND_JA3N};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (about->values[kinds[i]] != NULL && strcmp(about->values[kinds[i]], about->title) != 0)
            say_line(tlsfp_kind_name(kinds[i]), about->values[kinds[i]]);
}

static void say_title(const subject *about)
{
    GString *title = g_string_new(NULL);
    tlsfp_append_escaped_string(title, about->title);
    if (about->count > 1)
        printf("%s  (%u hellos)\n", title->str, about->count);
    else
        printf("%s\n", title->str);
    g_string_free(title, TRUE);
}

static bool say_who(const subject *about, const lists *known)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_near near[SHOWN_NEAR];
    const char *how;
    const size_t n = find_names(about, known, labels, &how);
    if (n > 0)
        say_names(labels, n, how);
    else
        say_line("client", "in no list");
    const size_t n_near = n > 0 && strcmp(how, "exactly") == 0 ? 0 : find_near(about, known, near);
    for (size_t i = 0; i < n_near; i++)
        say_near(&near[i], about);
    if (is_hash_only(about) != NULL) {
        say_line("note", is_hash_only(about));
        say_sharing(about, known, TLSFP_KIND_JA4_B, "share part b");
        say_sharing(about, known, TLSFP_KIND_JA4_C, "share part c");
    }
    return n + n_near > 0;
}

bool say_subject(const subject *about, const lists *known)
{
    say_title(about);
    say_values(about);
    if (about->values[TLSFP_KIND_JA4_A] != NULL)
        say_part_a(about->values[TLSFP_KIND_JA4_A]);
    const bool found = say_who(about, known);
    say_traits(about);
    say_list(about, TLSFP_PART_CIPHER_SUITES, "cipher suites");
    say_list(about, TLSFP_PART_EXTENSIONS, "extensions");
    say_list(about, TLSFP_PART_GROUPS, "groups");
    say_list(about, TLSFP_PART_KEY_SHARES, "key shares");
    say_list(about, TLSFP_PART_SIGNATURE_ALGORITHMS, "signature algorithms");
    say_list(about, TLSFP_PART_VERSIONS, "supported versions");
    return found;
}

/* ---- differences ---- */

static const struct {
    unsigned bit;
    tlsfp_kind kind;
} touching[] = {
    {TLSFP_TOUCHES_JA4_A, TLSFP_KIND_JA4_A}, {TLSFP_TOUCHES_JA4_B, TLSFP_KIND_JA4_B},
    {TLSFP_TOUCHES_JA4_C, TLSFP_KIND_JA4_C}, {TLSFP_TOUCHES_STABLE, TLSFP_KIND_STABLE},
    {TLSFP_TOUCHES_JA3, TLSFP_KIND_JA3},     {TLSFP_TOUCHES_JA3N, TLSFP_KIND_JA3N},
};

void say_difference(const tlsfp_difference *difference, GString *out)
{
    const unsigned touched = tlsfp_difference_touches(difference);
    tlsfp_difference_text(difference, out);
    g_string_append(out, touched == 0 ? "  (touches no fingerprint" : "  (touches");
    bool first = true;
    for (size_t i = 0; i < G_N_ELEMENTS(touching); i++)
        if ((touched & touching[i].bit) != 0) {
            g_string_append_printf(out, "%s %s", first ? "" : ",",
                                   tlsfp_kind_name(touching[i].kind));
            first = false;
        }
    g_string_append_c(out, ')');
}

json_t *touched_json(const tlsfp_difference *difference)
{
    json_t *array = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(touching); i++)
        if ((tlsfp_difference_touches(difference) & touching[i].bit) != 0)
            json_array_append_new(array, json_string(tlsfp_kind_name(touching[i].kind)));
    return array;
}

/* ---- JSON ---- */

static json_t *list_json(const subject *about, tlsfp_part part)
{
    const uint16_t *values;
    size_t n;
    if (about->shape == NULL || !tlsfp_shape_values(about->shape, part, &values, &n, NULL))
        return json_null();
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        char value[8];
        g_snprintf(value, sizeof value, "%04x", values[i]);
        json_array_append_new(
            array, json_pack("{s:s, s:s?}", "value", value, "name", name_of(part, values[i])));
    }
    return array;
}

static json_t *near_json(const tlsfp_near *near, const subject *about)
{
    GArray *found = differences_from(near->client, about);
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

static json_t *sharing_json(const subject *about, const lists *known, tlsfp_kind kind)
{
    GPtrArray *names = find_sharing(about, known, kind);
    json_t *array = json_array();
    for (guint i = 0; i < names->len; i++)
        json_array_append_new(array, json_string(g_ptr_array_index(names, i)));
    g_ptr_array_unref(names);
    return array;
}

static json_t *values_json(const subject *about)
{
    json_t *values = json_object();
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        if (about->values[i] != NULL)
            json_object_set_new(values, tlsfp_kind_name((tlsfp_kind)i),
                                json_string(about->values[i]));
    return values;
}

static void put_lists(json_t *object, const subject *about)
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
        json_object_set_new(object, parts[i].key, list_json(about, parts[i].part));
}

json_t *say_json(const subject *about, const lists *known, bool *out_known)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_near near[SHOWN_NEAR];
    const char *how;
    const size_t n = find_names(about, known, labels, &how);
    const size_t n_near = find_near(about, known, near);
    json_t *names = json_array(), *nearest = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(names, json_string(labels[i].name));
    for (size_t i = 0; i < n_near; i++)
        json_array_append_new(nearest, near_json(&near[i], about));
    char *title = g_utf8_make_valid(about->title, -1);
    json_t *object = json_pack("{s:s, s:i, s:o, s:o, s:s?, s:o}", "what", title, "count",
                               (int)about->count, "values", values_json(about), "client", names,
                               "certainty", n > 0 ? how : NULL, "nearest", nearest);
    g_free(title);
    if (about->shape == NULL) {
        json_object_set_new(object, "share_ja4_b", sharing_json(about, known, TLSFP_KIND_JA4_B));
        json_object_set_new(object, "share_ja4_c", sharing_json(about, known, TLSFP_KIND_JA4_C));
    }
    if (about->whole)
        json_object_set_new(object, "traits",
                            json_pack("{s:b, s:b, s:b, s:b}", "post_quantum", about->post_quantum,
                                      "ech", about->ech, "grease", about->grease, "resumption",
                                      about->resumption));
    put_lists(object, about);
    *out_known = n + n_near > 0;
    return object;
}
