/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The server as a whole: what its workers share, and its run from start to end. */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include <openssl/ssl.h>

#include "options.h"
#include "serve/addresses.h"

/** What all workers share; it outlives them. */
typedef struct {
    const echo_options *options;
    SSL_CTX *tls;
    address_counts *addresses;
    uint16_t port; /**< The workers listen on it. */
} echo_server;

/**
 * Serves until SIGTERM or SIGINT; a second one ends the program at once.
 * @return false with @p error set where the server could not start.
 */
bool server_run(const echo_options *options, GError **error);

#endif
