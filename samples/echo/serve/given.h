/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Sockets that are no ports of TCP or UDP which the server opens: Unix ones, and those that
 * it is given when it starts. */
#ifndef ECHO_GIVEN_H
#define ECHO_GIVEN_H

#include <glib.h>
#include <stdint.h>

#include "options.h"

/** Sockets for all workers, as listener_open() gives them. */
typedef struct {
    GPtrArray *streams;
    GPtrArray *datagrams; /**< NULL where none are of UDP; they are all the first worker's. */
    uint16_t port;        /**< Of the first stream; 0 where that has none. */
    uint16_t quic_port;   /**< Of the first datagram socket. */
} given_sockets;

/**
 * Takes the listening sockets that the service manager passed on: $LISTEN_FDS, sd_listen_fds(3); or
 * with --inetd the one that is standard input.
 * @return false where there are none; with @p error set where they will not do.
 */
bool given_take(const echo_options *options, given_sockets *out, GError **error);

/** Listens at a path, which must not be in use; --unix. NULL with @p error set. */
GPtrArray *given_open_unix(const echo_options *options, GError **error);

#endif
