/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/nearest.h>

/** Whom to tell of broken rows, and whether there are any. */
typedef struct {
    tlsfp_label_report report;
    void *data;
    bool broken;
} listener;

static void hear(const char *message, void *data)
{
    listener *told = data;
    told->broken = true;
    if (told->report != NULL)
        told->report(message, told->data);
}

bool tlsfp_lists_load(const char *path, tlsfp_labels *labels, tlsfp_clients *clients,
                      tlsfp_label_report report, void *data, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    const tlsfp_span list = {(const uint8_t *)text, len};
    listener told = {report, data, false};
    const bool usable = tlsfp_labels_read(labels, path, list, hear, &told) > 0 || !told.broken;
    if (usable && clients != NULL)
        tlsfp_clients_read(clients, path, list, NULL, NULL);
    g_free(text);
    if (!usable)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: no name in it can be used", path);
    return usable;
}
