/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The TLS handshake of a connection. */
#include <event2/bufferevent_ssl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>

#include "answer/log.h"
#include "serve/connection_parts.h"

enum { MAX_HANDSHAKE_MESSAGES = 32 }; /* after the handshake, between two requests */

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

/** KeyUpdates, and attempts to renegotiate, cost the server more than the client. */
static void count_message(int sent, int version, int type, const void *bytes, size_t len, SSL *ssl,
                          void *data)
{
    (void)version;
    (void)bytes;
    (void)len;
    (void)ssl;
    connection *conn = data;
    if (!sent && type == SSL3_RT_HANDSHAKE &&
        ++conn->n_handshake_messages == MAX_HANDSHAKE_MESSAGES)
        connection_doom(conn, SSL_AD_UNEXPECTED_MESSAGE, "too many handshake messages");
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
    SSL_set_msg_callback(conn->ssl, count_message);
    SSL_set_msg_callback_arg(conn->ssl, conn);
    conn->client.retried = hello_gate_retried(conn->gate);
    learn(&conn->client, conn->ssl);
    if (conn->client.message.len == 0) {
        connection_fail(conn, "no ClientHello was seen");
        return;
    }
    log_handshake(&conn->worker->server->log, &conn->client);
    const bool is_2 = conn->client.alpn != NULL && strcmp(conn->client.alpn, "h2") == 0;
    connection_set_deadline(conn, conn->worker->server->options->limits.idle_time);
    acknowledge(conn);
    exchange_begin(conn, is_2 ? HTTP_2 : HTTP_1);
}

/** OpenSSL has sent an alert, which must reach the client. */
static void on_failure(connection *conn)
{
    const unsigned long reason = bufferevent_get_openssl_error(conn->stream);
    const char *text = reason != 0 ? ERR_reason_error_string(reason) : "the client left";
    ERR_clear_error();
    if (conn->doom != NULL)
        return; /* the timer is about to refuse it */
    log_failure(&conn->worker->server->log, &conn->client,
                text != NULL ? text : "the handshake failed");
    if (reason != 0)
        closing_linger(conn);
    else
        connection_free(conn);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    (void)stream;
    connection *conn = data;
    if (conn->stage != STAGE_HANDSHAKE)
        return;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        on_end(conn);
    else
        on_failure(conn);
}

static void on_hello(void *data)
{
    connection *conn = data;
    echo_worker *worker = conn->worker;
    const key_groups *groups = &worker->server->groups;
    client_info *client = &conn->client;
    client->record_version = hello_gate_record_version(conn->gate);
    client_set_hello(client, hello_gate_message(conn->gate), TLSFP_TLS, worker->env.context,
                     worker->server->options->labels);
    if (client->parsed && key_groups_may_cost(groups, &client->hello) &&
        !costly_budget_take(&worker->costly, worker->server->options->limits.costly_rate,
                            g_get_monotonic_time()))
        key_groups_limit(groups, conn->ssl);
}

static void on_too_long(void *data)
{
    connection_doom(data, SSL_AD_ILLEGAL_PARAMETER, "the ClientHello is too long");
}

static bool make_stream(connection *conn)
{
    const echo_worker *worker = conn->worker;
    const hello_gate_events events = {.hello = on_hello, .too_long = on_too_long, .data = conn};
    conn->gate = hello_gate_new(conn->fd, worker->server->options->limits.max_hello, &events);
    SSL_CTX *tls = server_tls(worker->server);
    SSL *ssl = SSL_new(tls);
    SSL_CTX_free(tls);
    if (ssl == NULL)
        return false;
    BIO *bio = hello_gate_bio(conn->gate);
    if (bio != NULL)
        conn->stream = bufferevent_openssl_socket_new(
            worker->base, conn->fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (conn->stream == NULL) {
        BIO_free(bio);
        SSL_free(ssl);
        return false;
    }
    SSL_set0_rbio(ssl, bio);
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
    bufferevent_openssl_set_allow_dirty_shutdown(conn->stream, 1);
    bufferevent_setcb(conn->stream, NULL, NULL, on_event, conn);
    bufferevent_enable(conn->stream, EV_READ | EV_WRITE);
}
