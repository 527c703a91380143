/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Opens the sockets that the server listens on. */
#ifndef ECHO_LISTENER_H
#define ECHO_LISTENER_H

#include "options.h"

/**
 * Opens a socket for each address and each worker.
 * @param out_port the port of all of them.
 * @return one GArray of int for each worker; g_ptr_array_unref() releases it and does
 * not close the sockets. NULL with @p error set, whose message names the address.
 */
GPtrArray *listener_open(const echo_options *options, uint16_t *out_port, GError **error);

#endif
