/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "endpoints.h"

#include "results.h"

#include <epan/conversation_table.h>

/** The field that a row's text is compared with. */
static const char *filter_field(struct _endpoint_item_t *item _U_, conv_filter_type_e type)
{
    return type == CONV_FT_ANY_ADDRESS ? "tlsfp.ja4" : CONV_FILTER_INVALID;
}

static tap_packet_status count(void *table, packet_info *pinfo, epan_dissect_t *edt _U_,
                               const void *data, tap_flags_t flags)
{
    static et_dissector_info_t info = {filter_field};
    const result *client = (const result *)data;
    const char *ja4 = client->values[TLSFP_KIND_JA4];
    conv_hash_t *counts = (conv_hash_t *)table;
    address text;
    counts->flags = flags;
    set_address(&text, AT_STRINGZ, (int)strlen(ja4) + 1, ja4);
    add_endpoint_table_data(counts, &text, 0, TRUE, 1, (int)pinfo->fd->pkt_len, &info,
                            ENDPOINT_NONE);
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
    register_conversation_table(proto, TRUE, count_none, count);
}
