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

void read_value(struct subjects *subjects, const char *word, tlsfp_kind kind)
{
    struct subject *subject = subject_new(word);
    char *value = g_strdup(word);
    tlsfp_kind_fold(kind, value);
    subject->values[kind] = value;
    if (kind == TLSFP_KIND_JA4_B) /* or c: a hash does not say */
        subject->values[TLSFP_KIND_JA4_C] = g_strdup(value);
    subject_complete(subject);
    subjects_add(subjects, subject);
}

static bool is_named(const tlsfp_client *client, const char *word)
{
    if (g_ascii_strcasecmp(client->name, word) == 0)
        return true;
    if (client->family == NULL || client->versions == NULL)
        return false;
    char *name = g_strdup_printf("%s %s", client->family, client->versions);
    const bool named = g_ascii_strcasecmp(name, word) == 0;
    g_free(name);
    return named;
}

bool read_name(struct subjects *subjects, const char *word, const tlsfp_clients *clients)
{
    for (size_t i = 0; i < tlsfp_clients_count(clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        if (!is_named(client, word))
            continue;
        struct subject *subject = subject_new(client->name);
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
    return false;
}
