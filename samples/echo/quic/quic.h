/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * HTTP/3: what the rest of the server needs of it. Where ngtcp2 or nghttp3 is missing, absent.c
 * stands in its place.
 *
 * Each worker has an endpoint, which serves the QUIC connections that come to the worker's UDP
 * sockets. Which worker a datagram comes to, its connection ID says (route.h), so that a connection
 * stays with its worker when its client's address changes.
 */
#ifndef ECHO_QUIC_H
#define ECHO_QUIC_H

#include "serve/server.h"
#include "serve/worker.h"

/** The libraries and their versions, for --version; NULL where it was built without them. */
const char *quic_libraries(void);

/**
 * @param server whose TLS settings are set; it must stay as long.
 * @return owned by the caller, to be freed with quic_server_free(); NULL with @p error set where
 * GnuTLS cannot do what the options ask for.
 */
quic_server *quic_server_new(const echo_server *server, GError **error);

/** Frees @p quic; NULL is fine. */
void quic_server_free(quic_server *quic);

/** Takes the certificate and key of the server's TLS settings anew; false with @p error set, and
 * nothing changed. */
bool quic_server_reload(quic_server *quic, GError **error);

/**
 * @param sockets of UDP (int), owned by the endpoint from here on.
 * @return owned by the caller, to be freed with quic_endpoint_free().
 */
quic_endpoint *quic_endpoint_new(quic_server *quic, echo_worker *worker, const GArray *sockets);

/** Closes all connections at once, tells their clients, and frees @p endpoint; NULL is fine. */
void quic_endpoint_free(quic_endpoint *endpoint);

/** Sends GOAWAY: open requests are still answered, for at most 10 seconds, new ones are not.
 * NULL is fine. */
void quic_endpoint_end(quic_endpoint *endpoint);

/** Connections that are open; 0 for NULL. */
unsigned quic_endpoint_count(const quic_endpoint *endpoint);

/** Closes the connection that has been quiet for the longest; false where none has been for a
 * second, and for NULL. */
bool quic_endpoint_make_room(quic_endpoint *endpoint);

#endif
