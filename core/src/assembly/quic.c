/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/quic.h>
#include <tlsfp/reader.h>
#include <tlsfp/stream.h>

#include "assembly/quic_keys.h"
#include "hello/iana.h"

enum {
    LONG_HEADER = 0x80,     /* RFC 9000 17.2 */
    MAX_DERIVED = 2,        /* keys for one datagram: its packets share a connection ID */
    MAX_CONNECTION_ID = 20, /* RFC 9000 17.2, in the versions known here */
    MAX_CONNECTIONS = 16,   /* reassembled side by side */
    MIN_DATAGRAM = 1200,    /* servers drop smaller datagrams with an Initial: RFC 9000 14.1 */
};

typedef enum { PACKET_INITIAL, PACKET_0RTT, PACKET_HANDSHAKE, PACKET_RETRY } packet_type;

/** What a server sends. */
typedef struct {
    uint32_t version; /* the client's, or another: RFC 9368 */
    quic_keys keys;
    uint64_t next_number;
    tlsfp_stream *crypto;
    bool is_taken; /* the message at its front */
} server_answer;

/** What was sent under one first Destination Connection ID. */
typedef struct {
    uint32_t version;
    bool is_small; /* in datagrams that a server drops */
    size_t dcid_len;
    uint8_t dcid[MAX_CONNECTION_ID];
    size_t scid_len;
    uint8_t scid[MAX_CONNECTION_ID]; /* to which the server sends, RFC 9000 7.2 */
    server_answer *answer;           /* owned; NULL until one is added */
    quic_keys keys;
    uint64_t next_number; /* one more than the largest packet number so far */
    uint64_t used;        /* when, in packets opened */
    tlsfp_stream *crypto;
} connection;

struct tlsfp_quic {
    size_t limit;
    uint64_t n_opened;
    connection *at_hand; /* the one whose packet was opened last; NULL until one was */
    GArray *connections; /* MAX_CONNECTIONS of them at most; the longest unused makes room */
};

static connection *connection_at(const tlsfp_quic *quic, guint index)
{
    return &g_array_index(quic->connections, connection, index);
}

static void free_answer(server_answer *answer)
{
    if (answer != NULL)
        tlsfp_stream_free(answer->crypto);
    g_free(answer);
}

static void clear_connection(gpointer data)
{
    connection *conn = data;
    tlsfp_stream_free(conn->crypto);
    free_answer(conn->answer);
}

tlsfp_quic *tlsfp_quic_new(size_t limit)
{
    tlsfp_quic *quic = g_new0(tlsfp_quic, 1);
    quic->limit = limit;
    quic->connections = g_array_new(FALSE, FALSE, sizeof(connection));
    g_array_set_clear_func(quic->connections, clear_connection);
    return quic;
}

void tlsfp_quic_free(tlsfp_quic *quic)
{
    if (quic == NULL)
        return;
    g_array_unref(quic->connections);
    g_free(quic);
}

/** RFC 9000 17.2; version 2 numbers the types anew, RFC 9369 3.2. */
static packet_type type_of(uint8_t first, uint32_t version)
{
    unsigned bits = first >> 4 & 3;
    bool is_new = version == QUIC_VERSION_2 || version == QUIC_VERSION_2_DRAFT;
    return (packet_type)(is_new ? (bits + 3) % 4 : bits);
}

/** What the long headers of a known version have in common. */
static bool take_long_header(tlsfp_span *in, packet_type *out_type, quic_initial *out)
{
    uint8_t first;
    uint64_t version;
    if (!take_u8(in, &first) || !(first & LONG_HEADER) || !take_integer(in, 4, &version) ||
        !quic_is_known((uint32_t)version) || !take_vector(in, 1, &out->dcid) ||
        !take_vector(in, 1, &out->scid) || out->dcid.len > MAX_CONNECTION_ID ||
        out->scid.len > MAX_CONNECTION_ID)
        return false;
    out->version = (uint32_t)version;
    *out_type = type_of(first, out->version);
    return true;
}

/** Takes one packet with a long header and a length off a datagram: RFC 9000 17.2.2
 * to 17.2.4, 12.2. */
static bool take_packet(tlsfp_span *datagram, packet_type *out_type, quic_initial *out)
{
    tlsfp_span rest = *datagram, token;
    uint64_t len;
    if (!take_long_header(&rest, out_type, out) || *out_type == PACKET_RETRY)
        return false;
    if (*out_type == PACKET_INITIAL && (!take_varint(&rest, &len) || !take(&rest, len, &token)))
        return false;
    if (!take_varint(&rest, &len))
        return false;
    out->header = (tlsfp_span){datagram->data, datagram->len - rest.len};
    if (!take(&rest, len, &out->protected))
        return false;
    *datagram = rest;
    return true;
}

bool tlsfp_quic_is_initial(tlsfp_span datagram)
{
    packet_type type;
    quic_initial packet;
    while (take_packet(&datagram, &type, &packet))
        if (type == PACKET_INITIAL)
            return true;
    return false;
}

static bool is_like(const connection *conn, const quic_initial *packet, bool is_small)
{
    return conn->version == packet->version && conn->is_small == is_small;
}

static bool is_its_first(const connection *conn, const quic_initial *packet)
{
    return conn->dcid_len == packet->dcid.len &&
           memcmp(conn->dcid, packet->dcid.data, conn->dcid_len) == 0;
}

/** The packet number is one near the largest so far, or as it was sent, where the server dropped
 * the packet with that one. */
static bool open_next(tlsfp_context *context, connection *conn, const quic_initial *packet,
                      tlsfp_span *out)
{
    uint64_t none = 0;
    return quic_open(context, &conn->keys, packet, &conn->next_number, out) ||
           quic_open(context, &conn->keys, packet, &none, out);
}

/** With the keys of a connection at hand: of the one that the connection ID names, or, as the
 * client writes to the server's later on (RFC 9000 7.2), of any. */
static connection *open_with_known(tlsfp_context *context, tlsfp_quic *quic,
                                   const quic_initial *packet, bool is_small, bool try_all,
                                   tlsfp_span *out)
{
    for (guint i = 0; i < quic->connections->len; i++) {
        connection *conn = connection_at(quic, i);
        if (is_like(conn, packet, is_small) && is_its_first(conn, packet))
            return open_next(context, conn, packet, out) ? conn : NULL;
    }
    for (guint i = quic->connections->len; try_all && i > 0; i--) {
        connection *conn = connection_at(quic, i - 1);
        if (is_like(conn, packet, is_small) &&
            quic_open(context, &conn->keys, packet, &conn->next_number, out))
            return conn;
    }
    return NULL;
}

static void drop_longest_unused(tlsfp_quic *quic)
{
    guint longest = 0;
    for (guint i = 1; i < quic->connections->len; i++)
        if (connection_at(quic, i)->used < connection_at(quic, longest)->used)
            longest = i;
    g_array_remove_index(quic->connections, longest);
}

/** With the keys that follow from the connection ID: a first packet, or one after Retry. */
static connection *open_with_own(tlsfp_context *context, tlsfp_quic *quic,
                                 const quic_initial *packet, bool is_small, tlsfp_span *out)
{
    connection fresh = {
        .version = packet->version,
        .is_small = is_small,
        .dcid_len = packet->dcid.len,
        .scid_len = packet->scid.len,
    };
    quic_derive_keys(context, packet->version, packet->dcid, &fresh.keys);
    if (!quic_open(context, &fresh.keys, packet, &fresh.next_number, out))
        return NULL;
    if (packet->dcid.len > 0)
        memcpy(fresh.dcid, packet->dcid.data, packet->dcid.len);
    if (packet->scid.len > 0)
        memcpy(fresh.scid, packet->scid.data, packet->scid.len);
    fresh.crypto = tlsfp_stream_new(TLSFP_QUIC, quic->limit);
    if (quic->connections->len == MAX_CONNECTIONS)
        drop_longest_unused(quic);
    g_array_append_val(quic->connections, fresh);
    return connection_at(quic, quic->connections->len - 1);
}

/** @param n_derived how often keys were derived for this datagram: that costs as much as opening
 * several packets, and a client has no use for it, RFC 9000 12.2. */
static bool open_initial(tlsfp_context *context, tlsfp_quic *quic, const quic_initial *packet,
                         bool is_small, unsigned *n_derived, tlsfp_span *out)
{
    const bool may_try = *n_derived < MAX_DERIVED;
    connection *conn = open_with_known(context, quic, packet, is_small, may_try, out);
    if (conn == NULL && may_try) {
        ++*n_derived;
        conn = open_with_own(context, quic, packet, is_small, out);
    }
    if (conn == NULL)
        return false;
    conn->used = ++quic->n_opened;
    quic->at_hand = conn;
    return true;
}

/** RFC 9000 19.3: passes over an ACK frame behind its type. */
static bool pass_ack(tlsfp_span *in, bool with_ecn)
{
    uint64_t largest, delay, n_ranges, n;
    if (!take_varint(in, &largest) || !take_varint(in, &delay) || !take_varint(in, &n_ranges) ||
        !take_varint(in, &n))
        return false;
    for (uint64_t i = 0; i < n_ranges; i++)
        if (!take_varint(in, &n) || !take_varint(in, &n)) /* gap and length */
            return false;
    for (int i = 0; with_ecn && i < 3; i++)
        if (!take_varint(in, &n))
            return false;
    return true;
}

/** RFC 9000 19.6. */
static bool add_crypto(tlsfp_stream *crypto, tlsfp_span *in)
{
    uint64_t offset, len;
    tlsfp_span data;
    if (!take_varint(in, &offset) || !take_varint(in, &len) || !take(in, len, &data))
        return false;
    tlsfp_stream_add(crypto, offset, data);
    return true;
}

/** RFC 9000 19.1: PADDING frames are one byte of zero each, and there may be a thousand. */
static void pass_padding(tlsfp_span *in)
{
    static const uint8_t zeros[64];
    size_t n = 0;
    while (in->len - n >= sizeof zeros && memcmp(in->data + n, zeros, sizeof zeros) == 0)
        n += sizeof zeros;
    while (n < in->len && in->data[n] == FRAME_PADDING)
        n++;
    take_up_to(in, n);
}

/** RFC 9000 17.2.2: the frames that an Initial packet may hold. False at the first that is none of
 * them, or cut. */
static bool read_frames(tlsfp_stream *crypto, tlsfp_span frames)
{
    uint64_t type;
    while (frames.len > 0) {
        if (!take_varint(&frames, &type))
            return false;
        bool fine;
        switch (type) {
        case FRAME_PADDING:
            pass_padding(&frames);
            fine = true;
            break;
        case FRAME_PING:
            fine = true;
            break;
        case FRAME_ACK:
        case FRAME_ACK_ECN:
            fine = pass_ack(&frames, type == FRAME_ACK_ECN);
            break;
        case FRAME_CRYPTO:
            fine = add_crypto(crypto, &frames);
            break;
        case FRAME_CONNECTION_CLOSE:
            return true; /* no frame follows */
        default:
            fine = false;
        }
        if (!fine)
            return false;
    }
    return true;
}

tlsfp_status tlsfp_quic_add(tlsfp_context *context, tlsfp_quic *quic, tlsfp_span datagram)
{
    bool opened = false, fine = true, is_small = datagram.len < MIN_DATAGRAM;
    unsigned n_derived = 0;
    packet_type type;
    quic_initial packet;
    tlsfp_span frames;
    while (take_packet(&datagram, &type, &packet))
        if (type == PACKET_INITIAL &&
            open_initial(context, quic, &packet, is_small, &n_derived, &frames)) {
            opened = true;
            fine = read_frames(quic->at_hand->crypto, frames) && fine;
        }
    if (!opened)
        return TLSFP_UNREADABLE;
    tlsfp_status status = tlsfp_quic_message(quic, NULL);
    return status == TLSFP_MORE && !fine ? TLSFP_MALFORMED : status;
}

/** Whether a server writes to that client. */
static bool is_to(const connection *conn, const quic_initial *packet)
{
    return conn->scid_len == packet->dcid.len &&
           (conn->scid_len == 0 || memcmp(conn->scid, packet->dcid.data, conn->scid_len) == 0);
}

/** The answer to a connection, started if need be. A server that takes up another version makes
 * its keys from the same connection ID, RFC 9369 4.1. */
static server_answer *answer_of(tlsfp_context *context, const tlsfp_quic *quic, connection *conn,
                                uint32_t version)
{
    const tlsfp_span dcid = {conn->dcid, conn->dcid_len};
    if (conn->answer != NULL && conn->answer->version == version)
        return conn->answer;
    if (conn->answer == NULL) {
        conn->answer = g_new0(server_answer, 1);
        conn->answer->crypto = tlsfp_stream_new(TLSFP_QUIC, quic->limit);
    }
    conn->answer->version = version;
    quic_derive_server_keys(context, version, dcid, &conn->answer->keys);
    return conn->answer;
}

/** The last ones first: the packets of those that a Retry ended are never answered. */
static bool open_answer(tlsfp_context *context, tlsfp_quic *quic, const quic_initial *packet)
{
    tlsfp_span frames;
    for (guint i = quic->connections->len; i > 0; i--) {
        connection *conn = connection_at(quic, i - 1);
        if (!is_to(conn, packet))
            continue;
        server_answer *given = answer_of(context, quic, conn, packet->version);
        if (quic_open(context, &given->keys, packet, &given->next_number, &frames)) {
            (void)read_frames(given->crypto, frames);
            return true;
        }
    }
    return false;
}

tlsfp_status tlsfp_quic_add_answer(tlsfp_context *context, tlsfp_quic *quic, tlsfp_span datagram)
{
    packet_type type;
    quic_initial packet;
    bool opened = false, fine = true;
    while (fine && take_packet(&datagram, &type, &packet))
        if (type == PACKET_INITIAL)
            opened |= fine = open_answer(context, quic, &packet);
    return opened ? TLSFP_OK : TLSFP_UNREADABLE;
}

tlsfp_status tlsfp_quic_take_answer(tlsfp_quic *quic, tlsfp_span *out)
{
    for (guint i = 0; i < quic->connections->len; i++) {
        server_answer *given = connection_at(quic, i)->answer;
        if (given == NULL)
            continue;
        if (given->is_taken)
            (void)tlsfp_stream_next(given->crypto);
        given->is_taken = tlsfp_stream_message(given->crypto, out) == TLSFP_OK;
        if (given->is_taken)
            return TLSFP_OK;
    }
    return TLSFP_MORE;
}

/** The one whose message is whole; else the one at hand, or NULL. */
static connection *front(const tlsfp_quic *quic)
{
    for (guint i = 0; i < quic->connections->len; i++)
        if (tlsfp_stream_message(connection_at(quic, i)->crypto, NULL) == TLSFP_OK)
            return connection_at(quic, i);
    return quic->at_hand;
}

tlsfp_status tlsfp_quic_message(const tlsfp_quic *quic, tlsfp_span *out)
{
    const connection *conn = front(quic);
    return conn != NULL ? tlsfp_stream_message(conn->crypto, out) : TLSFP_MORE;
}

tlsfp_status tlsfp_quic_next(tlsfp_quic *quic)
{
    connection *conn = front(quic);
    if (conn == NULL)
        return TLSFP_MORE;
    tlsfp_status status = tlsfp_stream_next(conn->crypto);
    return status != TLSFP_OK && front(quic) != conn ? tlsfp_quic_message(quic, NULL) : status;
}

bool tlsfp_quic_is_empty(const tlsfp_quic *quic)
{
    for (guint i = 0; i < quic->connections->len; i++)
        if (!tlsfp_stream_is_empty(connection_at(quic, i)->crypto))
            return false;
    return true;
}

size_t tlsfp_quic_memory(const tlsfp_quic *quic)
{
    size_t memory = sizeof *quic;
    for (guint i = 0; i < quic->connections->len; i++) {
        const connection *conn = connection_at(quic, i);
        memory += sizeof *conn + tlsfp_stream_memory(conn->crypto);
        if (conn->answer != NULL)
            memory += sizeof *conn->answer + tlsfp_stream_memory(conn->answer->crypto);
    }
    return memory;
}
