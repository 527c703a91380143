/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The first bytes of a connection, which say what it is. */
#include <string.h>
#include <sys/socket.h>

#include "serve/connection_parts.h"
#include "serve/proxy.h"

enum { RECORD_HANDSHAKE = 22 }; /* RFC 8446 5.1: the first byte of a TLS client */

/** Takes @p len bytes off the socket that were seen there already. */
static void swallow(const connection *one, size_t len)
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
    connection_count(one);
}

static void take_header(connection *one, tlsfp_span piece)
{
    proxy_source from;
    size_t len;
    const size_t n_before = one->header->len;
    g_byte_array_append(one->header, piece.data, (guint)piece.len);
    switch (proxy_parse((tlsfp_span){one->header->data, one->header->len}, &from, &len)) {
    case TLSFP_OK:
        swallow(one, len - n_before);
        on_header_end(one, &from);
        break;
    case TLSFP_MORE:
        swallow(one, piece.len);
        break;
    default:
        connection_fail(one, "no PROXY header");
        break;
    }
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
    take_header(one, (tlsfp_span){bytes, (size_t)n});
}

/** HTTP without TLS is told where to go. */
static void begin_insecure(connection *one)
{
    event_del(&one->arrival);
    one->stream = bufferevent_socket_new(one->home->base, one->fd, BEV_OPT_CLOSE_ON_FREE);
    connection_set_deadline(one, one->home->server->asked->limits.head_time);
    serving_begin(one, SPEAK_INSECURE);
}

static void read_first_byte(connection *one)
{
    uint8_t first;
    if (recv(one->fd, &first, 1, MSG_PEEK) != 1)
        connection_drop(one);
    else if (first == RECORD_HANDSHAKE)
        handshake_begin(one);
    else if (g_ascii_isupper(first))
        begin_insecure(one);
    else
        connection_fail(one, "neither TLS nor HTTP");
}

void arrival_read(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    connection *one = data;
    if (one->awaits_header)
        read_header(one);
    else
        read_first_byte(one);
}
