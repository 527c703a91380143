/* SPDX-License-Identifier: BSD-3-Clause */
/** @file TLS on a connection, up to where both sides have shaken hands. */
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

static void learn(client *who, SSL *ssl)
{
    who->resumed = SSL_session_reused(ssl) == 1;
    who->version = SSL_get_version(ssl);
    who->cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
    who->group = SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl));
    who->alpn = chosen_protocol(ssl);
}

void handshake_see_hello(connection *one)
{
    one->who.hello = one->watch.message;
    one->who.record_version = one->watch.record_version;
    one->who.retried = one->watch.retried;
}

/** A client may hold its request back until its last message is acknowledged (Nagle's algorithm),
 * and TCP an acknowledgement for 40 ms, hoping for an answer to carry it. */
static void acknowledge(const connection *one)
{
    if (!SSL_has_pending(one->ssl))
        setsockopt(one->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
}

static void on_end(connection *one)
{
    hello_watch_stop(one->ssl);
    handshake_see_hello(one);
    learn(&one->who, one->ssl);
    if (one->who.hello.len == 0) {
        connection_fail(one, "no ClientHello was seen");
        return;
    }
    log_handshake(one->home->room.log, &one->who, one->home->room.context);
    const bool is_2 = one->who.alpn != NULL && strcmp(one->who.alpn, "h2") == 0;
    connection_set_deadline(one, one->home->server->asked->limits.idle_time);
    acknowledge(one);
    serving_begin(one, is_2 ? SPEAK_HTTP2 : SPEAK_HTTP1);
}

static void on_failure(connection *one)
{
    const unsigned long reason = bufferevent_get_openssl_error(one->stream);
    const char *text = reason != 0 ? ERR_reason_error_string(reason) : "the client left";
    ERR_clear_error();
    handshake_see_hello(one);
    connection_fail(one, text != NULL ? text : "the handshake failed");
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    (void)stream;
    connection *one = data;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        on_end(one);
    else
        on_failure(one);
}

/** From inside OpenSSL: the timer, at once, does the rest. */
static void doom(void *data)
{
    connection *one = data;
    one->doomed = true;
    event_active(&one->timer, EV_TIMEOUT, 0);
}

static bool make_stream(connection *one)
{
    worker *home = one->home;
    SSL *ssl = SSL_new(home->server->tls);
    if (ssl == NULL)
        return false;
    one->stream = bufferevent_openssl_socket_new(home->base, one->fd, ssl,
                                                 BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (one->stream == NULL) {
        SSL_free(ssl);
        return false;
    }
    one->ssl = ssl;
    return true;
}

void handshake_begin(connection *one)
{
    event_del(&one->arrival);
    if (!make_stream(one)) {
        ERR_clear_error();
        connection_drop(one);
        return;
    }
    one->stage = STAGE_HANDSHAKE;
    hello_watch_start(&one->watch, one->ssl, one->home->server->asked->limits.max_hello, doom, one);
    bufferevent_openssl_set_allow_dirty_shutdown(one->stream, 1);
    bufferevent_setcb(one->stream, NULL, NULL, on_event, one);
    bufferevent_enable(one->stream, EV_READ | EV_WRITE);
}
