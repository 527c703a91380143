/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * The postdissector: adds the fingerprints of a packet's hellos to its tree.
 *
 * Wireshark dissects a packet many times, and only some passes have the fields with the handshake
 * messages (wanted.h). The first of those computes the fingerprints (messages.h, results.h) and
 * keeps them with the packet; every pass builds its tree from them.
 */
#include "client_filters.h"
#include "client_names.h"
#include "compat.h"
#include "connections.h"
#include "endpoints.h"
#include "fields.h"
#include "messages.h"
#include "preferences.h"
#include "results.h"
#include "statistics.h"
#include "tree.h"
#include "wanted.h"

#include "version.h"

void proto_register_tlsfp(void);
void proto_reg_handoff_tlsfp(void);

static int proto_tlsfp = -1;
static dissector_handle_t tlsfp_handle;
static int tlsfp_tap;

/** The hellos of a packet. */
typedef struct {
    packet_info *pinfo;
    proto_tree *tree;
    wmem_array_t *results; /* of result *; NULL until there is one */
} packet_hellos;

static result *keep_hello(packet_hellos *packet, const result *hello)
{
    if (packet->results == NULL)
        packet->results = wmem_array_sized_new(wmem_file_scope(), sizeof(result *), 1);
    result *kept = (result *)wmem_memdup(wmem_file_scope(), hello, sizeof *hello);
    wmem_array_append(packet->results, &kept, 1);
    return kept;
}

static void add_message(tlsfp_span message, tlsfp_transport transport, void *data)
{
    packet_hellos *packet = (packet_hellos *)data;
    result hello;
    if (!results_of(message, transport, &hello))
        return;
    result *kept = keep_hello(packet, &hello);
    connection *conn = connections_of(packet->pinfo, packet->tree);
    if (conn != NULL)
        connections_note(conn, packet->pinfo, kept, message);
}

static void add_ssl2(void *data)
{
    const result hello = {.title = "ClientHello in SSL 2.0 framing", .is_ssl2 = true};
    keep_hello((packet_hellos *)data, &hello);
}

static void compute(packet_info *pinfo, proto_tree *tree)
{
    static const message_visitor visitor = {add_message, add_ssl2};
    packet_hellos found = {pinfo, tree, NULL};
    messages_visit(pinfo, tree, &visitor, &found);
    if (found.results != NULL)
        p_add_proto_data(wmem_file_scope(), pinfo, proto_tlsfp, KEY_RESULTS, found.results);
}

static wmem_array_t *results_kept(packet_info *pinfo)
{
    return (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_tlsfp, KEY_RESULTS);
}

static void name_in_info(packet_info *pinfo, const result *client)
{
    const client_labels *names = client_names_of(client);
    col_append_fstr(pinfo->cinfo, COL_INFO, " [%s%s%s]", client->summary, names != NULL ? " " : "",
                    names != NULL ? names->labels[0].name : "");
}

static void count(tapped_client tapped, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    statistics_count(pinfo, tapped);
    if (tree != NULL && tapped.is_row)
        endpoints_show(tvb, pinfo, tree, tapped.client);
}

/** @param of_connection the client for which the packet counts anyway; or NULL. */
static void show_client(const result *hello, const result *of_connection, tvbuff_t *tvb,
                        packet_info *pinfo, proto_tree *tree)
{
    bool is_counted = of_connection != NULL && strcmp(hello->values[TLSFP_KIND_JA4],
                                                      of_connection->values[TLSFP_KIND_JA4]) == 0;
    if (!hello->is_repeat)
        count((tapped_client){hello, .is_hello = true, .is_row = !is_counted}, tvb, pinfo, tree);
    if (preferences_info())
        name_in_info(pinfo, hello);
}

static void show(packet_info *pinfo, tvbuff_t *tvb, proto_tree *tree)
{
    wmem_array_t *results = results_kept(pinfo);
    const result *of_connection = preferences_stream() ? connections_client(pinfo) : NULL;
    if (of_connection != NULL)
        count((tapped_client){of_connection, .is_row = true,
                              .is_from_server = connections_is_from_server(pinfo)},
              tvb, pinfo, tree);
    for (unsigned i = 0; results != NULL && i < wmem_array_get_count(results); i++) {
        const result *hello = *(result **)wmem_array_index(results, i);
        if (hello->details != NULL)
            show_client(hello, of_connection, tvb, pinfo, tree);
        if (tree != NULL)
            tree_show(hello, tvb, pinfo, tree);
    }
}

static int dissect_tlsfp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    bool stream = preferences_stream();
    if (tree != NULL && wanted_are_there(pinfo) && results_kept(pinfo) == NULL) {
        compute(pinfo, tree);
        if (stream)
            connections_follow(pinfo, tree);
    }
    if (tree != NULL)
        wanted_go_on(pinfo);
    show(pinfo, tvb, tree);
    if (stream && tree != NULL)
        connections_show(tvb, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

void proto_register_tlsfp(void)
{
    proto_tlsfp = proto_register_protocol("TLS Fingerprint", "TLSFP", "tlsfp");
    fields_register(proto_tlsfp);
    tree_register(proto_tlsfp);
    connections_register(proto_tlsfp);
    client_names_register();
    preferences_register(proto_tlsfp, client_names_table(), client_names_apply);
    tlsfp_tap = statistics_register();
    endpoints_register(proto_tlsfp);
    client_filters_register();
    tlsfp_handle = register_dissector("tlsfp", dissect_tlsfp, proto_tlsfp);
    register_postdissector(tlsfp_handle);
    results_start();
    register_shutdown_routine(results_stop);
}

void proto_reg_handoff_tlsfp(void)
{
    messages_start();
    connections_start();
    wanted_start(tlsfp_handle, tlsfp_tap);
}

WS_DLL_PUBLIC_DEF const char plugin_version[] = TLSFP_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC void plugin_register(void);
TLSFP_PLUGIN_DESCRIBE

void plugin_register(void)
{
    static proto_plugin plugin;
    wanted_register();
    plugin.register_protoinfo = proto_register_tlsfp;
    plugin.register_handoff = proto_reg_handoff_tlsfp;
    proto_register_plugin(&plugin);
}
