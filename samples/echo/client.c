/* SPDX-License-Identifier: BSD-3-Clause */
#include "client.h"

static void set_names(client_info *client, tlsfp_context *context, const tlsfp_labels *labels)
{
    tlsfp_label found[TLSFP_MAX_NAMES];
    client->named = labels != NULL;
    if (labels == NULL)
        return;
    client->n_names =
        tlsfp_labels_find_client(labels, context, &client->hello, found, TLSFP_MAX_NAMES);
    client->names = g_memdup2(found, client->n_names * sizeof *found);
}

void client_set_hello(client_info *client, tlsfp_span message, tlsfp_transport transport,
                      tlsfp_context *context, const tlsfp_labels *labels)
{
    client->message = message;
    client->parsed = tlsfp_parse(message, transport, &client->hello) == TLSFP_OK;
    if (!client->parsed)
        return;
    tlsfp_ja4(context, &client->hello, TLSFP_SORTED, client->ja4);
    tlsfp_ja3(context, &client->hello, client->ja3);
    set_names(client, context, labels);
}

bool client_offers_early_data(const client_info *client)
{
    enum { EARLY_DATA = 42 };
    tlsfp_span block = client->hello.extensions, body;
    uint16_t type;
    while (client->parsed && tlsfp_next_extension(&block, &type, &body))
        if (type == EARLY_DATA)
            return true;
    return false;
}

tlsfp_level client_level(const client_info *client)
{
    return tlsfp_labels_level(client->names, client->n_names);
}

void client_clear(client_info *client)
{
    g_clear_pointer(&client->names, g_free);
    client->n_names = 0;
}
