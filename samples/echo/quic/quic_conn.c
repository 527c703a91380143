/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/quic_conn.h"

#include <arpa/inet.h>

#include "answer/log.h"
#include "quic/quic_conn_parts.h"

enum {
    CONNECTION_WINDOW = 1024 * 1024, /* for all request bodies together */
    UNI_WINDOW = 64 * 1024,          /* control stream, QPACK */
    UNI_STREAMS = 8,                 /* three of HTTP/3's own, and some that mean nothing */
    ID_LIMIT = 7,                    /* of the client's connection IDs that are kept */
    END_TIME = 10 * G_USEC_PER_SEC,  /* to send open answers when the server ends */
};

/** Appends to the log why a handshake came to nothing. */
static void note_failure(const quic_conn *conn, const char *reason)
{
    if (conn->http3 == NULL)
        log_failure(&conn->endpoint->worker->server->log, &conn->client, reason);
}

void quic_conn_validate(quic_conn *conn)
{
    conn->endpoint->n_unvalidated -= conn->unvalidated;
    conn->unvalidated = false;
}

static void free_connection(quic_conn *conn)
{
    quic_endpoint *endpoint = conn->endpoint;
    event_del(&conn->timer);
    quic_conn_validate(conn);
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

static void close_with_code(quic_conn *conn, uint64_t code)
{
    ngtcp2_ccerr error;
    ngtcp2_ccerr_default(&error);
    ngtcp2_ccerr_set_application_error(&error, code, NULL, 0);
    quic_conn_send_close(conn, &error);
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
    quic_conn_send_close(conn, &error);
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

/* -- time */

void quic_conn_set_deadline(quic_conn *conn, int64_t time)
{
    conn->deadline = g_get_monotonic_time() + time;
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

/** After something came, or time has passed. */
static void go_on(quic_conn *conn)
{
    const ngtcp2_tstamp now = quic_now();
    const int error = quic_conn_send(conn, now);
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
        quic_conn_set_deadline(conn, in_head ? limits->head_time : limits->idle_time);
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
    if (conn->hello_whole && ngtcp2_conn_get_negotiated_version(conn->conn) == 0) {
        fail(conn, NGTCP2_ERR_REQUIRED_TRANSPORT_PARAM); /* ngtcp2 0.12 would abort */
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
    quic_conn_set_deadline(conn, END_TIME);
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
    out->active_connection_id_limit = ID_LIMIT;
    compat_set_original(out, start->original != NULL ? start->original : &start->header->dcid);
    if (start->original != NULL) {
        out->retry_scid = start->header->dcid;
        out->retry_scid_present = 1;
    }
}

void quic_conn_add_id(quic_conn *conn, const ngtcp2_cid *id)
{
    g_array_append_vals(conn->ids, id, 1);
    quic_endpoint_add_id(conn->endpoint, id, conn);
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
    settings.no_pmtud = 1; /* answers are short: probes would cost more than they save */
    settings.handshake_timeout =
        (ngtcp2_duration)endpoint->worker->server->options->limits.handshake_time *
        NGTCP2_MICROSECONDS;
    if (start->original != NULL)
        compat_set_token(&settings, header);
    if (ngtcp2_conn_server_new(&conn->conn, &header->scid, &id, path, header->version,
                               &quic_conn_callbacks, &settings, &params, NULL, conn) != 0)
        return false;
    quic_conn_add_id(conn, &id);
    quic_conn_add_id(conn, &header->dcid);
    return true;
}

static bool make_session(quic_conn *conn)
{
    quic_server *quic = conn->endpoint->quic;
    conn->credentials = quic_server_credentials(quic);
    conn->session = quic_session_new(conn->credentials, &quic->ticket_key);
    if (conn->session == NULL)
        return false;
    conn->ref.get_conn = quic_conn_of_ref;
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
    quic_conn_set_deadline(conn, endpoint->worker->server->options->limits.handshake_time);
    if (count(conn) && make_ngtcp2(conn, &path, start) && make_session(conn))
        return conn;
    free_connection(conn);
    return NULL;
}
