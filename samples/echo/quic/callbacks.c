/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/rand.h>

#include "answer/log.h"
#include "layers/quic_parameters.h"
#include "quic/quic_conn_parts.h"

enum {
    HELLO_HEADER = 4,             /* RFC 8446 4 */
    ALERT_ILLEGAL_PARAMETER = 47, /* RFC 8446 6.2 */
    ALERT_DECODE_ERROR = 50,
    ALERT_MISSING_EXTENSION = 109,
};

/* -- what TLS tells */

ngtcp2_conn *quic_conn_of_ref(ngtcp2_crypto_conn_ref *ref)
{
    return ((quic_conn *)ref)->conn;
}

/** Bytes of the message that begins with this header. */
static size_t message_len(const GByteArray *hello)
{
    const uint8_t *at = hello->data;
    return HELLO_HEADER + ((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
}

static void limit_cost(quic_conn *conn)
{
    echo_worker *worker = conn->endpoint->worker;
    if (conn->client.parsed && key_groups_may_cost(&worker->server->groups, &conn->client.hello) &&
        !costly_budget_take(&worker->costly, worker->server->options->limits.costly_rate,
                            g_get_monotonic_time()))
        quic_session_limit(conn->session, conn->credentials);
}

/** Ends the handshake with an alert; always false. */
static bool refuse(quic_conn *conn, uint8_t alert, const char *why)
{
    conn->doom = why;
    conn->doom_alert = alert;
    return false;
}

/** RFC 9001 8.2. ngtcp2 0.12 aborts the program where the handshake goes on without. */
static bool check_hello(quic_conn *conn)
{
    if (!conn->client.parsed)
        return refuse(conn, ALERT_DECODE_ERROR, "the ClientHello contradicts itself");
    if (quic_parameters_of(&conn->client.hello).data == NULL)
        return refuse(conn, ALERT_MISSING_EXTENSION, "no transport parameters");
    return true;
}

/** Keeps the first ClientHello; false where it is refused. */
static bool keep_hello(quic_conn *conn, tlsfp_span piece)
{
    const echo_worker *worker = conn->endpoint->worker;
    if (conn->hello_whole) {
        conn->client.retried = true; /* a second one: RFC 8446 4.1.4 */
        return true;
    }
    g_byte_array_append(conn->hello, piece.data, (guint)piece.len);
    if (conn->hello->len < HELLO_HEADER)
        return true;
    const size_t len = message_len(conn->hello);
    if (len > worker->server->options->limits.max_hello)
        return refuse(conn, ALERT_ILLEGAL_PARAMETER, "the ClientHello is too long");
    if (conn->hello->len < len)
        return true;
    conn->hello_whole = true;
    client_set_hello(&conn->client, (tlsfp_span){conn->hello->data, len}, TLSFP_QUIC,
                     worker->env.context, worker->server->options->labels);
    limit_cost(conn);
    return check_hello(conn);
}

static int on_crypto(ngtcp2_conn *ngtcp2, ngtcp2_encryption_level level, uint64_t offset,
                     const uint8_t *data, size_t len, void *user)
{
    quic_conn *conn = user;
    if (level == NGTCP2_ENCRYPTION_LEVEL_INITIAL && !keep_hello(conn, (tlsfp_span){data, len}))
        return NGTCP2_ERR_CALLBACK_FAILURE;
    return ngtcp2_crypto_recv_crypto_data_cb(ngtcp2, level, offset, data, len, user);
}

static void learn(quic_conn *conn)
{
    client_info *client = &conn->client;
    client->version = "TLSv1.3";
    client->cipher = gnutls_ciphersuite_get(conn->session);
    client->group = quic_session_group(conn->session);
    client->alpn = "h3";
    client->resumed = gnutls_session_is_resumed(conn->session) != 0;
    client->quic_version = ngtcp2_conn_get_negotiated_version(conn->conn);
}

static int on_handshake(ngtcp2_conn *ngtcp2, void *user)
{
    quic_conn *conn = user;
    echo_worker *worker = conn->endpoint->worker;
    learn(conn);
    quic_conn_validate(conn);
    if (!conn->hello_whole)
        return NGTCP2_ERR_CALLBACK_FAILURE;
    log_handshake(&worker->server->log, &conn->client);
    quic_conn_set_deadline(conn, worker->server->options->limits.idle_time);
    responder_init(&conn->responder, &worker->env, &conn->client, 3);
    conn->http3 = http3_new(ngtcp2, worker->server->options->limits.max_head, &conn->responder);
    if (conn->http3 == NULL) {
        responder_clear(&conn->responder);
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    if (worker->server->options->tickets)
        gnutls_session_ticket_send(conn->session, 1, 0);
    return 0;
}

/* -- what HTTP/3 is told */

/** Keeps an error of nghttp3 for the end of the connection. */
static int note_error(quic_conn *conn, int error)
{
    conn->http_error = error;
    return error != 0 ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_stream_data(ngtcp2_conn *ngtcp2, uint32_t flags, int64_t stream, uint64_t offset,
                          const uint8_t *data, size_t len, void *user, void *stream_data)
{
    (void)ngtcp2;
    (void)offset;
    (void)stream_data;
    quic_conn *conn = user;
    const bool last = (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0;
    return conn->http3 == NULL ? 0
                               : note_error(conn, http3_receive(conn->http3, stream,
                                                                (tlsfp_span){data, len}, last));
}

static int on_acknowledged(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t offset, uint64_t len,
                           void *user, void *stream_data)
{
    (void)ngtcp2;
    (void)offset;
    (void)stream_data;
    quic_conn *conn = user;
    return conn->http3 == NULL ? 0 : note_error(conn, http3_acknowledge(conn->http3, stream, len));
}

static int on_stream_close(ngtcp2_conn *ngtcp2, uint32_t flags, int64_t stream, uint64_t code,
                           void *user, void *stream_data)
{
    (void)stream_data;
    quic_conn *conn = user;
    const bool has_code = (flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) != 0;
    if ((stream & 3) == 0) /* RFC 9000 2.1: a request's stream */
        ngtcp2_conn_extend_max_streams_bidi(ngtcp2, 1);
    return conn->http3 == NULL
               ? 0
               : note_error(conn, http3_close_stream(conn->http3, stream, has_code, code));
}

static int on_stream_reset(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t size, uint64_t code,
                           void *user, void *stream_data)
{
    (void)ngtcp2;
    (void)size;
    (void)code;
    (void)stream_data;
    quic_conn *conn = user;
    return conn->http3 == NULL ? 0 : note_error(conn, http3_stop_reading(conn->http3, stream));
}

static int on_stop_sending(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t code, void *user,
                           void *stream_data)
{
    return on_stream_reset(ngtcp2, stream, 0, code, user, stream_data);
}

static int on_more_window(ngtcp2_conn *ngtcp2, int64_t stream, uint64_t most, void *user,
                          void *stream_data)
{
    (void)ngtcp2;
    (void)most;
    (void)stream_data;
    quic_conn *conn = user;
    return conn->http3 == NULL ? 0 : note_error(conn, http3_unblock(conn->http3, stream));
}

static int on_more_streams(ngtcp2_conn *ngtcp2, uint64_t most, void *user)
{
    (void)ngtcp2;
    quic_conn *conn = user;
    if (conn->http3 != NULL)
        nghttp3_conn_set_max_client_streams_bidi(http3_writer(conn->http3), most);
    return 0;
}

/* -- what ngtcp2 needs */

static void draw_bytes(uint8_t *out, size_t len, const ngtcp2_rand_ctx *context)
{
    (void)context;
    if (RAND_bytes(out, (int)len) != 1)
        g_error("no random numbers");
}

static int on_new_id(ngtcp2_conn *ngtcp2, ngtcp2_cid *id, uint8_t *token, size_t len, void *user)
{
    (void)ngtcp2;
    (void)len; /* QUIC_ID_LEN, that of the first one */
    quic_conn *conn = user;
    quic_endpoint_draw_id(conn->endpoint, id);
    if (ngtcp2_crypto_generate_stateless_reset_token(token, conn->endpoint->quic->reset_secret,
                                                     QUIC_SECRET_LEN, id) != 0)
        return NGTCP2_ERR_CALLBACK_FAILURE;
    quic_conn_add_id(conn, id);
    return 0;
}

static int on_old_id(ngtcp2_conn *ngtcp2, const ngtcp2_cid *id, void *user)
{
    (void)ngtcp2;
    quic_conn *conn = user;
    for (guint i = 0; i < conn->ids->len; i++)
        if (ngtcp2_cid_eq(&g_array_index(conn->ids, ngtcp2_cid, i), id)) {
            g_array_remove_index_fast(conn->ids, i);
            break;
        }
    quic_endpoint_remove_id(conn->endpoint, id);
    return 0;
}

const ngtcp2_callbacks quic_conn_callbacks = {
    .recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
    .recv_crypto_data = on_crypto,
    .handshake_completed = on_handshake,
    .encrypt = ngtcp2_crypto_encrypt_cb,
    .decrypt = ngtcp2_crypto_decrypt_cb,
    .hp_mask = ngtcp2_crypto_hp_mask_cb,
    .recv_stream_data = on_stream_data,
    .acked_stream_data_offset = on_acknowledged,
    .stream_close = on_stream_close,
    .rand = draw_bytes,
    .get_new_connection_id = on_new_id,
    .remove_connection_id = on_old_id,
    .update_key = ngtcp2_crypto_update_key_cb,
    .stream_reset = on_stream_reset,
    .extend_max_remote_streams_bidi = on_more_streams,
    .extend_max_stream_data = on_more_window,
    .delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
    .delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
    .get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
    .stream_stop_sending = on_stop_sending,
    .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
};
