/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The server as a whole: what its workers share, and its run from start to end. */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include "answer/log.h"
#include "options.h"
#include "serve/addresses.h"
#include "tls/key_exchange.h"

typedef struct quic_server quic_server;

/** What all workers share; it outlives them. */
typedef struct {
    const echo_options *options;
    GMutex lock;  /**< Of tls. */
    SSL_CTX *tls; /**< server_tls(). */
    key_groups groups;
    address_counts *addresses;
    event_log log;
    uint16_t port;      /**< The workers listen on it. */
    quic_server *quic;  /**< NULL without HTTP/3. */
    uint16_t quic_port; /**< Of UDP. */
    char *alternative;  /**< Value of Alt-Svc, which tells clients of HTTP/3; NULL without. */
} echo_server;

/** The TLS settings for a new connection; a reference, to be released with SSL_CTX_free(). Any
 * thread may call it. */
SSL_CTX *server_tls(const echo_server *server);

/**
 * Reads the certificate and the key again; connections that are open keep theirs. Also the place
 * for other transports to read them.
 * @return false with @p error set, and nothing changed.
 */
bool server_reload(echo_server *server, GError **error);

/**
 * Serves until SIGTERM or SIGINT; a second one ends the program at once. SIGHUP reloads.
 * @return false with @p error set where the server could not start.
 */
bool server_run(const echo_options *options, GError **error);

#endif
