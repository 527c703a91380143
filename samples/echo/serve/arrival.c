/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The first bytes of a connection: PROXY header, TLS or plain HTTP. */
#include <string.h>
#include <sys/socket.h>

#include "serve/connection_parts.h"
#include "serve/proxy.h"

enum {
    RECORD_HANDSHAKE = 22, /* RFC 8446 5.1 */
    SSL_2_RECORD = 0x80,   /* RFC 5246 E.2: the high bit of the length */
};

/** Takes @p len bytes off the socket, which were peeked at before. */
static void swallow(const connection *conn, size_t len)
{
    uint8_t bytes[PROXY_MAX_HEADER];
    while (len > 0) {
        const ssize_t n = recv(conn->fd, bytes, MIN(len, sizeof bytes), 0);
        if (n <= 0)
            return;
        len -= (size_t)n;
    }
}

static void on_header_end(connection *conn, const proxy_source *from)
{
    conn->awaits_header = false;
    if (conn->header != NULL)
        g_byte_array_unref(conn->header);
    conn->header = NULL;
    if (from->known) {
        memcpy(conn->client.address, from->address, sizeof from->address);
        conn->client.port = from->port;
    }
    connection_count(conn);
}

static void take_header(connection *conn, tlsfp_span piece)
{
    proxy_source from;
    size_t len;
    const size_t n_before = conn->header->len;
    g_byte_array_append(conn->header, piece.data, (guint)piece.len);
    switch (proxy_parse((tlsfp_span){conn->header->data, conn->header->len}, &from, &len)) {
    case TLSFP_OK:
        swallow(conn, len - n_before);
        on_header_end(conn, &from);
        break;
    case TLSFP_MORE:
        swallow(conn, piece.len);
        break;
    default:
        connection_fail(conn, "no PROXY header");
        break;
    }
}

/** Takes nothing past the header off the socket: the rest is OpenSSL's. */
static void read_header(connection *conn)
{
    uint8_t bytes[PROXY_MAX_HEADER];
    const ssize_t n = recv(conn->fd, bytes, sizeof bytes, MSG_PEEK);
    if (n <= 0) {
        connection_drop(conn);
        return;
    }
    if (conn->header == NULL)
        conn->header = g_byte_array_new();
    take_header(conn, (tlsfp_span){bytes, (size_t)n});
}

/** HTTP without TLS is answered with the https URL. */
static void begin_insecure(connection *conn)
{
    event_del(&conn->arrival);
    conn->stream = bufferevent_socket_new(conn->worker->base, conn->fd, BEV_OPT_CLOSE_ON_FREE);
    connection_set_deadline(conn, conn->worker->server->options->limits.head_time);
    exchange_begin(conn, HTTP_INSECURE);
}

static void read_first_byte(connection *conn)
{
    uint8_t first;
    if (recv(conn->fd, &first, 1, MSG_PEEK) != 1)
        connection_drop(conn);
    else if (first == RECORD_HANDSHAKE)
        handshake_begin(conn);
    else if (first >= SSL_2_RECORD)
        connection_refuse(conn, SSL_AD_PROTOCOL_VERSION, "a hello of SSL 2.0");
    else if (g_ascii_isupper(first))
        begin_insecure(conn);
    else
        connection_fail(conn, "neither TLS nor HTTP");
}

void arrival_read(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    connection *conn = data;
    if (conn->awaits_header)
        read_header(conn);
    else
        read_first_byte(conn);
}
