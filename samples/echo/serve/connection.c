/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <unistd.h>

#include "answer/log.h"
#include "serve/connection_parts.h"

void connection_say_goodbye(connection *one)
{
    if (one->ssl == NULL)
        return;
    SSL_shutdown(one->ssl);
    ERR_clear_error();
}

void connection_free(connection *one)
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
        connection_say_goodbye(one);
    connection_free(one);
}

void connection_fail(connection *one, const char *reason)
{
    log_failure(one->home->room.log, &one->who, one->home->room.context, reason);
    connection_drop(one);
}

/* -- time */

int64_t connection_quiet_time(const connection *one)
{
    return g_get_monotonic_time() - one->last_progress;
}

void connection_note_progress(connection *one)
{
    one->last_progress = g_get_monotonic_time();
    g_queue_unlink(&one->home->connections, &one->link);
    g_queue_push_tail_link(&one->home->connections, &one->link);
}

static void arm_timer(connection *one, int64_t now)
{
    const int64_t left = MAX(one->deadline - now, 0);
    const struct timeval wait = {.tv_sec = left / G_USEC_PER_SEC, .tv_usec = left % G_USEC_PER_SEC};
    one->timer_at = one->deadline;
    event_add(&one->timer, &wait);
}

/** A timer that would fire too early is left alone, and looks at the deadline when it does. */
void connection_set_deadline(connection *one, int64_t time)
{
    const int64_t now = g_get_monotonic_time();
    one->deadline = now + time;
    if (one->timer_at == 0 || one->deadline < one->timer_at)
        arm_timer(one, now);
}

static void on_deadline(connection *one)
{
    if (one->stage == STAGE_SERVING) {
        serving_part(one);
    } else if (one->stage == STAGE_CLOSING || one->stage == STAGE_LINGERING) {
        connection_drop(one);
    } else {
        handshake_see_hello(one);
        connection_fail(one, "the handshake took too long");
    }
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    connection *one = data;
    const int64_t now = g_get_monotonic_time();
    if (one->doomed)
        connection_fail(one, "the ClientHello is too long");
    else if (now < one->deadline)
        arm_timer(one, now);
    else
        on_deadline(one);
}

void connection_end(connection *one)
{
    if (one->stage == STAGE_SERVING && one->ssl != NULL)
        serving_end(one);
    else if (one->stage != STAGE_CLOSING && one->stage != STAGE_LINGERING)
        connection_drop(one);
}

/* -- opening */

bool connection_count(connection *one)
{
    one->counted = addresses_add(one->home->server->addresses, one->who.address);
    if (one->counted)
        return true;
    connection_drop(one);
    return false;
}

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
    event_assign(&one->arrival, home->base, fd, EV_READ | EV_PERSIST, arrival_read, one);
    event_assign(&one->timer, home->base, -1, 0, on_timer, one);
    g_queue_push_tail_link(&home->connections, &one->link);
    one->last_progress = g_get_monotonic_time();
    set_address(&one->who, from);
    one->who.labels = home->server->asked->labels;
    if (!one->awaits_header && !connection_count(one))
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connection_set_deadline(one, home->server->asked->limits.handshake_time);
    event_add(&one->arrival, NULL);
}
