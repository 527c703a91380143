/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Sets TLS up as the options ask. */
#ifndef ECHO_TLS_H
#define ECHO_TLS_H

#include "options.h"
#include "tls/key_exchange.h"

/**
 * @param out_groups to be cleared with key_groups_clear().
 * @return owned by the caller, to be freed with SSL_CTX_free(); all threads may use it. NULL with
 * @p error set, whose message names the option at fault.
 */
SSL_CTX *tls_new(const echo_options *options, key_groups *out_groups, GError **error);

/** Lets sessions that @p from issued tickets for be resumed with @p to. */
void tls_keep_tickets(const SSL_CTX *from, SSL_CTX *to);

#endif
