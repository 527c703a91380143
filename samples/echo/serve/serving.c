/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Requests and answers on a connection, and its end. */
#include <event2/buffer.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "serve/connection_parts.h"

enum {
    READ_AT_ONCE = 16 * 1024,
    LINGER_TIME = 2 * G_USEC_PER_SEC,
    END_TIME = 10 * G_USEC_PER_SEC, /* for open answers, when the server ends */
};

static size_t unsent(const connection *one)
{
    return evbuffer_get_length(bufferevent_get_output(one->stream));
}

/** libevent asks OpenSSL for what it has decrypted, and not for what it has read ahead. */
static void take_read_ahead(connection *one)
{
    struct evbuffer *input = bufferevent_get_input(one->stream);
    while (one->ssl != NULL && evbuffer_get_length(input) < READ_AT_ONCE &&
           SSL_has_pending(one->ssl)) {
        struct evbuffer_iovec room;
        evbuffer_reserve_space(input, READ_AT_ONCE, &room, 1);
        const int n = SSL_read(one->ssl, room.iov_base, (int)MIN(room.iov_len, INT_MAX));
        room.iov_len = (size_t)MAX(n, 0);
        evbuffer_commit_space(input, &room, 1);
        if (n <= 0) {
            ERR_clear_error(); /* libevent will see the same */
            return;
        }
    }
}

/** libevent would wait until it is told that the socket takes something; mostly it does. What the
 * socket does not take, libevent sends: OpenSSL wants it once more from its start. */
static void send_out(connection *one, const GString *out)
{
    if (out->len == 0)
        return;
    if (one->ssl != NULL && unsent(one) == 0 &&
        SSL_write(one->ssl, out->str, (int)out->len) == (int)out->len)
        return;
    ERR_clear_error();
    bufferevent_write(one->stream, out->str, out->len);
}

/** The session takes what came, and its answers go out; returns whether it could take more. */
static bool serve_some(connection *one)
{
    if (one->dead || one->stage != STAGE_SERVING || unsent(one) > 0)
        return false;
    take_read_ahead(one);
    struct evbuffer *input = bufferevent_get_input(one->stream);
    const size_t len = evbuffer_get_length(input);
    if (len == 0 && !one->gives_more)
        return false;
    if (one->session == NULL)
        one->session = session_new(one->language, &one->home->room, &one->who);
    tlsfp_span bytes = {evbuffer_pullup(input, -1), len};
    GString *out = g_string_truncate(one->home->out, 0);
    const session_status status = session_receive(one->session, &bytes, out);
    evbuffer_drain(input, len - bytes.len);
    one->gives_more = out->len >= SESSION_ENOUGH;
    one->dead |= status == SESSION_BROKEN;
    one->unread |= status == SESSION_ENDS_UNREAD;
    if (status != SESSION_GOES_ON)
        one->stage = STAGE_CLOSING;
    send_out(one, out);
    return true;
}

/** Whether something came, or may come, that nobody will read. */
static bool has_unread(const connection *one)
{
    return one->unread || evbuffer_get_length(bufferevent_get_input(one->stream)) > 0 ||
           (one->ssl != NULL && SSL_has_pending(one->ssl));
}

static void finish(connection *one)
{
    connection_say_goodbye(one);
    if (!has_unread(one)) {
        connection_free(one);
        return;
    }
    one->stage = STAGE_LINGERING;
    shutdown(one->fd, SHUT_WR);
    bufferevent_enable(one->stream, EV_READ);
    connection_set_deadline(one, LINGER_TIME);
}

static void update_deadline(connection *one)
{
    const limits *most = &one->home->server->asked->limits;
    const uint64_t n_requests = session_n_requests(one->session);
    const bool in_head = session_in_head(one->session);
    if (n_requests == one->n_requests && in_head == one->in_head)
        return;
    if (n_requests != one->n_requests)
        connection_note_progress(one);
    one->n_requests = n_requests;
    one->in_head = in_head;
    if (!one->home->stopping)
        connection_set_deadline(one, in_head ? most->head_time : most->idle_time);
}

/** After serving: the connection ends, or waits for what its client does. */
static void settle(connection *one)
{
    if (one->dead) {
        connection_free(one);
        return;
    }
    if (one->stage == STAGE_CLOSING && unsent(one) == 0) {
        finish(one);
        return;
    }
    if (one->stage == STAGE_SERVING && one->session != NULL)
        update_deadline(one);
    if (unsent(one) > 0)
        bufferevent_disable(one->stream, EV_READ);
    else
        bufferevent_enable(one->stream, EV_READ);
}

static void serve_stream(connection *one)
{
    if (one->busy)
        return;
    one->busy = true;
    while (serve_some(one))
        ;
    one->busy = false;
    settle(one);
}

static void on_read(struct bufferevent *stream, void *data)
{
    connection *one = data;
    struct evbuffer *input = bufferevent_get_input(stream);
    if (one->stage == STAGE_SERVING)
        serve_stream(one);
    else
        evbuffer_drain(input, evbuffer_get_length(input));
}

static void on_write(struct bufferevent *stream, void *data)
{
    (void)stream;
    connection *one = data;
    if (one->stage != STAGE_LINGERING)
        serve_stream(one);
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    (void)stream;
    (void)what;
    connection_drop(data);
}

void serving_begin(connection *one, session_language language)
{
    one->stage = STAGE_SERVING;
    one->language = language;
    bufferevent_setcb(one->stream, on_read, on_write, on_event, one);
    bufferevent_enable(one->stream, EV_READ | EV_WRITE);
    serve_stream(one);
}

/** Tells the client. */
static session_status end_session(connection *one)
{
    GString *out = g_string_truncate(one->home->out, 0);
    if (one->session == NULL)
        return SESSION_ENDS;
    const session_status status = session_end(one->session, out);
    one->busy = true;
    send_out(one, out);
    one->busy = false;
    return status;
}

void serving_end(connection *one)
{
    if (end_session(one) != SESSION_GOES_ON)
        one->stage = STAGE_CLOSING;
    one->unread = true; /* perhaps it is sending a request just now */
    connection_set_deadline(one, END_TIME);
    settle(one);
}

void serving_part(connection *one)
{
    end_session(one);
    connection_drop(one);
}
