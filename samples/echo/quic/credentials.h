/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The TLS of QUIC: GnuTLS with the certificate, key and groups that OpenSSL was given. */
#ifndef ECHO_QUIC_CREDENTIALS_H
#define ECHO_QUIC_CREDENTIALS_H

#include <gnutls/gnutls.h>
#include <openssl/ssl.h>
#include <stdbool.h>

#include "tls/key_exchange.h"

/** What sessions are made with; counted. */
typedef struct {
    gint n_references;
    gnutls_certificate_credentials_t certificate;
    gnutls_priority_t priority;
    gnutls_priority_t cheap; /**< Without costly groups; NULL where there are no cheap ones. */
} quic_credentials;

/**
 * @param tls whose certificate, chain and key are taken.
 * @param groups as --groups has them; NULL for the default.
 * @return a reference, to be released with quic_credentials_unref(); NULL with @p error set.
 */
quic_credentials *quic_credentials_new(SSL_CTX *tls, const char *groups, GError **error);

quic_credentials *quic_credentials_ref(quic_credentials *credentials);
void quic_credentials_unref(quic_credentials *credentials);

/** A server's session with these; to be freed with gnutls_deinit(). NULL without memory. */
gnutls_session_t quic_session_new(const quic_credentials *credentials,
                                  const gnutls_datum_t *ticket_key);

/** Leaves a session, before it has the hello, with the cheap groups. */
void quic_session_limit(gnutls_session_t session, const quic_credentials *credentials);

/** The group that was agreed, as OpenSSL calls it; static. */
const char *quic_session_group(gnutls_session_t session);

#endif
