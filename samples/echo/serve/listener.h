/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Opens the sockets that the server listens on. */
#ifndef ECHO_LISTENER_H
#define ECHO_LISTENER_H

#include "options.h"

/**
 * Opens a socket for each address and each worker.
 * @param type SOCK_STREAM or SOCK_DGRAM.
 * @param port 0: any free one.
 * @param out_port the port of all of them.
 * @return one GArray of int for each worker; g_ptr_array_unref() releases it and does
 * not close the sockets. NULL with @p error set, whose message names the address.
 */
GPtrArray *listener_open(const echo_options *options, int type, uint16_t port, uint16_t *out_port,
                         GError **error);

/** Closes all of them, and frees the array. */
void listener_close(GPtrArray *sockets);

#endif
