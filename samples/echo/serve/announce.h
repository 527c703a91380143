/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the server says when it is ready: its URL, a command to try, the addresses. */
#ifndef ECHO_ANNOUNCE_H
#define ECHO_ANNOUNCE_H

#include <glib.h>

#include "options.h"

/**
 * Writes it to standard error; the first line is "tlsfp-echo: " and the URL, which scripts read.
 * @param port that it listens on, 0 for none.
 * @param sockets of int: those it listens on. A socket of all addresses is followed by the
 * addresses that this computer has.
 */
void announce(const echo_options *options, uint16_t port, const GArray *sockets);

#endif
