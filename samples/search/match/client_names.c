/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/client_names.h"

#include <stdio.h>
#include <string.h>

static void tell(const char *message, void *data)
{
    ++*(size_t *)data;
    fprintf(stderr, "tlsfp: %s\n", message);
}

bool client_names_read(tlsfp_labels *labels, const char *path, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    size_t n_broken = 0;
    const tlsfp_span list = {(const uint8_t *)text, len};
    const bool usable = tlsfp_labels_read(labels, path, list, tell, &n_broken) > 0 || n_broken == 0;
    g_free(text);
    if (!usable)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: no name in it can be used", path);
    return usable;
}

/** The list lies beside the program, as it was installed with it, or where it was built for. */
static char *installed_list(void)
{
    char *program = g_file_read_link("/proc/self/exe", NULL);
    char *folder = program != NULL ? g_path_get_dirname(program) : NULL;
    char *beside = folder != NULL
                       ? g_build_filename(folder, "..", "share", "tlsfp", "clients.csv", NULL)
                       : NULL;
    if (beside == NULL || !g_file_test(beside, G_FILE_TEST_IS_REGULAR)) {
        g_free(beside);
        beside = g_strdup(TLSFP_CLIENTS_LIST);
    }
    g_free(folder);
    g_free(program);
    return beside;
}

static void ignore(const char *message, void *data)
{
    (void)message;
    (void)data;
}

tlsfp_labels *client_names_installed(const tlsfp_hash_key *key)
{
    char *path = installed_list(), *text;
    gsize len;
    tlsfp_labels *labels = NULL;
    if (g_file_get_contents(path, &text, &len, NULL)) {
        labels = tlsfp_labels_new(key);
        tlsfp_labels_read(labels, path, (tlsfp_span){(const uint8_t *)text, len}, ignore, NULL);
        g_free(text);
    }
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
