/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A self-signed certificate for this computer itself, made in memory. */
#ifndef ECHO_CERTIFICATE_H
#define ECHO_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>

/** A certificate and the key that it is for. */
typedef struct {
    X509 *certificate;
    EVP_PKEY *key;
} server_identity;

/**
 * Makes a P-256 key and a certificate for localhost, 127.0.0.1 and ::1, good for a year.
 * @param out to be cleared with identity_clear().
 * @return false where OpenSSL could not; its error queue says why.
 */
bool identity_make(server_identity *out);

/** Frees what @p one holds. */
void identity_clear(server_identity *identity);

#endif
