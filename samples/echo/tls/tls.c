/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/tls.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "tls/certificate.h"
#include "tls/certificate_files.h"

enum { MAX_TICKET_KEYS = 128 }; /* bytes; OpenSSL has 80 */

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

/** Authenticated, and with key exchange in the groups; static RSA and CBC are left for old clients.
 */
static const char cipher_list[] = "DEFAULT:!kDHE:!kPSK:!kRSAPSK:!kSRP:!ARIA:!CAMELLIA:!AESCCM";

/** DHE only where --groups names finite fields. Versions before 1.2 need SHA-1 signatures, which
 * OpenSSL's default security level forbids. */
static bool set_ciphers(SSL_CTX *tls, const echo_options *options, bool finite, GError **error)
{
    const bool old = options->tls_min < TLS1_2_VERSION;
    if (old)
        SSL_CTX_set_security_level(tls, 0);
    const char *list = old ? (finite ? "DEFAULT:@SECLEVEL=0" : "DEFAULT:!kDHE:@SECLEVEL=0")
                           : (finite ? "DEFAULT" : cipher_list);
    return SSL_CTX_set_cipher_list(tls, list) == 1 || fail(error, "ciphers");
}

static bool set_versions(SSL_CTX *tls, const echo_options *options, GError **error)
{
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

static bool set_groups(SSL_CTX *tls, const char *list, key_groups *out, GError **error)
{
    if (key_groups_set(tls, list, out))
        return true;
    if (list == NULL)
        return fail(error, "the default groups");
    char *why = key_groups_refusal(tls, list);
    g_set_error(error, TLS_ERROR, 0, "--groups: %s", why);
    g_free(why);
    return false;
}

static bool set_up(SSL_CTX *tls, const echo_options *options, key_groups *out_groups,
                   GError **error)
{
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls, 1);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_SINGLE_DH_USE);
#ifdef SSL_OP_NO_TX_CERTIFICATE_COMPRESSION /* OpenSSL 3.2 */
    SSL_CTX_set_options(tls, SSL_OP_NO_TX_CERTIFICATE_COMPRESSION |
                                 SSL_OP_NO_RX_CERTIFICATE_COMPRESSION);
#endif
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    if (!set_versions(tls, options, error) || !set_resumption(tls, options->tickets, error))
        return false;
    if (!set_groups(tls, options->groups, out_groups, error) ||
        !set_ciphers(tls, options, out_groups->finite, error))
        return false;
    return options->cert != NULL ? certificate_files_use(tls, options->cert, options->key, error)
                                 : use_made(tls, error);
}

SSL_CTX *tls_new(const echo_options *options, key_groups *out_groups, GError **error)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL) {
        fail(error, "OpenSSL");
        return NULL;
    }
    *out_groups = (key_groups){0};
    if (set_up(tls, options, out_groups, error))
        return tls;
    key_groups_clear(out_groups);
    SSL_CTX_free(tls);
    return NULL;
}

void tls_keep_tickets(const SSL_CTX *from, SSL_CTX *to)
{
    uint8_t keys[MAX_TICKET_KEYS];
    SSL_CTX *source = (SSL_CTX *)from; /* the macro takes no const */
    const long len = SSL_CTX_get_tlsext_ticket_keys(source, NULL, 0);
    if (len > 0 && len <= MAX_TICKET_KEYS && SSL_CTX_get_tlsext_ticket_keys(source, keys, len) == 1)
        SSL_CTX_set_tlsext_ticket_keys(to, keys, len);
    OPENSSL_cleanse(keys, sizeof keys);
}
