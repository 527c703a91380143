/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connections.h"

#include "client_names.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-udp.h>

struct connection {
    stream_field field;
    uint32_t number;
    bool retry_requested;  /* and no ClientHello since */
    wmem_array_t *clients; /* of result *, each JA4 and JA3 once; NULL without any */
    address server;        /* where its first ClientHello went */
    uint32_t server_port;
};

enum { MAX_CLIENTS = 16 }; /* in one connection: more than one only in tunnels and renegotiations */

static int proto_tlsfp;
static int hf_stream;
static int hf_stream_ja4;
static int hf_stream_ja3;
static int hf_stream_client;
static int ett_stream = -1;
static int hf_quic_number;
static wmem_map_t *quic_connections; /* by number */
static wmem_list_t *with_clients;    /* all connections that have any; NULL before the first one */
static wmem_map_t *hellos_seen;      /* hashes of their bytes and connections */
static tlsfp_hash_key hello_key;

void connections_register(int proto)
{
    static hf_register_info hf[] = {
        {&hf_stream,
         {"Connection's client", "tlsfp.stream", FT_NONE, BASE_NONE, NULL, 0,
          "A packet of a connection whose ClientHello was seen", HFILL}},
        {&hf_stream_ja4,
         {"JA4 of the connection", "tlsfp.stream.ja4", FT_STRING, BASE_NONE, NULL, 0,
          "JA4 of the ClientHello with which the connection began", HFILL}},
        {&hf_stream_ja3,
         {"JA3 of the connection", "tlsfp.stream.ja3", FT_STRING, BASE_NONE, NULL, 0,
          "JA3 of the ClientHello with which the connection began", HFILL}},
        {&hf_stream_client,
         {"Client of the connection", "tlsfp.stream.client", FT_STRING, BASE_NONE, NULL, 0,
          "A name of clients with the connection's fingerprint", HFILL}},
    };
    static int *ett[] = {&ett_stream};
    proto_tlsfp = proto;
    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    quic_connections =
        wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    hellos_seen = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_int64_hash,
                                         g_int64_equal);
    tlsfp_hash_key_draw(&hello_key);
}

/** Before each file, and after it. */
static void forget(void)
{
    with_clients = NULL;
}

void connections_start(void)
{
    register_init_routine(forget);
    register_cleanup_routine(forget);
    hf_quic_number = proto_registrar_get_id_byname("quic.connection.number");
}

void connections_want_hfids(GArray *wanted)
{
    if (hf_quic_number > 0)
        g_array_append_val(wanted, hf_quic_number);
}

/** The number that Wireshark gave to the QUIC connection, and so not to another. */
static bool get_quic_number(proto_tree *tree, uint32_t *out)
{
    GPtrArray *found = hf_quic_number > 0 ? proto_get_finfo_ptr_array(tree, hf_quic_number) : NULL;
    if (found == NULL || found->len == 0)
        return false;
    *out = tlsfp_fvalue_uint((const field_info *)g_ptr_array_index(found, 0));
    return true;
}

static connection *quic_connection(uint32_t number)
{
    void *key = GUINT_TO_POINTER(number + 1);
    connection *kept = (connection *)wmem_map_lookup(quic_connections, key);
    if (kept == NULL) {
        kept = wmem_new0(wmem_file_scope(), connection);
        kept->field = STREAM_QUIC;
        kept->number = number;
        wmem_map_insert(quic_connections, key, kept);
    }
    return kept;
}

static void set_number(connection *conn, conversation_t *conversation, packet_info *pinfo)
{
    if (pinfo->ptype == PT_TCP) {
        const struct tcp_analysis *tcp = get_tcp_conversation_data(conversation, pinfo);
        conn->field = STREAM_TCP;
        conn->number = tcp != NULL ? tcp->stream : 0;
    } else {
        const struct udp_analysis *udp = get_udp_conversation_data(conversation, pinfo);
        conn->field = STREAM_UDP;
        conn->number = udp != NULL ? udp->stream : 0;
    }
}

connection *connections_of(packet_info *pinfo, proto_tree *tree)
{
    uint32_t number;
    if (get_quic_number(tree, &number))
        return quic_connection(number);
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    if (conversation == NULL)
        return NULL;
    connection *kept = (connection *)conversation_get_proto_data(conversation, proto_tlsfp);
    if (kept == NULL) {
        kept = wmem_new0(wmem_file_scope(), connection);
        set_number(kept, conversation, pinfo);
        conversation_add_proto_data(conversation, proto_tlsfp, kept);
    }
    return kept;
}

/** Texts are kept once a file, so that the same text is the same pointer. */
static bool is_same(const result *client, const result *other)
{
    return client->values[TLSFP_KIND_JA4] == other->values[TLSFP_KIND_JA4] &&
           client->values[TLSFP_KIND_JA3] == other->values[TLSFP_KIND_JA3];
}

static void add_client(connection *conn, packet_info *pinfo, result *client)
{
    if (conn->clients == NULL) {
        copy_address_wmem(wmem_file_scope(), &conn->server, &pinfo->dst);
        conn->server_port = pinfo->destport;
        conn->clients = wmem_array_sized_new(wmem_file_scope(), sizeof(result *), 1);
        if (with_clients == NULL)
            with_clients = wmem_list_new(wmem_file_scope());
        wmem_list_append(with_clients, conn);
    }
    unsigned n = wmem_array_get_count(conn->clients);
    for (unsigned i = 0; i < n; i++)
        if (is_same(client, *(result **)wmem_array_index(conn->clients, i)))
            return;
    if (n < MAX_CLIENTS)
        wmem_array_append(conn->clients, &client, 1);
}

/** Whether the connection had the same bytes before; notes that it has them now. */
static bool is_repeat(const connection *conn, tlsfp_span message)
{
    uint64_t hash[2] = {tlsfp_hash(&hello_key, message), (uintptr_t)conn};
    hash[0] = tlsfp_hash_words(&hello_key, hash, G_N_ELEMENTS(hash));
    if (wmem_map_contains(hellos_seen, &hash[0]))
        return true;
    const void *kept = wmem_memdup(wmem_file_scope(), &hash[0], sizeof hash[0]);
    wmem_map_insert(hellos_seen, kept, NULL);
    return false;
}

void connections_note(connection *conn, packet_info *pinfo, result *hello, tlsfp_span message)
{
    if (hello->is_retry_request)
        conn->retry_requested = true;
    if (hello->details == NULL)
        return;
    hello->is_repeat = is_repeat(conn, message);
    if (conn->retry_requested)
        hello->details->flags[FLAG_RETRY] = true;
    conn->retry_requested = false;
    if (!hello->details->flags[FLAG_RETRY] || conn->clients == NULL)
        add_client(conn, pinfo, hello);
}

void connections_follow(packet_info *pinfo, proto_tree *tree)
{
    uint32_t number;
    if (get_quic_number(tree, &number))
        p_add_proto_data(wmem_file_scope(), pinfo, proto_tlsfp, KEY_QUIC_CONNECTION,
                         quic_connection(number));
}

/** On any pass. */
static const connection *find(packet_info *pinfo)
{
    const connection *quic = (const connection *)p_get_proto_data(wmem_file_scope(), pinfo,
                                                                  proto_tlsfp, KEY_QUIC_CONNECTION);
    if (quic != NULL)
        return quic;
    if (pinfo->ptype != PT_TCP && pinfo->ptype != PT_UDP)
        return NULL;
    const conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    return conversation != NULL
               ? (const connection *)conversation_get_proto_data(conversation, proto_tlsfp)
               : NULL;
}

static const result *first_client(const connection *conn)
{
    return *(result **)wmem_array_index(conn->clients, 0);
}

const result *connections_client(packet_info *pinfo)
{
    const connection *conn = find(pinfo);
    return conn != NULL && conn->clients != NULL ? first_client(conn) : NULL;
}

bool connections_is_from_server(packet_info *pinfo)
{
    const connection *conn = find(pinfo);
    return conn != NULL && conn->clients != NULL && pinfo->srcport == conn->server_port &&
           addresses_equal(&pinfo->src, &conn->server);
}

const char *connections_field_name(stream_field field)
{
    static const char *const names[N_STREAM_FIELDS] = {
        [STREAM_TCP] = "tcp.stream",
        [STREAM_UDP] = "udp.stream",
        [STREAM_QUIC] = "quic.connection.number",
    };
    return names[field];
}

void connections_visit(void (*visit)(stream_field field, uint32_t number, const result *client,
                                     void *data),
                       void *data)
{
    wmem_list_frame_t *frame = with_clients != NULL ? wmem_list_head(with_clients) : NULL;
    for (; frame != NULL; frame = wmem_list_frame_next(frame)) {
        const connection *conn = (const connection *)wmem_list_frame_data(frame);
        visit(conn->field, conn->number, first_client(conn), data);
    }
}

static void add_text(proto_tree *tree, int hf, tvbuff_t *tvb, const char *text)
{
    proto_item_set_generated(proto_tree_add_string(tree, hf, tvb, 0, 0, text));
}

void connections_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const connection *conn = find(pinfo);
    if (conn == NULL || conn->clients == NULL)
        return;
    proto_item *item = proto_tree_add_none_format(tree, hf_stream, tvb, 0, 0,
                                                  "TLS Fingerprint of the connection: %s",
                                                  first_client(conn)->values[TLSFP_KIND_JA4]);
    proto_item_set_generated(item);
    proto_tree *subtree = proto_item_add_subtree(item, ett_stream);
    for (unsigned i = 0; i < wmem_array_get_count(conn->clients); i++) {
        result *client = *(result **)wmem_array_index(conn->clients, i);
        add_text(subtree, hf_stream_ja4, tvb, client->values[TLSFP_KIND_JA4]);
        add_text(subtree, hf_stream_ja3, tvb, client->values[TLSFP_KIND_JA3]);
        const client_labels *names = client_names_of(client);
        for (unsigned name = 0; names != NULL && name < names->n; name++)
            add_text(subtree, hf_stream_client, tvb, names->labels[name].name);
    }
}
