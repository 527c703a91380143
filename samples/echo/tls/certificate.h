/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A self-signed certificate for localhost, made in memory. */
#ifndef ECHO_CERTIFICATE_H
#define ECHO_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>

/** A certificate and its private key. */
typedef struct {
    X509 *certificate;
    EVP_PKEY *key;
} server_identity;

/**
 * Makes a P-256 key and a certificate for localhost, 127.0.0.1 and ::1, good for a year.
 * @param out to be cleared with identity_clear().
 * @return false where OpenSSL failed; its error queue holds the reason.
 */
bool identity_make(server_identity *out);

/** Frees both. */
void identity_clear(server_identity *identity);

#endif
