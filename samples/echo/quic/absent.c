/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Built in place of the rest of this folder where ngtcp2 or nghttp3 is missing. */
#include "quic/quic.h"

const char *quic_libraries(void)
{
    return NULL;
}

quic_server *quic_server_new(const echo_server *server, GError **error)
{
    (void)server;
    g_set_error(error, G_FILE_ERROR, 0, "built without HTTP/3");
    return NULL;
}

void quic_server_free(quic_server *quic)
{
    (void)quic;
}

bool quic_server_reload(quic_server *quic, GError **error)
{
    (void)quic;
    (void)error;
    return true;
}

quic_endpoint *quic_endpoint_new(quic_server *quic, echo_worker *worker, const GArray *sockets)
{
    (void)quic;
    (void)worker;
    (void)sockets;
    return NULL;
}

void quic_endpoint_free(quic_endpoint *endpoint)
{
    (void)endpoint;
}

void quic_endpoint_end(quic_endpoint *endpoint)
{
    (void)endpoint;
}

unsigned quic_endpoint_count(const quic_endpoint *endpoint)
{
    (void)endpoint;
    return 0;
}

bool quic_endpoint_make_room(quic_endpoint *endpoint)
{
    (void)endpoint;
    return false;
}
