/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/client_names.h"

#include <stdio.h>

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp: %s\n", message);
}

bool client_names_read(tlsfp_labels *labels, const char *path, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    tlsfp_labels_read(labels, path, (tlsfp_span){(const uint8_t *)text, len}, tell, NULL);
    g_free(text);
    return true;
}

size_t client_names_of(sighting *seen, tlsfp_label out[TLSFP_MAX_NAMES], tlsfp_level *out_level)
{
    *out_level = TLSFP_LEVEL_NONE;
    if (seen->labels == NULL)
        return 0;
    size_t n = tlsfp_labels_find_client(seen->labels, seen->context, seen->found->hello, out,
                                        TLSFP_MAX_NAMES);
    *out_level = tlsfp_labels_level(out, n);
    return n;
}
