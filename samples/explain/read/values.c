/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Values by their form, and clients of the list by their names. */
#include <string.h>

#include "read/parts.h"

bool value_kind(const char *word, tlsfp_kind *out)
{
    static const tlsfp_kind kinds[] = {
        TLSFP_KIND_JA4,   TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_A, TLSFP_KIND_JA3,
        TLSFP_KIND_JA4_R, TLSFP_KIND_JA3_R,  TLSFP_KIND_JA4_B,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (tlsfp_kind_fits(kinds[i], word)) {
            *out = kinds[i];
            return kinds[i] != TLSFP_KIND_JA3_R || strchr(word, ',') != NULL;
        }
    return false;
}

/** The raw form of a hash, where a client of the list has it. */
static const char *raw_form(const tlsfp_client *client, tlsfp_kind kind, const char *value)
{
    if (kind == TLSFP_KIND_JA4 && g_strcmp0(client->ja4, value) == 0)
        return client->ja4_r;
    return kind == TLSFP_KIND_JA3 && g_strcmp0(client->ja3, value) == 0 ? client->ja3_r : NULL;
}

/** Takes what a hash was made of from the first client that has it. */
static void take_raw_form(struct subject *subject, tlsfp_kind kind, const tlsfp_clients *clients)
{
    for (size_t i = 0; subject->shape == NULL && i < tlsfp_clients_count(clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        const char *raw = raw_form(client, kind, subject->values[kind]);
        if (raw == NULL)
            continue;
        subject->shape = tlsfp_shape_new();
        tlsfp_shape_add_text(subject->shape, raw);
        subject->known_from = g_strdup(client->name);
    }
}

void read_value(struct subjects *subjects, const char *word, tlsfp_kind kind,
                const tlsfp_clients *clients)
{
    struct subject *subject = subject_new(word);
    char *value = g_strdup(word);
    tlsfp_kind_fold(kind, value);
    subject->values[kind] = value;
    if (kind == TLSFP_KIND_JA4_B) /* or c: a hash does not say */
        subject->values[TLSFP_KIND_JA4_C] = g_strdup(value);
    take_raw_form(subject, kind, clients);
    subject_complete(subject);
    subjects_add(subjects, subject);
}

/* ---- names ---- */

/** "Chromium 131–133"; to be freed with g_free(). */
static char *short_name(const tlsfp_client *client)
{
    return client->family != NULL && client->versions != NULL
               ? g_strdup_printf("%s %s", client->family, client->versions)
               : g_strdup(client->name);
}

/** Whether a word is a client's name, or its family and versions as the list has them. */
static bool is_named(const tlsfp_client *client, const char *word)
{
    char *name = short_name(client);
    const bool named =
        g_ascii_strcasecmp(client->name, word) == 0 || g_ascii_strcasecmp(name, word) == 0;
    g_free(name);
    return named;
}

/** Whether a number is between the first and the last major version: "131" in "129–133". */
static bool is_within(const char *versions, const char *number)
{
    static const char dash[] = "–";
    char *end;
    const guint64 major = g_ascii_strtoull(number, &end, 10);
    if (end == number || *end != '\0' || !g_ascii_isdigit(versions[0]))
        return false;
    const char *last = strstr(versions, dash);
    return g_ascii_strtoull(versions, NULL, 10) <= major &&
           major <= g_ascii_strtoull(last != NULL ? last + strlen(dash) : versions, NULL, 10);
}

/** Whether the first @p len bytes of a word are a client's family, or Chrome for Chromium. */
static bool is_of_family(const tlsfp_client *client, const char *word, size_t len)
{
    if (client->family == NULL || client->versions == NULL)
        return false;
    char *family = g_strndup(word, len);
    const bool same =
        g_ascii_strcasecmp(client->family, family) == 0 ||
        (g_ascii_strcasecmp(family, "Chrome") == 0 && strcmp(client->family, "Chromium") == 0);
    g_free(family);
    return same;
}

/** Whether a word is a client's family and a major version that it has. */
static bool has_version(const tlsfp_client *client, const char *word)
{
    const char *space = strrchr(word, ' ');
    return space != NULL && is_of_family(client, word, (size_t)(space - word)) &&
           is_within(client->versions, space + 1);
}

static const tlsfp_client *find_client(const tlsfp_clients *clients, const char *word,
                                       bool (*fits)(const tlsfp_client *, const char *))
{
    for (size_t i = 0; i < tlsfp_clients_count(clients); i++)
        if (fits(tlsfp_clients_get(clients, i), word))
            return tlsfp_clients_get(clients, i);
    return NULL;
}

bool read_name(struct subjects *subjects, const char *word, const tlsfp_clients *clients)
{
    const tlsfp_client *client = find_client(clients, word, is_named);
    if (client == NULL)
        client = find_client(clients, word, has_version);
    if (client == NULL)
        return false;
    char *title = short_name(client);
    struct subject *subject = subject_new(title);
    g_free(title);
    subject->values[TLSFP_KIND_JA4] = g_strdup(client->ja4);
    subject->values[TLSFP_KIND_JA4_R] = g_strdup(client->ja4_r);
    subject->values[TLSFP_KIND_STABLE] = g_strdup(client->stable);
    subject->values[TLSFP_KIND_JA3] = g_strdup(client->ja3);
    subject->values[TLSFP_KIND_JA3_R] = g_strdup(client->ja3_r);
    subject->values[TLSFP_KIND_JA3N_R] = g_strdup(client->ja3n_r);
    subject_complete(subject);
    subjects_add(subjects, subject);
    return true;
}

char *other_versions(const char *word, const tlsfp_clients *clients)
{
    const char *space = strrchr(word, ' ');
    const size_t len =
        space != NULL && g_ascii_isdigit(space[1]) ? (size_t)(space - word) : strlen(word);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < tlsfp_clients_count(clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        char *name = is_of_family(client, word, len) ? short_name(client) : NULL;
        if (name != NULL && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, name);
        else
            g_free(name);
    }
    g_ptr_array_add(names, NULL);
    char *text = names->len > 1 ? g_strjoinv(", ", (char **)names->pdata) : NULL;
    g_ptr_array_unref(names);
    return text;
}
