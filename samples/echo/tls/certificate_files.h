/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The files of --cert and --key, and what may be wrong with them. */
#ifndef ECHO_CERTIFICATE_FILES_H
#define ECHO_CERTIFICATE_FILES_H

#include <glib.h>
#include <openssl/ssl.h>
#include <stdbool.h>

/**
 * Gives @p tls the certificates of one PEM file and the private key of another.
 * @param key NULL: the key is in the file of the certificates.
 * @return false with @p error set, which names the file and what to do.
 */
bool certificate_files_use(SSL_CTX *tls, const char *cert, const char *key, GError **error);

#endif
