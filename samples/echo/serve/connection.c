/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "answer/log.h"
#include "serve/connection_parts.h"

void connection_free(connection *conn)
{
    event_del(&conn->timer);
    event_del(&conn->arrival);
    if (conn->stream != NULL)
        bufferevent_free(conn->stream);
    else
        close(conn->fd);
    if (conn->counted)
        addresses_remove(conn->worker->server->addresses, conn->client.address);
    http_conn_free(conn->http);
    client_clear(&conn->client);
    hello_gate_free(conn->gate);
    if (conn->header != NULL)
        g_byte_array_unref(conn->header);
    worker_forget(conn->worker, &conn->link);
    g_free(conn);
}

void connection_drop(connection *conn)
{
    conn->dead = true;
    if (conn->busy)
        return;
    if (conn->stage == STAGE_SERVING)
        closing_notify(conn);
    connection_free(conn);
}

void connection_fail(connection *conn, const char *reason)
{
    log_failure(&conn->worker->server->log, &conn->client, reason);
    connection_drop(conn);
}

void connection_refuse(connection *conn, uint8_t alert, const char *reason)
{
    log_failure(&conn->worker->server->log, &conn->client, reason);
    closing_alert(conn, alert);
    closing_linger(conn);
}

void connection_doom(connection *conn, uint8_t alert, const char *reason)
{
    conn->doom = reason;
    conn->doom_alert = alert;
    event_active(&conn->timer, EV_TIMEOUT, 0);
}

/* -- time */

int64_t connection_quiet_time(const connection *conn)
{
    return g_get_monotonic_time() - conn->last_progress;
}

void connection_note_progress(connection *conn)
{
    conn->last_progress = g_get_monotonic_time();
    g_queue_unlink(&conn->worker->connections, &conn->link);
    g_queue_push_tail_link(&conn->worker->connections, &conn->link);
}

static void arm_timer(connection *conn, int64_t now)
{
    const int64_t left = MAX(conn->deadline - now, 0);
    const struct timeval wait = {.tv_sec = left / G_USEC_PER_SEC, .tv_usec = left % G_USEC_PER_SEC};
    conn->timer_at = conn->deadline;
    event_add(&conn->timer, &wait);
}

/** A timer that is due before the deadline is left armed; when it fires it checks the deadline. */
void connection_set_deadline(connection *conn, int64_t time)
{
    const int64_t now = g_get_monotonic_time();
    conn->deadline = now + time;
    if (conn->timer_at == 0 || conn->deadline < conn->timer_at)
        arm_timer(conn, now);
}

static void on_deadline(connection *conn)
{
    if (conn->stage == STAGE_SERVING) {
        exchange_cut(conn);
    } else if (conn->stage == STAGE_CLOSING || conn->stage == STAGE_LINGERING) {
        connection_drop(conn);
    } else {
        connection_fail(conn, "the handshake took too long");
    }
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    connection *conn = data;
    const int64_t now = g_get_monotonic_time();
    if (conn->doom != NULL)
        connection_refuse(conn, conn->doom_alert, conn->doom);
    else if (now < conn->deadline)
        arm_timer(conn, now);
    else
        on_deadline(conn);
}

void connection_end(connection *conn)
{
    if (conn->stage == STAGE_SERVING && conn->ssl != NULL)
        exchange_end(conn);
    else if (conn->stage != STAGE_CLOSING && conn->stage != STAGE_LINGERING)
        connection_drop(conn);
}

/* -- opening */

bool connection_count(connection *conn)
{
    if (conn->client.address[0] == '\0') /* a Unix socket: local */
        return true;
    conn->counted = addresses_add(conn->worker->server->addresses, conn->client.address);
    if (conn->counted)
        return true;
    worker_note_refusal(conn->worker, &conn->worker->n_crowded);
    connection_drop(conn);
    return false;
}

static void set_address(client_info *client, const struct sockaddr *from)
{
    const void *address;
    if (from->sa_family == AF_UNIX)
        return;
    if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *from_6 = (const struct sockaddr_in6 *)from;
        address = &from_6->sin6_addr;
        client->port = ntohs(from_6->sin6_port);
    } else {
        const struct sockaddr_in *from_4 = (const struct sockaddr_in *)from;
        address = &from_4->sin_addr;
        client->port = ntohs(from_4->sin_port);
    }
    inet_ntop(from->sa_family, address, client->address, sizeof client->address);
}

/** The kernel keeps the headers of the SYN until they are asked for, unless it sent a SYN cookie.
 * Behind a load balancer they are not the client's. */
static void take_syn(connection *conn)
{
    socklen_t len = sizeof conn->client.syn;
    if (!conn->awaits_header &&
        getsockopt(conn->fd, IPPROTO_TCP, TCP_SAVED_SYN, conn->client.syn, &len) == 0)
        conn->client.n_syn = (uint8_t)len;
}

void connection_open(echo_worker *worker, int fd, const struct sockaddr *from)
{
    connection *conn = g_new0(connection, 1);
    conn->worker = worker;
    conn->fd = fd;
    conn->link.data = conn;
    conn->awaits_header = worker->server->options->proxy_protocol;
    event_assign(&conn->arrival, worker->base, fd, EV_READ | EV_PERSIST, arrival_read, conn);
    event_assign(&conn->timer, worker->base, -1, 0, on_timer, conn);
    g_queue_push_tail_link(&worker->connections, &conn->link);
    conn->last_progress = g_get_monotonic_time();
    set_address(&conn->client, from);
    if (!conn->awaits_header && !connection_count(conn))
        return;
    take_syn(conn);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connection_set_deadline(conn, worker->server->options->limits.handshake_time);
    event_add(&conn->arrival, NULL);
}
