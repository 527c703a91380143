/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The TLS handshake of a connection. */
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>

#include "answer/log.h"
#include "serve/connection_parts.h"

static const char *chosen_protocol(const SSL *ssl)
{
    const unsigned char *name;
    unsigned len;
    SSL_get0_alpn_selected(ssl, &name, &len);
    return len == 0 ? NULL : len == 2 ? "h2" : "http/1.1";
}

static void learn(client_info *client, SSL *ssl)
{
    client->resumed = SSL_session_reused(ssl) == 1;
    client->version = SSL_get_version(ssl);
    client->cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
    client->group = SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl));
    client->alpn = chosen_protocol(ssl);
}

void handshake_take_hello(connection *conn)
{
    const echo_worker *worker = conn->worker;
    conn->client.record_version = conn->watch.record_version;
    conn->client.retried = conn->watch.retried;
    if (conn->watch.message.len > 0)
        client_set_hello(&conn->client, conn->watch.message, TLSFP_TLS, worker->env.context,
                         worker->server->options->labels);
}

/** Nagle's algorithm holds a client's request back until its Finished is acknowledged, and delayed
 * acknowledgement takes 40 ms: acknowledge now. */
static void acknowledge(const connection *conn)
{
    if (!SSL_has_pending(conn->ssl))
        setsockopt(conn->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
}

static void on_end(connection *conn)
{
    hello_watch_stop(conn->ssl);
    handshake_take_hello(conn);
    learn(&conn->client, conn->ssl);
    if (conn->client.message.len == 0) {
        connection_fail(conn, "no ClientHello was seen");
        return;
    }
    log_handshake(conn->worker->env.log, &conn->client);
    const bool is_2 = conn->client.alpn != NULL && strcmp(conn->client.alpn, "h2") == 0;
    connection_set_deadline(conn, conn->worker->server->options->limits.idle_time);
    acknowledge(conn);
    exchange_begin(conn, is_2 ? HTTP_2 : HTTP_1);
}

static void on_failure(connection *conn)
{
    const unsigned long reason = bufferevent_get_openssl_error(conn->stream);
    const char *text = reason != 0 ? ERR_reason_error_string(reason) : "the client left";
    ERR_clear_error();
    handshake_take_hello(conn);
    connection_fail(conn, text != NULL ? text : "the handshake failed");
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    (void)stream;
    connection *conn = data;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        on_end(conn);
    else
        on_failure(conn);
}

/** Called from inside OpenSSL, where the connection cannot be freed: the timer closes it. */
static void doom(void *data)
{
    connection *conn = data;
    conn->doomed = true;
    event_active(&conn->timer, EV_TIMEOUT, 0);
}

static bool make_stream(connection *conn)
{
    echo_worker *worker = conn->worker;
    SSL *ssl = SSL_new(worker->server->tls);
    if (ssl == NULL)
        return false;
    conn->stream = bufferevent_openssl_socket_new(worker->base, conn->fd, ssl,
                                                  BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (conn->stream == NULL) {
        SSL_free(ssl);
        return false;
    }
    conn->ssl = ssl;
    return true;
}

void handshake_begin(connection *conn)
{
    event_del(&conn->arrival);
    if (!make_stream(conn)) {
        ERR_clear_error();
        connection_drop(conn);
        return;
    }
    conn->stage = STAGE_HANDSHAKE;
    hello_watch_start(&conn->watch, conn->ssl, conn->worker->server->options->limits.max_hello,
                      doom, conn);
    bufferevent_openssl_set_allow_dirty_shutdown(conn->stream, 1);
    bufferevent_setcb(conn->stream, NULL, NULL, on_event, conn);
    bufferevent_enable(conn->stream, EV_READ | EV_WRITE);
}
