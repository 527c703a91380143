/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Sets TLS up as the options ask. */
#ifndef ECHO_TLS_H
#define ECHO_TLS_H

#include <openssl/ssl.h>

#include "options.h"

/**
 * @return owned by the caller, to be freed with SSL_CTX_free(); all threads may use it. NULL with
 * @p error set, whose message names the option at fault.
 */
SSL_CTX *tls_new(const echo_options *options, GError **error);

#endif
