/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/tls.h"

#include <openssl/err.h>
#include <string.h>

#include "serve/certificate.h"

#define TLS_ERROR g_quark_from_static_string("tls")

/** @param about the option or the step that failed. */
static bool fail(GError **error, const char *about)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    g_set_error(error, TLS_ERROR, 0, "%s: %s", about, reason != NULL ? reason : "OpenSSL failed");
    ERR_clear_error();
    return false;
}

/** In the server's order of preference; RFC 7301 3.1. */
static const unsigned char protocols[] = "\x02h2\x08http/1.1";

/** Without a common protocol the handshake goes on as if the client had offered none. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned len, void *data)
{
    (void)ssl;
    (void)data;
    unsigned char *chosen;
    int found =
        SSL_select_next_proto(&chosen, out_len, protocols, sizeof protocols - 1, offered, len);
    if (found != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool use_made(SSL_CTX *tls, GError **error)
{
    server_identity made;
    if (!identity_make(&made))
        return fail(error, "making a certificate");
    bool fine = SSL_CTX_use_certificate(tls, made.certificate) == 1 &&
                SSL_CTX_use_PrivateKey(tls, made.key) == 1;
    identity_clear(&made);
    return fine || fail(error, "the certificate made");
}

static bool use_files(SSL_CTX *tls, const echo_options *options, GError **error)
{
    const char *key = options->key != NULL ? options->key : options->cert;
    if (SSL_CTX_use_certificate_chain_file(tls, options->cert) != 1)
        return fail(error, options->cert);
    if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls) != 1)
        return fail(error, key);
    return true;
}

/** Versions before 1.2 need SHA-1 signatures, which OpenSSL's default security level forbids. */
static bool set_versions(SSL_CTX *tls, const echo_options *options, GError **error)
{
    if (options->tls_min < TLS1_2_VERSION) {
        SSL_CTX_set_security_level(tls, 0);
        if (SSL_CTX_set_cipher_list(tls, "DEFAULT:@SECLEVEL=0") != 1)
            return fail(error, "--tls-min");
    }
    SSL_CTX_set_dh_auto(tls, 1);
    return (SSL_CTX_set_min_proto_version(tls, options->tls_min) == 1 &&
            SSL_CTX_set_max_proto_version(tls, options->tls_max) == 1) ||
           fail(error, "--tls-min");
}

/** A resuming client sends another ClientHello, and so has another JA4. */
static bool set_resumption(SSL_CTX *tls, bool allowed, GError **error)
{
    if (allowed)
        return SSL_CTX_set_session_id_context(tls, (const unsigned char *)"tlsfp", 5) == 1 ||
               fail(error, "--tickets");
    SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(tls, 0);
    return true;
}

static bool set_up(SSL_CTX *tls, const echo_options *options, GError **error)
{
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls, 1);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_SINGLE_DH_USE);
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    if (!set_versions(tls, options, error) || !set_resumption(tls, options->tickets, error))
        return false;
    if (options->groups != NULL && SSL_CTX_set1_groups_list(tls, options->groups) != 1)
        return fail(error, "--groups");
    return options->cert != NULL ? use_files(tls, options, error) : use_made(tls, error);
}

SSL_CTX *tls_new(const echo_options *options, GError **error)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL) {
        fail(error, "OpenSSL");
        return NULL;
    }
    if (set_up(tls, options, error))
        return tls;
    SSL_CTX_free(tls);
    return NULL;
}
