/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A connection, from its first byte to its end: PROXY header, TLS handshake, session.
 *
 * It frees itself when it ends. Each of its stages has a deadline, counted from the stage's start
 * and not from the last byte.
 */
#ifndef ECHO_CONNECTION_H
#define ECHO_CONNECTION_H

#include <sys/socket.h>

#include "serve/worker.h"

typedef struct connection connection;

/** Serves @p fd, which does not block, and which now belongs to the connection. */
void connection_open(worker *home, int fd, const struct sockaddr *from);

/** Ends it once the answers that are open are sent. */
void connection_end(connection *one);

/** Ends it at once. */
void connection_drop(connection *one);

/** Microseconds since it last got anywhere: since it was opened, or since the last request. */
int64_t connection_quiet_time(const connection *one);

#endif
