/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Whose a subject is. */
#include <string.h>

#include "say/parts.h"

/** The kinds by which a name is exact, then those that say less. */
static const struct {
    const char *name;
    tlsfp_kind kinds[6];
    size_t n;
} certainties[] = {
    {"exactly",
     {TLSFP_KIND_JA4, TLSFP_KIND_JA4_R, TLSFP_KIND_JA3, TLSFP_KIND_JA3_R, TLSFP_KIND_JA3N,
      TLSFP_KIND_JA4_O},
     6},
    {"by the stable value", {TLSFP_KIND_STABLE, TLSFP_KIND_STABLE_R}, 2},
    {"by ja4_bc", {TLSFP_KIND_JA4_BC}, 1},
};

void find_names(const struct subject *subject, const struct lists *lists, struct found_names *out)
{
    *out = (struct found_names){.n = 0};
    for (size_t i = 0; out->n == 0 && i < G_N_ELEMENTS(certainties); i++) {
        const char *values[TLSFP_N_CLIENT_KINDS] = {NULL};
        for (size_t j = 0; j < certainties[i].n; j++)
            values[certainties[i].kinds[j]] = subject->values[certainties[i].kinds[j]];
        out->n = tlsfp_labels_find(lists->labels, values, out->labels, TLSFP_MAX_NAMES);
        out->certainty = out->n > 0 ? certainties[i].name : NULL;
    }
}

size_t find_near(const struct subject *subject, const struct lists *lists, tlsfp_near out[MAX_NEAR])
{
    enum { LOOKED_AT = 64 };
    tlsfp_near near[LOOKED_AT];
    size_t n_out = 0;
    if (subject->shape == NULL)
        return 0;
    const size_t n = tlsfp_clients_nearest(lists->clients, subject->shape, near, LOOKED_AT);
    for (size_t i = 0; i < n && n_out < MAX_NEAR; i++) {
        bool named = false;
        for (size_t j = 0; j < n_out; j++)
            named |= strcmp(out[j].client->name, near[i].client->name) == 0;
        if (!named)
            out[n_out++] = near[i];
    }
    return n_out;
}

GArray *find_differences(const tlsfp_client *client, const struct subject *subject)
{
    GArray *differences = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(client->shape, subject->shape, differences);
    return differences;
}

/** Whether a client's JA4 has this hash as part b (@p at 11) or c (24). */
static bool shares(const tlsfp_client *client, const char *hash, size_t at)
{
    return client->ja4 != NULL && strlen(client->ja4) == TLSFP_JA4_LEN && hash != NULL &&
           strncmp(client->ja4 + at, hash, TLSFP_JA4_HASH_LEN) == 0;
}

GPtrArray *find_sharing(const struct subject *subject, const struct lists *lists, tlsfp_kind kind)
{
    GPtrArray *names = g_ptr_array_new();
    const size_t at = kind == TLSFP_KIND_JA4_B ? TLSFP_JA4_B_AT : TLSFP_JA4_C_AT;
    for (size_t i = 0; i < tlsfp_clients_count(lists->clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(lists->clients, i);
        if (shares(client, subject->values[kind], at) &&
            !g_ptr_array_find_with_equal_func(names, client->name, g_str_equal, NULL))
            g_ptr_array_add(names, (gpointer)client->name);
    }
    return names;
}
