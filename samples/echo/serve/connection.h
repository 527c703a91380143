/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A TCP connection, from its first byte to its end: PROXY header, TLS handshake, requests.
 *
 * It frees itself when it ends. Each stage has a deadline, counted from the start of the stage and
 * not from the last byte.
 */
#ifndef ECHO_CONNECTION_H
#define ECHO_CONNECTION_H

#include <sys/socket.h>

#include "serve/worker.h"

typedef struct connection connection;

/** Serves the non-blocking socket @p fd, which the connection owns from here on. */
void connection_open(echo_worker *worker, int fd, const struct sockaddr *from);

/** Ends the connection after the open answers are sent. */
void connection_end(connection *conn);

/** Ends the connection at once. */
void connection_drop(connection *conn);

/** Microseconds since the connection was opened or last sent a request. */
int64_t connection_quiet_time(const connection *conn);

#endif
