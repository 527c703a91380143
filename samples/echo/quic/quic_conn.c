/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/quic_conn.h"

#include <arpa/inet.h>
#include <event2/event_struct.h>
#include <openssl/rand.h>
#include <string.h>

#include "answer/log.h"
#include "quic/http3.h"

enum {
    CONNECTION_WINDOW = 1024 * 1024, /* for all request bodies together */
    UNI_WINDOW = 64 * 1024,          /* control stream, QPACK */
    UNI_STREAMS = 8,                 /* three of HTTP/3's own, and some that mean nothing */
    SEGMENTS = 10,                   /* datagrams that are sent by one system call */
    VECTORS = 16,
    END_TIME = 10 * G_USEC_PER_SEC, /* to send open answers when the server ends */
    HELLO_HEADER = 4,               /* RFC 8446 4 */
    ALERT_ILLEGAL_PARAMETER = 47,   /* RFC 8446 6.2 */
};

struct quic_conn {
    ngtcp2_crypto_conn_ref ref; /* GnuTLS's callbacks find the connection by it */
    GList link;                 /* in endpoint->connections */
    quic_endpoint *endpoint;
    ngtcp2_conn *conn;
    gnutls_session_t session;
    quic_credentials *credentials;
    GArray *ids; /* of ngtcp2_cid: those that lead here */
    client_info client;
    GByteArray *hello; /* CRYPTO data until the first ClientHello is whole, then that */
    bool hello_whole;
    http_responder responder; /* once the handshake is done, */
    http3_conn *http3;        /* and this is set */
    uint64_t n_requests;
    struct event timer;
    int64_t deadline, last_progress; /* microseconds */
    int http_error;                  /* of nghttp3, from a callback */
    const char *doom;                /* why the handshake is refused */
    uint8_t doom_alert;
    bool counted, unvalidated, in_head, ending;
};

/** Appends to the log why a handshake came to nothing. */
static void note_failure(const quic_conn *conn, const char *reason)
{
    if (conn->http3 == NULL)
        log_failure(&conn->endpoint->worker->server->log, &conn->client, reason);
}

static void validate(quic_conn *conn)
{
    conn->endpoint->n_unvalidated -= conn->unvalidated;
    conn->unvalidated = false;
}

static void free_connection(quic_conn *conn)
{
    quic_endpoint *endpoint = conn->endpoint;
    event_del(&conn->timer);
    validate(conn);
    for (guint i = 0; i < conn->ids->len; i++)
        quic_endpoint_remove_id(endpoint, &g_array_index(conn->ids, ngtcp2_cid, i));
    g_array_unref(conn->ids);
    if (conn->http3 != NULL) {
        http3_free(conn->http3);
        responder_clear(&conn->responder);
    }
    ngtcp2_conn_del(conn->conn);
    if (conn->session != NULL)
        gnutls_deinit(conn->session);
    quic_credentials_unref(conn->credentials);
    if (conn->counted)
        addresses_remove(endpoint->worker->server->addresses, conn->client.address);
    client_clear(&conn->client);
    if (conn->hello != NULL)
        g_byte_array_unref(conn->hello);
    g_queue_unlink(&endpoint->connections, &conn->link);
    worker_connection_ended(endpoint->worker);
    g_free(conn);
}

/* -- ending */

static void send_close(quic_conn *conn, const ngtcp2_ccerr *error)
{
    quic_endpoint *endpoint = conn->endpoint;
    ngtcp2_path_storage path;
    ngtcp2_pkt_info info;
    ngtcp2_path_storage_zero(&path);
    const ngtcp2_ssize len =
        ngtcp2_conn_write_connection_close(conn->conn, &path.path, &info, endpoint->out,
                                           NGTCP2_MAX_UDP_PAYLOAD_SIZE, error, quic_now());
    const quic_listener *listener = path.path.user_data;
    if (len <= 0 || listener == NULL)
        return;
    quic_send(&listener->socket, (const quic_address *)path.path.local.addr,
              (const quic_address *)path.path.remote.addr, 0,
              (tlsfp_span){endpoint->out, (size_t)len}, (size_t)len);
}

static void close_with_code(quic_conn *conn, uint64_t code)
{
    ngtcp2_ccerr error;
    ngtcp2_ccerr_default(&error);
    ngtcp2_ccerr_set_application_error(&error, code, NULL, 0);
    send_close(conn, &error);
    free_connection(conn);
}

/** Ends a connection for which ngtcp2 gave an error. */
static void close_with_error(quic_conn *conn, int reason)
{
    ngtcp2_ccerr error;
    ngtcp2_ccerr_default(&error);
    if (conn->doom != NULL)
        ngtcp2_ccerr_set_tls_alert(&error, conn->doom_alert, NULL, 0);
    else if (reason == NGTCP2_ERR_CALLBACK_FAILURE && conn->http_error != 0)
        ngtcp2_ccerr_set_application_error(&error, http3_error_code(conn->http_error), NULL, 0);
    else if (reason == NGTCP2_ERR_CRYPTO)
        ngtcp2_ccerr_set_tls_alert(&error, ngtcp2_conn_get_tls_alert(conn->conn), NULL, 0);
    else
        ngtcp2_ccerr_set_liberr(&error, reason, NULL, 0);
    send_close(conn, &error);
    free_connection(conn);
}

/** What a failed handshake is called in the log. */
static const char *name_failure(const quic_conn *conn, int reason)
{
    if (conn->doom != NULL)
        return conn->doom;
    if (reason == NGTCP2_ERR_CRYPTO)
        return gnutls_alert_get_name(
            (gnutls_alert_description_t)ngtcp2_conn_get_tls_alert(conn->conn));
    if (reason == NGTCP2_ERR_HANDSHAKE_TIMEOUT || reason == NGTCP2_ERR_IDLE_CLOSE)
        return "the handshake took too long";
    return reason == NGTCP2_ERR_DRAINING ? "the client left" : ngtcp2_strerror(reason);
}

static void fail(quic_conn *conn, int reason)
{
    const char *name = name_failure(conn, reason);
    note_failure(conn, name != NULL ? name : "the handshake failed");
    if (reason == NGTCP2_ERR_DRAINING || reason == NGTCP2_ERR_DROP_CONN ||
        reason == NGTCP2_ERR_IDLE_CLOSE)
        free_connection(conn); /* nobody is there to be told */
    else
        close_with_error(conn, reason);
}

void quic_conn_drop(quic_conn *conn)
{
    close_with_code(conn, NGHTTP3_H3_NO_ERROR);
}

/* -- sending */

/** Datagrams that go to one place by one system call. */
typedef struct {
    ngtcp2_path_storage path;
    uint8_t ecn;
    size_t len, segment_len;
} quic_batch;

static void flush(const quic_endpoint *endpoint, quic_batch *batch)
{
    const quic_listener *listener = batch->path.path.user_data;
    if (batch->len > 0 && listener != NULL)
        quic_send(&listener->socket, (const quic_address *)batch->path.path.local.addr,
                  (const quic_address *)batch->path.path.remote.addr, batch->ecn,
                  (tlsfp_span){endpoint->out, batch->len}, batch->segment_len);
    batch->len = 0;
}

/** Adds the datagram of @p len bytes at the end of the batch. */
static void add_datagram(quic_endpoint *endpoint, quic_batch *batch,
                         const ngtcp2_path_storage *path, uint8_t ecn, size_t len)
{
    const bool same = batch->len > 0 && ngtcp2_path_eq(&batch->path.path, &path->path) &&
                      batch->ecn == ecn && len <= batch->segment_len;
    if (!same) {
        const size_t at = batch->len;
        flush(endpoint, batch);
        memmove(endpoint->out, endpoint->out + at, len);
        ngtcp2_path_storage_zero(&batch->path);
        ngtcp2_path_copy(&batch->path.path, &path->path);
        batch->path.path.user_data = path->path.user_data;
        batch->ecn = ecn;
        batch->segment_len = len;
    }
    batch->len += len;
    if (len < batch->segment_len || batch->len >= SEGMENTS * batch->segment_len)
        flush(endpoint, batch);
}

/** What HTTP/3 has to send next. */
typedef struct {
    int64_t stream; /* -1: nothing */
    int fin;
    nghttp3_vec vectors[VECTORS];
    nghttp3_ssize n_vectors;
} stream_part;

static bool next_part(quic_conn *conn, stream_part *out)
{
    *out = (stream_part){.stream = -1};
    if (conn->http3 == NULL || ngtcp2_conn_get_max_data_left(conn->conn) == 0)
        return true;
    out->n_vectors = nghttp3_conn_writev_stream(http3_writer(conn->http3), &out->stream, &out->fin,
                                                out->vectors, VECTORS);
    if (out->n_vectors >= 0)
        return true;
    conn->http_error = (int)out->n_vectors;
    return false;
}

/** Tells HTTP/3 what became of a part. @return 0 to go on, or an error. */
static int settle_part(quic_conn *conn, const stream_part *part, ngtcp2_ssize len,
                       ngtcp2_ssize used)
{
    nghttp3_conn *writer = conn->http3 != NULL ? http3_writer(conn->http3) : NULL;
    if (len == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
        nghttp3_conn_block_stream(writer, part->stream);
        return 0;
    }
    if (len == NGTCP2_ERR_STREAM_SHUT_WR) {
        nghttp3_conn_shutdown_stream_write(writer, part->stream);
        return 0;
    }
    if (len < 0 && len != NGTCP2_ERR_WRITE_MORE)
        return (int)len;
    if (used >= 0 && writer != NULL)
        conn->http_error = nghttp3_conn_add_write_offset(writer, part->stream, (size_t)used);
    return conn->http_error != 0 ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

/** Writes one datagram behind the batch; @p out_len is 0 where there is none to send. */
static int write_datagram(quic_conn *conn, quic_batch *batch, ngtcp2_tstamp now, size_t *out_len)
{
    quic_endpoint *endpoint = conn->endpoint;
    ngtcp2_path_storage path;
    ngtcp2_pkt_info info;
    stream_part part;
    ngtcp2_ssize len, used;
    ngtcp2_path_storage_zero(&path);
    do {
        if (!next_part(conn, &part))
            return NGTCP2_ERR_CALLBACK_FAILURE;
        used = -1;
        len = ngtcp2_conn_writev_stream(
            conn->conn, &path.path, &info, endpoint->out + batch->len,
            NGTCP2_MAX_PMTUD_UDP_PAYLOAD_SIZE, &used,
            NGTCP2_WRITE_STREAM_FLAG_MORE | (part.fin != 0 ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0),
            part.stream, (const ngtcp2_vec *)part.vectors, (size_t)part.n_vectors, now);
        const int error = settle_part(conn, &part, len, used);
        if (error != 0)
            return error;
    } while (len < 0);
    *out_len = (size_t)len;
    if (len > 0)
        add_datagram(endpoint, batch, &path, (uint8_t)info.ecn, (size_t)len);
    return 0;
}

static void arm_timer(quic_conn *conn, ngtcp2_tstamp now)
{
    const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(conn->conn);
    const int64_t at =
        expiry == UINT64_MAX ? conn->deadline : (int64_t)(expiry / NGTCP2_MICROSECONDS) + 1;
    const int64_t left = MAX(MIN(at, conn->deadline) - (int64_t)(now / NGTCP2_MICROSECONDS), 0);
    const struct timeval wait = {.tv_sec = left / G_USEC_PER_SEC, .tv_usec = left % G_USEC_PER_SEC};
    event_add(&conn->timer, &wait);
}

/** Sends what there is, as far as congestion control and pacing allow. @return 0 or an error. */
static int send_datagrams(quic_conn *conn, ngtcp2_tstamp now)
{
    quic_batch batch = {.len = 0};
    const size_t quantum = ngtcp2_conn_get_send_quantum(conn->conn);
    size_t len = 1, sum = 0;
    int error = 0;
    while (error == 0 && len > 0 && sum < quantum) {
        error = write_datagram(conn, &batch, now, &len);
        sum += error == 0 ? len : 0;
    }
    flush(conn->endpoint, &batch);
    ngtcp2_conn_update_pkt_tx_time(conn->conn, now);
    return error;
}

/* -- what TLS tells */

static ngtcp2_conn *conn_of_ref(ngtcp2_crypto_conn_ref *ref)
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

/** Keeps the first ClientHello; false where it is too long. */
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
        return false;
    if (conn->hello->len < len)
        return true;
    conn->hello_whole = true;
    client_set_hello(&conn->client, (tlsfp_span){conn->hello->data, len}, TLSFP_QUIC,
                     worker->env.context, worker->server->options->labels);
    limit_cost(conn);
    return true;
}

static int on_crypto(ngtcp2_conn *ngtcp2, ngtcp2_encryption_level level, uint64_t offset,
                     const uint8_t *data, size_t len, void *user)
{
    quic_conn *conn = user;
    if (level == NGTCP2_ENCRYPTION_LEVEL_INITIAL && !keep_hello(conn, (tlsfp_span){data, len})) {
        conn->doom = "the ClientHello is too long";
        conn->doom_alert = ALERT_ILLEGAL_PARAMETER;
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
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

static void set_deadline(quic_conn *conn, int64_t time)
{
    conn->deadline = g_get_monotonic_time() + time;
}

static int on_handshake(ngtcp2_conn *ngtcp2, void *user)
{
    quic_conn *conn = user;
    echo_worker *worker = conn->endpoint->worker;
    learn(conn);
    validate(conn);
    if (!conn->hello_whole)
        return NGTCP2_ERR_CALLBACK_FAILURE;
    log_handshake(&worker->server->log, &conn->client);
    set_deadline(conn, worker->server->options->limits.idle_time);
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

static void add_id(quic_conn *conn, const ngtcp2_cid *id)
{
    g_array_append_vals(conn->ids, id, 1);
    quic_endpoint_add_id(conn->endpoint, id, conn);
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
    add_id(conn, id);
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

static const ngtcp2_callbacks callbacks = {
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

/* -- time */

/** After something came, or time has passed. */
static void go_on(quic_conn *conn)
{
    const ngtcp2_tstamp now = quic_now();
    const int error = send_datagrams(conn, now);
    if (error != 0)
        fail(conn, error);
    else if (conn->http3 != NULL && http3_is_flooded(conn->http3))
        close_with_code(conn, NGHTTP3_H3_EXCESSIVE_LOAD);
    else if (conn->ending && (conn->http3 == NULL || http3_n_open(conn->http3) == 0))
        close_with_code(conn, NGHTTP3_H3_NO_ERROR);
    else
        arm_timer(conn, now);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    quic_conn *conn = data;
    if (g_get_monotonic_time() >= conn->deadline) {
        note_failure(conn, "the handshake took too long");
        close_with_code(conn, NGHTTP3_H3_NO_ERROR);
        return;
    }
    const int error = ngtcp2_conn_handle_expiry(conn->conn, quic_now());
    if (error != 0)
        fail(conn, error);
    else
        go_on(conn);
}

int64_t quic_conn_quiet_time(const quic_conn *conn)
{
    return g_get_monotonic_time() - conn->last_progress;
}

/** The deadline of a request's head, or of the next request. */
static void update_deadline(quic_conn *conn)
{
    const echo_limits *limits = &conn->endpoint->worker->server->options->limits;
    const bool in_head = http3_in_head(conn->http3);
    const uint64_t n_requests = conn->responder.n_requests;
    if (n_requests == conn->n_requests && in_head == conn->in_head)
        return;
    if (n_requests != conn->n_requests) {
        conn->last_progress = g_get_monotonic_time();
        g_queue_unlink(&conn->endpoint->connections, &conn->link);
        g_queue_push_tail_link(&conn->endpoint->connections, &conn->link);
    }
    conn->n_requests = n_requests;
    conn->in_head = in_head;
    if (!conn->ending)
        set_deadline(conn, in_head ? limits->head_time : limits->idle_time);
}

void quic_conn_read(quic_conn *conn, quic_listener *listener, const quic_datagram *datagram)
{
    const ngtcp2_path path = quic_path(datagram, listener);
    const ngtcp2_pkt_info info = {.ecn = datagram->ecn};
    const int error = ngtcp2_conn_read_pkt(conn->conn, &path, &info, datagram->bytes.data,
                                           datagram->bytes.len, quic_now());
    if (error != 0) {
        fail(conn, error);
        return;
    }
    if (conn->http3 != NULL)
        update_deadline(conn);
    go_on(conn);
}

void quic_conn_end(quic_conn *conn)
{
    if (conn->http3 == NULL) {
        quic_conn_drop(conn);
        return;
    }
    conn->ending = true;
    set_deadline(conn, END_TIME);
    http3_end(conn->http3);
    go_on(conn);
}

/* -- opening */

static void set_address(client_info *client, const quic_address *from)
{
    const bool is_6 = from->any.sa_family == AF_INET6;
    const void *address =
        is_6 ? (const void *)&from->v6.sin6_addr : (const void *)&from->v4.sin_addr;
    inet_ntop(from->any.sa_family, address, client->address, sizeof client->address);
    client->port = ntohs(is_6 ? from->v6.sin6_port : from->v4.sin_port);
}

static void set_params(ngtcp2_transport_params *out, const quic_endpoint *endpoint,
                       const quic_start *start)
{
    ngtcp2_transport_params_default(out);
    out->initial_max_stream_data_bidi_remote = HTTP3_STREAM_WINDOW;
    out->initial_max_stream_data_uni = UNI_WINDOW;
    out->initial_max_data = CONNECTION_WINDOW;
    out->initial_max_streams_bidi = HTTP3_MAX_STREAMS;
    out->initial_max_streams_uni = UNI_STREAMS;
    out->max_idle_timeout =
        (ngtcp2_duration)endpoint->worker->server->options->limits.idle_time * NGTCP2_MICROSECONDS;
    out->active_connection_id_limit = 7;
    compat_set_original(out, start->original != NULL ? start->original : &start->header->dcid);
    if (start->original != NULL) {
        out->retry_scid = start->header->dcid;
        out->retry_scid_present = 1;
    }
}

static bool make_ngtcp2(quic_conn *conn, const ngtcp2_path *path, const quic_start *start)
{
    const quic_endpoint *endpoint = conn->endpoint;
    const ngtcp2_pkt_hd *header = start->header;
    ngtcp2_settings settings;
    ngtcp2_transport_params params;
    ngtcp2_cid id;
    quic_endpoint_draw_id(endpoint, &id);
    set_params(&params, endpoint, start);
    params.stateless_reset_token_present =
        ngtcp2_crypto_generate_stateless_reset_token(
            params.stateless_reset_token, endpoint->quic->reset_secret, QUIC_SECRET_LEN, &id) == 0;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = quic_now();
    settings.handshake_timeout =
        (ngtcp2_duration)endpoint->worker->server->options->limits.handshake_time *
        NGTCP2_MICROSECONDS;
    if (start->original != NULL)
        compat_set_token(&settings, header);
    if (ngtcp2_conn_server_new(&conn->conn, &header->scid, &id, path, header->version, &callbacks,
                               &settings, &params, NULL, conn) != 0)
        return false;
    add_id(conn, &id);
    add_id(conn, &header->dcid);
    return true;
}

static bool make_session(quic_conn *conn)
{
    quic_server *quic = conn->endpoint->quic;
    conn->credentials = quic_server_credentials(quic);
    conn->session = quic_session_new(conn->credentials, &quic->ticket_key);
    if (conn->session == NULL)
        return false;
    conn->ref.get_conn = conn_of_ref;
    gnutls_session_set_ptr(conn->session, &conn->ref);
    ngtcp2_conn_set_tls_native_handle(conn->conn, conn->session);
    return true;
}

static bool count(quic_conn *conn)
{
    echo_worker *worker = conn->endpoint->worker;
    conn->counted = addresses_add(worker->server->addresses, conn->client.address);
    if (!conn->counted)
        worker_note_refusal(worker, &worker->n_crowded);
    return conn->counted;
}

quic_conn *quic_conn_new(quic_endpoint *endpoint, quic_listener *listener,
                         const quic_datagram *datagram, const quic_start *start)
{
    const ngtcp2_path path = quic_path(datagram, listener);
    quic_conn *conn = g_new0(quic_conn, 1);
    *conn = (quic_conn){.endpoint = endpoint,
                        .link.data = conn,
                        .ids = g_array_new(FALSE, FALSE, sizeof(ngtcp2_cid)),
                        .hello = g_byte_array_new(),
                        .unvalidated = start->original == NULL,
                        .last_progress = g_get_monotonic_time()};
    conn->client.quic_retry = start->original != NULL;
    conn->client.quic_version = start->header->version;
    endpoint->n_unvalidated += conn->unvalidated;
    event_assign(&conn->timer, endpoint->worker->base, -1, 0, on_timer, conn);
    g_queue_push_tail_link(&endpoint->connections, &conn->link);
    set_address(&conn->client, &datagram->remote);
    set_deadline(conn, endpoint->worker->server->options->limits.handshake_time);
    if (count(conn) && make_ngtcp2(conn, &path, start) && make_session(conn))
        return conn;
    free_connection(conn);
    return NULL;
}
