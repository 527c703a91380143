/* SPDX-License-Identifier: BSD-3-Clause */
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event_struct.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

#include "hello_watch.h"
#include "log.h"
#include "proxy.h"

typedef enum {
    STAGE_ARRIVED,   /* nothing is known yet, or a part of the PROXY header */
    STAGE_HANDSHAKE, /* TLS */
    STAGE_SERVING,
    STAGE_CLOSING,   /* the last answer is being sent */
    STAGE_LINGERING, /* it was; what the client still sends is thrown away, lest TCP reset it */
} stage;

enum {
    RECORD_HANDSHAKE = 22, /* RFC 8446 5.1: the first byte of a TLS client */
    READ_AT_ONCE = 16 * 1024,
    LINGER_TIME = 2 * G_USEC_PER_SEC,
    END_TIME = 10 * G_USEC_PER_SEC, /* for open answers, when the server ends */
};

struct connection {
    GList link;
    worker *home;
    int fd;
    stage stage;
    struct event arrival, timer;
    int64_t deadline, timer_at, last_progress;
    struct bufferevent *stream;
    SSL *ssl; /* belongs to the stream */
    hello_watch watch;
    client who;
    session *session;
    uint64_t n_requests;
    GByteArray *header; /* the start of a PROXY header */
    bool awaits_header;
    bool counted; /* among its address's connections */
    bool in_head;
    bool gives_more; /* the session waits until its answers are sent */
    bool unread;     /* the client may be sending when the connection closes */
    bool doomed;     /* its hello is too long */
    bool busy;       /* it is being served further up the stack, */
    bool dead;       /* and is to be freed there */
};

static void say_goodbye(connection *one)
{
    if (one->ssl == NULL || one->stage == STAGE_HANDSHAKE)
        return;
    SSL_shutdown(one->ssl);
    ERR_clear_error();
}

static void set_free(connection *one)
{
    event_del(&one->timer);
    event_del(&one->arrival);
    if (one->stream != NULL)
        bufferevent_free(one->stream);
    else
        close(one->fd);
    if (one->counted)
        addresses_remove(one->home->server->addresses, one->who.address);
    session_free(one->session);
    hello_watch_clear(&one->watch);
    if (one->header != NULL)
        g_byte_array_unref(one->header);
    worker_forget(one->home, &one->link);
    g_free(one);
}

void connection_drop(connection *one)
{
    one->dead = true;
    if (one->busy)
        return;
    if (one->stage == STAGE_SERVING)
        say_goodbye(one);
    set_free(one);
}

int64_t connection_quiet_time(const connection *one)
{
    return g_get_monotonic_time() - one->last_progress;
}

static void arm_timer(connection *one, int64_t now)
{
    const int64_t left = MAX(one->deadline - now, 0);
    const struct timeval wait = {.tv_sec = left / G_USEC_PER_SEC, .tv_usec = left % G_USEC_PER_SEC};
    one->timer_at = one->deadline;
    event_add(&one->timer, &wait);
}

/** A timer that would fire too early is left alone, and looks at the deadline when it does. */
static void set_deadline(connection *one, int64_t time)
{
    const int64_t now = g_get_monotonic_time();
    one->deadline = now + time;
    if (one->timer_at == 0 || one->deadline < one->timer_at)
        arm_timer(one, now);
}

static void note_progress(connection *one)
{
    one->last_progress = g_get_monotonic_time();
    g_queue_unlink(&one->home->connections, &one->link);
    g_queue_push_tail_link(&one->home->connections, &one->link);
}

static void fail(connection *one, const char *reason)
{
    log_failure(one->home->room.log, &one->who, one->home->room.context, reason);
    connection_drop(one);
}

/* -- serving */

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
    tlsfp_span bytes = {evbuffer_pullup(input, -1), len};
    GString *out = g_string_truncate(one->home->out, 0);
    const session_status status = session_receive(one->session, &bytes, out);
    evbuffer_drain(input, len - bytes.len);
    one->gives_more = out->len >= SESSION_ENOUGH;
    one->dead = status == SESSION_BROKEN;
    one->unread = status == SESSION_ENDS_UNREAD;
    if (status != SESSION_GOES_ON)
        one->stage = STAGE_CLOSING;
    if (out->len > 0)
        send_out(one, out);
    return true;
}

static void linger(connection *one)
{
    say_goodbye(one);
    one->stage = STAGE_LINGERING;
    shutdown(one->fd, SHUT_WR);
    bufferevent_enable(one->stream, EV_READ);
    set_deadline(one, LINGER_TIME);
}

/** Whether something came that nobody will read. */
static bool has_unread(const connection *one)
{
    return one->unread || evbuffer_get_length(bufferevent_get_input(one->stream)) > 0 ||
           (one->ssl != NULL && SSL_has_pending(one->ssl));
}

static void finish(connection *one)
{
    if (has_unread(one)) {
        linger(one);
        return;
    }
    say_goodbye(one);
    set_free(one);
}

static void update_deadline(connection *one)
{
    const limits *most = &one->home->server->asked->limits;
    const uint64_t n_requests = session_n_requests(one->session);
    const bool in_head = session_in_head(one->session);
    if (n_requests == one->n_requests && in_head == one->in_head)
        return;
    if (n_requests != one->n_requests)
        note_progress(one);
    one->n_requests = n_requests;
    one->in_head = in_head;
    if (!one->home->stopping)
        set_deadline(one, in_head ? most->head_time : most->idle_time);
}

/** After serving: the connection ends, or waits for what its client does. */
static void settle(connection *one)
{
    if (one->dead) {
        set_free(one);
        return;
    }
    if (one->stage == STAGE_CLOSING && unsent(one) == 0) {
        finish(one);
        return;
    }
    if (one->stage == STAGE_SERVING)
        update_deadline(one);
    if (unsent(one) > 0)
        bufferevent_disable(one->stream, EV_READ);
    else
        bufferevent_enable(one->stream, EV_READ);
}

static void serve(connection *one)
{
    if (one->busy)
        return;
    one->busy = true;
    while (serve_some(one))
        ;
    one->busy = false;
    settle(one);
}

static void start_session(connection *one, session_language language)
{
    one->stage = STAGE_SERVING;
    one->session = session_new(language, &one->home->room, &one->who);
}

static void on_read(struct bufferevent *stream, void *data)
{
    connection *one = data;
    struct evbuffer *input = bufferevent_get_input(stream);
    if (one->stage == STAGE_LINGERING || one->stage == STAGE_CLOSING)
        evbuffer_drain(input, evbuffer_get_length(input));
    else
        serve(one);
}

static void on_write(struct bufferevent *stream, void *data)
{
    (void)stream;
    connection *one = data;
    if (one->stage == STAGE_SERVING || one->stage == STAGE_CLOSING)
        serve(one);
}

/* -- TLS */

static const char *chosen_protocol(const SSL *ssl)
{
    const unsigned char *name;
    unsigned len;
    SSL_get0_alpn_selected(ssl, &name, &len);
    return len == 0 ? NULL : len == 2 ? "h2" : "http/1.1";
}

static void learn(connection *one)
{
    client *who = &one->who;
    SSL *ssl = one->ssl;
    who->resumed = SSL_session_reused(ssl) == 1;
    who->version = SSL_get_version(ssl);
    who->cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
    who->group = SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl));
    who->alpn = chosen_protocol(ssl);
}

static void see_hello(connection *one)
{
    one->who.hello = one->watch.message;
    one->who.record_version = one->watch.record_version;
    one->who.retried = one->watch.retried;
}

static void on_handshake_end(connection *one)
{
    hello_watch_stop(one->ssl);
    see_hello(one);
    learn(one);
    if (one->who.hello.len == 0) {
        fail(one, "no ClientHello was seen");
        return;
    }
    log_handshake(one->home->room.log, &one->who, one->home->room.context);
    const bool is_2 = one->who.alpn != NULL && strcmp(one->who.alpn, "h2") == 0;
    start_session(one, is_2 ? SPEAK_HTTP2 : SPEAK_HTTP1);
    set_deadline(one, one->home->server->asked->limits.idle_time);
    serve(one);
}

static void on_handshake_failure(connection *one)
{
    const unsigned long reason = bufferevent_get_openssl_error(one->stream);
    const char *text = reason != 0 ? ERR_reason_error_string(reason) : "the client left";
    ERR_clear_error();
    see_hello(one);
    fail(one, text != NULL ? text : "the handshake failed");
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    (void)stream;
    connection *one = data;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        on_handshake_end(one);
    else if (one->stage == STAGE_HANDSHAKE)
        on_handshake_failure(one);
    else
        connection_drop(one);
}

/** From inside OpenSSL: the timer, at once, does the rest. */
static void doom(void *data)
{
    connection *one = data;
    one->doomed = true;
    event_active(&one->timer, EV_TIMEOUT, 0);
}

static void use_stream(connection *one, struct bufferevent *stream, stage next)
{
    event_del(&one->arrival);
    one->stream = stream;
    one->stage = next;
    bufferevent_setcb(stream, on_read, on_write, on_event, one);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}

static void begin_handshake(connection *one)
{
    worker *home = one->home;
    one->ssl = SSL_new(home->server->tls);
    hello_watch_start(&one->watch, one->ssl, home->server->asked->limits.max_hello, doom, one);
    struct bufferevent *stream = bufferevent_openssl_socket_new(
        home->base, one->fd, one->ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
    use_stream(one, stream, STAGE_HANDSHAKE);
}

/** HTTP without TLS is told where to go. */
static void begin_insecure(connection *one)
{
    struct bufferevent *stream =
        bufferevent_socket_new(one->home->base, one->fd, BEV_OPT_CLOSE_ON_FREE);
    use_stream(one, stream, STAGE_SERVING);
    start_session(one, SPEAK_INSECURE);
    set_deadline(one, one->home->server->asked->limits.head_time);
}

/* -- arrival */

static bool count(connection *one)
{
    one->counted = addresses_add(one->home->server->addresses, one->who.address);
    return one->counted;
}

/** Takes @p len bytes off the socket that were seen there already. */
static void swallow(connection *one, size_t len)
{
    uint8_t bytes[PROXY_MAX_HEADER];
    while (len > 0) {
        const ssize_t n = recv(one->fd, bytes, MIN(len, sizeof bytes), 0);
        if (n <= 0)
            return;
        len -= (size_t)n;
    }
}

static void on_header_end(connection *one, const proxy_source *from)
{
    one->awaits_header = false;
    if (one->header != NULL)
        g_byte_array_unref(one->header);
    one->header = NULL;
    if (from->known) {
        memcpy(one->who.address, from->address, sizeof from->address);
        one->who.port = from->port;
    }
    if (!count(one))
        connection_drop(one);
}

/** Nothing past the header is taken off the socket: the rest is for OpenSSL. */
static void read_header(connection *one)
{
    uint8_t bytes[PROXY_MAX_HEADER];
    const ssize_t n = recv(one->fd, bytes, sizeof bytes, MSG_PEEK);
    if (n <= 0) {
        connection_drop(one);
        return;
    }
    if (one->header == NULL)
        one->header = g_byte_array_new();
    const size_t n_before = one->header->len;
    g_byte_array_append(one->header, bytes, (guint)n);
    proxy_source from;
    size_t len;
    switch (proxy_parse((tlsfp_span){one->header->data, one->header->len}, &from, &len)) {
    case TLSFP_OK:
        swallow(one, len - n_before);
        on_header_end(one, &from);
        break;
    case TLSFP_MORE:
        swallow(one, (size_t)n);
        break;
    default:
        fail(one, "no PROXY header");
        break;
    }
}

static void on_first_byte(connection *one)
{
    uint8_t first;
    if (recv(one->fd, &first, 1, MSG_PEEK) != 1)
        connection_drop(one);
    else if (first == RECORD_HANDSHAKE)
        begin_handshake(one);
    else if (g_ascii_isupper(first))
        begin_insecure(one);
    else
        fail(one, "neither TLS nor HTTP");
}

static void on_arrival(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    connection *one = data;
    if (one->awaits_header)
        read_header(one);
    else
        on_first_byte(one);
}

/* -- time */

static void end_stage(connection *one)
{
    GString *out = g_string_truncate(one->home->out, 0);
    const session_status status = session_end(one->session, out);
    one->busy = true;
    if (out->len > 0)
        send_out(one, out);
    one->busy = false;
    one->unread = true; /* perhaps it is sending a request just now */
    if (status != SESSION_GOES_ON)
        one->stage = STAGE_CLOSING;
    settle(one);
}

static void on_deadline(connection *one)
{
    if (one->stage == STAGE_ARRIVED || one->stage == STAGE_HANDSHAKE) {
        see_hello(one);
        fail(one, "the handshake took too long");
    } else {
        connection_drop(one);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    connection *one = data;
    const int64_t now = g_get_monotonic_time();
    if (one->doomed)
        fail(one, "the ClientHello is too long");
    else if (now < one->deadline)
        arm_timer(one, now);
    else
        on_deadline(one);
}

void connection_end(connection *one)
{
    if (one->stage == STAGE_SERVING && one->ssl != NULL) {
        set_deadline(one, END_TIME);
        end_stage(one);
    } else if (one->stage != STAGE_CLOSING && one->stage != STAGE_LINGERING) {
        connection_drop(one);
    }
}

/* -- opening */

static void set_address(client *who, const struct sockaddr *from)
{
    const void *address;
    if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *from_6 = (const struct sockaddr_in6 *)from;
        address = &from_6->sin6_addr;
        who->port = ntohs(from_6->sin6_port);
    } else {
        const struct sockaddr_in *from_4 = (const struct sockaddr_in *)from;
        address = &from_4->sin_addr;
        who->port = ntohs(from_4->sin_port);
    }
    inet_ntop(from->sa_family, address, who->address, sizeof who->address);
}

void connection_open(worker *home, int fd, const struct sockaddr *from)
{
    connection *one = g_new0(connection, 1);
    one->home = home;
    one->fd = fd;
    one->link.data = one;
    one->awaits_header = home->server->asked->proxy_protocol;
    event_assign(&one->arrival, home->base, fd, EV_READ | EV_PERSIST, on_arrival, one);
    event_assign(&one->timer, home->base, -1, 0, on_timer, one);
    g_queue_push_tail_link(&home->connections, &one->link);
    one->last_progress = g_get_monotonic_time();
    set_address(&one->who, from);
    if (!one->awaits_header && !count(one)) {
        connection_drop(one);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    set_deadline(one, home->server->asked->limits.handshake_time);
    event_add(&one->arrival, NULL);
}
