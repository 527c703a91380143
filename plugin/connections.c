/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connections.h"

#include <epan/conversation.h>

/** What is kept with a conversation in which there was a hello. */
typedef struct {
    bool retry_requested; /* and no ClientHello since */
} connection;

static int proto_tlsfp;

void connections_start(int proto)
{
    proto_tlsfp = proto;
}

/** What is kept of the packet's conversation; NULL where Wireshark knows of none. */
static connection *connection_of(packet_info *pinfo)
{
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    if (conversation == NULL)
        return NULL;
    connection *kept = (connection *)conversation_get_proto_data(conversation, proto_tlsfp);
    if (kept == NULL) {
        kept = wmem_new0(wmem_file_scope(), connection);
        conversation_add_proto_data(conversation, proto_tlsfp, kept);
    }
    return kept;
}

void connections_note(packet_info *pinfo, const result *hello)
{
    connection *kept = connection_of(pinfo);
    if (kept == NULL)
        return;
    if (hello->is_retry_request)
        kept->retry_requested = true;
    if (hello->details != NULL && kept->retry_requested) {
        hello->details->flags[FLAG_RETRY] = true;
        kept->retry_requested = false;
    }
}
