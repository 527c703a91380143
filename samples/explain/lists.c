/* SPDX-License-Identifier: BSD-3-Clause */
#include "lists.h"

#include <stdio.h>

static void tell(const char *message, void *data)
{
    ++*(size_t *)data;
    fprintf(stderr, "tlsfp-explain: %s\n", message);
}

static bool read_list(struct lists *lists, const char *path, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    const tlsfp_span bytes = {(const uint8_t *)text, len};
    size_t n_broken = 0;
    const bool usable =
        tlsfp_labels_read(lists->labels, path, bytes, tell, &n_broken) > 0 || n_broken == 0;
    tlsfp_clients_read(lists->clients, path, bytes, NULL, NULL);
    g_free(text);
    if (!usable)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: no name in it can be used", path);
    return usable;
}

bool lists_read(char **paths, struct lists *out, GError **error)
{
    tlsfp_hash_key key;
    char *installed[] = {EXPLAIN_LIST, NULL};
    tlsfp_hash_key_draw(&key);
    *out = (struct lists){tlsfp_labels_new(&key), tlsfp_clients_new(), NULL};
    if (paths == NULL && g_file_test(EXPLAIN_LIST, G_FILE_TEST_EXISTS))
        paths = installed;
    if (paths == NULL)
        out->missing = "no list of names is installed; name one by --labels";
    bool fine = true;
    for (size_t i = 0; fine && paths != NULL && paths[i] != NULL; i++)
        fine = read_list(out, paths[i], error);
    return fine;
}

void lists_free(struct lists *lists)
{
    tlsfp_labels_free(lists->labels);
    tlsfp_clients_free(lists->clients);
}
