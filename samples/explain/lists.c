/* SPDX-License-Identifier: BSD-3-Clause */
#include "lists.h"

#include <captures.h>
#include <stdio.h>

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp-explain: %s\n", message);
}

bool lists_read(char **paths, struct lists *out, GError **error)
{
    tlsfp_hash_key key;
    char *installed[] = {paths == NULL ? installed_list() : NULL, NULL};
    tlsfp_hash_key_draw(&key);
    *out = (struct lists){tlsfp_labels_new(&key), tlsfp_clients_new(), NULL};
    if (installed[0] != NULL)
        paths = installed;
    if (paths == NULL)
        out->missing = "no list of names is installed; name one by --labels";
    bool fine = true;
    for (size_t i = 0; fine && paths != NULL && paths[i] != NULL; i++)
        fine = tlsfp_lists_load(paths[i], out->labels, out->clients, tell, NULL, error);
    g_free(installed[0]);
    return fine;
}

void lists_free(struct lists *lists)
{
    tlsfp_labels_free(lists->labels);
    tlsfp_clients_free(lists->clients);
}
