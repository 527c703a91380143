/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The end of a connection: its last bytes reach the client before the socket closes. */
#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "serve/connection_parts.h"

enum {
    LINGER_TIME = 2 * G_USEC_PER_SEC,
    DISCARD_AT_ONCE = 64 * 1024,
    RECORD_ALERT = 21, /* RFC 8446 5.1 */
    LEVEL_FATAL = 2,   /* RFC 8446 6 */
};

void closing_notify(connection *conn)
{
    if (conn->ssl == NULL || conn->broken)
        return;
    SSL_shutdown(conn->ssl);
    ERR_clear_error();
}

void closing_alert(connection *conn, uint8_t alert)
{
    const uint8_t record[] = {RECORD_ALERT, 3, 3, 0, 2, LEVEL_FATAL, alert};
    if (send(conn->fd, record, sizeof record, MSG_NOSIGNAL) < 0)
        return; /* the client has gone */
}

/** Throws input away, so that TCP does not answer it with a reset. */
static void discard(evutil_socket_t fd, short what, void *data)
{
    (void)what;
    char bytes[DISCARD_AT_ONCE];
    const ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        connection_free(data);
}

void closing_linger(connection *conn)
{
    conn->stage = STAGE_LINGERING;
    g_clear_pointer(&conn->http, http_conn_free);
    if (conn->stream != NULL)
        bufferevent_disable(conn->stream, EV_READ | EV_WRITE);
    shutdown(conn->fd, SHUT_WR);
    event_del(&conn->arrival);
    event_assign(&conn->arrival, conn->worker->base, conn->fd, EV_READ | EV_PERSIST, discard, conn);
    event_add(&conn->arrival, NULL);
    connection_set_deadline(conn, LINGER_TIME);
}
