/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoints.h"

#include "client_names.h"
#include "statistics.h"

#include <epan/conversation_table.h>

static int hf_endpoint;

/** The field by which a row is filtered. */
static const char *filter_field(struct _endpoint_item_t *item _U_, conv_filter_type_e type)
{
    return type == CONV_FT_ANY_ADDRESS ? "tlsfp.endpoint" : CONV_FILTER_INVALID;
}

/** "JA4 (name)", without what would have to be escaped in a filter. */
static const char *row_text(wmem_allocator_t *pool, const result *client)
{
    const client_labels *names = client_names_of(client);
    const char *ja4 = client->values[TLSFP_KIND_JA4];
    if (names == NULL)
        return ja4;
    char *text =
        wmem_strdup_printf(pool, "%s (%s)", ja4, client_names_short(pool, names->labels[0].name));
    return g_strdelimit(text, "\"\\", '\'');
}

static tap_packet_status count(void *table, packet_info *pinfo, epan_dissect_t *edt _U_,
                               const void *data, tap_flags_t flags)
{
    static et_dissector_info_t info = {filter_field};
    const tapped_client *tapped = (const tapped_client *)data;
    conv_hash_t *counts = (conv_hash_t *)table;
    address row;
    counts->flags = flags;
    if (!tapped->is_row)
        return TAP_PACKET_DONT_REDRAW;
    const char *text = row_text(pinfo->pool, tapped->client);
    set_address(&row, AT_STRINGZ, (int)strlen(text) + 1, text);
    add_endpoint_table_data(counts, &row, 0, !tapped->is_from_server, 1, (int)pinfo->fd->pkt_len,
                            &info, ENDPOINT_NONE);
    return TAP_PACKET_REDRAW;
}

/** The API requires a conversation callback; JA4s have no conversations. */
static tap_packet_status count_none(void *table _U_, packet_info *pinfo _U_,
                                    epan_dissect_t *edt _U_, const void *data _U_,
                                    tap_flags_t flags _U_)
{
    return TAP_PACKET_DONT_REDRAW;
}

void endpoints_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_endpoint,
         {"Row among the endpoints", "tlsfp.endpoint", FT_STRING, BASE_NONE, NULL, 0,
          "JA4 and name, as Statistics, Endpoints has them, on each packet that counts there",
          HFILL}},
    };
    proto_register_field_array(proto, hf, array_length(hf));
    register_conversation_table(proto, TRUE, count_none, count);
}

void endpoints_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const result *client)
{
    if (!proto_field_is_referenced(tree, hf_endpoint))
        return;
    proto_item *item =
        proto_tree_add_string(tree, hf_endpoint, tvb, 0, 0, row_text(pinfo->pool, client));
    proto_item_set_generated(item);
    proto_item_set_hidden(item); /* the subtree has both already */
}
