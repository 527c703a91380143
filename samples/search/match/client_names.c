/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/client_names.h"

#include "captures.h"

#include <stdio.h>
#include <string.h>
#include <tlsfp/nearest.h>

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp: %s\n", message);
}

bool client_names_read(tlsfp_labels *labels, const char *path, GError **error)
{
    return tlsfp_lists_load(path, labels, NULL, tell, NULL, error);
}

tlsfp_labels *client_names_installed(const tlsfp_hash_key *key)
{
    char *path = installed_list();
    tlsfp_labels *labels = tlsfp_labels_new(key);
    if (path == NULL || !tlsfp_lists_load(path, labels, NULL, NULL, NULL, NULL))
        g_clear_pointer(&labels, tlsfp_labels_free);
    g_free(path);
    return labels;
}

static bool has_name(const tlsfp_label *labels, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(labels[i].name, name) == 0)
            return true;
    return false;
}

/** Appends the names of a list that are not there yet. */
static size_t add_names(const sighting *seen, const tlsfp_labels *list,
                        tlsfp_label out[TLSFP_MAX_NAMES], size_t n)
{
    tlsfp_label found[TLSFP_MAX_NAMES];
    size_t n_found = list == NULL
                         ? 0
                         : tlsfp_labels_find_client(list, seen->context, seen->found->hello, found,
                                                    TLSFP_MAX_NAMES);
    for (size_t i = 0; i < n_found && n < TLSFP_MAX_NAMES; i++)
        if (!has_name(out, n, found[i].name))
            out[n++] = found[i];
    return n;
}

size_t client_names_of(sighting *seen, tlsfp_label out[TLSFP_MAX_NAMES], tlsfp_level *out_level)
{
    *out_level = TLSFP_LEVEL_NONE;
    if (seen->names == NULL)
        return 0;
    size_t n = add_names(seen, seen->names->own, out, 0);
    n = add_names(seen, seen->names->installed, out, n);
    *out_level = tlsfp_labels_level(out, n);
    return n;
}
