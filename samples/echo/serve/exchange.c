/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Exchanges requests and answers on a connection, and closes it. */
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "serve/connection_parts.h"

enum {
    READ_AT_ONCE = 16 * 1024,
    END_TIME = 10 * G_USEC_PER_SEC, /* to send open answers when the server ends */
};

static size_t unsent(const connection *conn)
{
    return evbuffer_get_length(bufferevent_get_output(conn->stream));
}

/** RFC 8446 6: close_notify ends the client's side; after an alert or an error both sides are over.
 */
static void note_end(connection *conn, int error)
{
    conn->input_ended |= error == SSL_ERROR_ZERO_RETURN;
    conn->broken |= error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL;
    ERR_clear_error();
}

/** libevent reads what OpenSSL has decrypted, but not the records that it has read ahead. */
static void take_read_ahead(connection *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->stream);
    while (conn->ssl != NULL && evbuffer_get_length(input) < READ_AT_ONCE &&
           SSL_has_pending(conn->ssl)) {
        struct evbuffer_iovec room;
        evbuffer_reserve_space(input, READ_AT_ONCE, &room, 1);
        const int n = SSL_read(conn->ssl, room.iov_base, (int)MIN(room.iov_len, INT_MAX));
        room.iov_len = (size_t)MAX(n, 0);
        evbuffer_commit_space(input, &room, 1);
        if (n <= 0) {
            note_end(conn, SSL_get_error(conn->ssl, n));
            return;
        }
    }
}

/** Writes at once, without waiting for libevent to poll the socket. What the socket does not take,
 * libevent sends later; OpenSSL requires the whole buffer again. */
static void send_out(connection *conn, const GString *out)
{
    if (out->len == 0)
        return;
    if (conn->ssl != NULL && unsent(conn) == 0 &&
        SSL_write(conn->ssl, out->str, (int)out->len) == (int)out->len)
        return;
    ERR_clear_error();
    bufferevent_write(conn->stream, out->str, out->len);
}

/** Serves the input that has come, and sends answers; returns whether to call it again. */
static bool serve_some(connection *conn)
{
    if (conn->dead || conn->broken || conn->stage != STAGE_SERVING || unsent(conn) > 0)
        return false;
    take_read_ahead(conn);
    if (conn->broken || conn->doom != NULL)
        return false;
    struct evbuffer *input = bufferevent_get_input(conn->stream);
    const size_t len = evbuffer_get_length(input);
    if (len == 0 && !conn->gives_more)
        return false;
    if (conn->http == NULL)
        conn->http = http_conn_new(conn->version, &conn->worker->env, &conn->client);
    tlsfp_span bytes = {evbuffer_pullup(input, -1), len};
    GString *out = g_string_truncate(conn->worker->out, 0);
    const http_progress progress = http_conn_receive(conn->http, &bytes, out);
    evbuffer_drain(input, len - bytes.len);
    conn->gives_more = out->len >= HTTP_ENOUGH;
    conn->dead |= progress == HTTP_BROKEN;
    conn->unread |= progress == HTTP_ENDS_UNREAD;
    if (progress != HTTP_GOES_ON)
        conn->stage = STAGE_CLOSING;
    send_out(conn, out);
    return true;
}

/** Whether input has come, or may come, that is not read: then closing would send a reset. */
static bool has_unread(const connection *conn)
{
    return conn->unread || evbuffer_get_length(bufferevent_get_input(conn->stream)) > 0 ||
           (conn->ssl != NULL && SSL_has_pending(conn->ssl));
}

static void finish(connection *conn)
{
    closing_notify(conn);
    if (has_unread(conn))
        closing_linger(conn);
    else
        connection_free(conn);
}

static void update_deadline(connection *conn)
{
    const echo_limits *limits = &conn->worker->server->options->limits;
    const uint64_t n_requests = http_conn_n_requests(conn->http);
    const bool in_head = http_conn_in_head(conn->http);
    if (n_requests == conn->n_requests && in_head == conn->in_head)
        return;
    if (n_requests != conn->n_requests)
        connection_note_progress(conn);
    conn->n_requests = n_requests;
    conn->n_handshake_messages = 0;
    conn->in_head = in_head;
    if (!conn->worker->stopping)
        connection_set_deadline(conn, in_head ? limits->head_time : limits->idle_time);
}

/** After serving: closes the connection, or waits for its client. */
static void settle(connection *conn)
{
    if (conn->dead) {
        connection_free(conn);
        return;
    }
    if (conn->broken) {
        closing_linger(conn);
        return;
    }
    const bool answered = unsent(conn) == 0 && !conn->gives_more;
    if (unsent(conn) == 0 && (conn->stage == STAGE_CLOSING || (conn->input_ended && answered))) {
        finish(conn);
        return;
    }
    if (conn->stage == STAGE_SERVING && conn->http != NULL)
        update_deadline(conn);
    if (unsent(conn) > 0)
        bufferevent_disable(conn->stream, EV_READ);
    else if (!conn->input_ended)
        bufferevent_enable(conn->stream, EV_READ);
}

static void serve_stream(connection *conn)
{
    if (conn->busy)
        return;
    conn->busy = true;
    while (serve_some(conn))
        ;
    conn->busy = false;
    settle(conn);
}

static void on_read(struct bufferevent *stream, void *data)
{
    connection *conn = data;
    struct evbuffer *input = bufferevent_get_input(stream);
    if (conn->stage == STAGE_SERVING)
        serve_stream(conn);
    else
        evbuffer_drain(input, evbuffer_get_length(input));
}

static void on_write(struct bufferevent *stream, void *data)
{
    (void)stream;
    connection *conn = data;
    if (conn->stage != STAGE_LINGERING)
        serve_stream(conn);
}

/** The client sends no more: open answers are still sent. libevent stopped writing, too. */
static void on_end_of_input(connection *conn)
{
    conn->input_ended = true;
    bufferevent_enable(conn->stream, EV_WRITE);
    serve_stream(conn);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    connection *conn = data;
    const bool tls_failed = conn->ssl != NULL && bufferevent_get_openssl_error(stream) != 0;
    ERR_clear_error();
    if (conn->stage == STAGE_LINGERING)
        return;
    if ((what & BEV_EVENT_EOF) != 0 && !conn->input_ended) {
        on_end_of_input(conn);
    } else if (tls_failed) {
        conn->broken = true;
        serve_stream(conn);
    } else {
        connection_drop(conn);
    }
}

void exchange_begin(connection *conn, http_version version)
{
    conn->stage = STAGE_SERVING;
    conn->version = version;
    bufferevent_setcb(conn->stream, on_read, on_write, on_event, conn);
    bufferevent_enable(conn->stream, EV_READ | EV_WRITE);
    serve_stream(conn);
}

/** Sends what tells the client that the connection ends. */
static http_progress end_session(connection *conn)
{
    GString *out = g_string_truncate(conn->worker->out, 0);
    if (conn->http == NULL)
        return HTTP_ENDS;
    const http_progress progress = http_conn_end(conn->http, out);
    conn->busy = true;
    send_out(conn, out);
    conn->busy = false;
    return progress;
}

void exchange_end(connection *conn)
{
    if (end_session(conn) != HTTP_GOES_ON)
        conn->stage = STAGE_CLOSING;
    conn->unread = true; /* a request may be on its way */
    connection_set_deadline(conn, END_TIME);
    settle(conn);
}

void exchange_cut(connection *conn)
{
    end_session(conn);
    connection_drop(conn);
}
