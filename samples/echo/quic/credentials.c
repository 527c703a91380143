/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/credentials.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <string.h>

#include "quic/compat.h"

#define QUIC_ERROR g_quark_from_static_string("quic")

/** As tls/tls.c has them for TLS 1.3; compatibility with middleboxes is not for QUIC (RFC 9001
 * 8.4). */
static const char algorithms[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
    "-GROUP-ALL%s:%%DISABLE_TLS13_COMPAT_MODE";

static const struct {
    const char *openssl, *gnutls;
    bool cheap;
} group_names[] = {
    {"X25519", "X25519", true},
    {"P-256", "SECP256R1", true},
    {"prime256v1", "SECP256R1", true},
    {"secp256r1", "SECP256R1", true},
    {"X448", "X448", true},
    {"X25519MLKEM768", "X25519-MLKEM768", true},
    {"SecP256r1MLKEM768", "SECP256R1-MLKEM768", true},
    {"P-384", "SECP384R1", false},
    {"secp384r1", "SECP384R1", false},
    {"SecP384r1MLKEM1024", "SECP384R1-MLKEM1024", false},
    {"P-521", "SECP521R1", false},
    {"secp521r1", "SECP521R1", false},
    {"ffdhe2048", "FFDHE2048", false},
    {"ffdhe3072", "FFDHE3072", false},
    {"ffdhe4096", "FFDHE4096", false},
    {"ffdhe6144", "FFDHE6144", false},
    {"ffdhe8192", "FFDHE8192", false},
};

static const char default_groups[] = "X25519:P-256:X448:X25519MLKEM768:SecP256r1MLKEM768:P-384:"
                                     "P-521";

static bool fail(GError **error, const char *about, const char *why)
{
    g_set_error(error, QUIC_ERROR, 0, "%s: %s", about, why);
    return false;
}

/* -- groups */

/** Appends a group where GnuTLS has it. */
static void append_group(GString *list, const char *name, bool cheap_only)
{
    for (size_t i = 0; i < G_N_ELEMENTS(group_names); i++)
        if (g_ascii_strcasecmp(name, group_names[i].openssl) == 0 &&
            (group_names[i].cheap || !cheap_only) &&
            gnutls_group_get_id(group_names[i].gnutls) != GNUTLS_GROUP_INVALID)
            g_string_append_printf(list, ":+GROUP-%s", group_names[i].gnutls);
}

/** The priority of some groups; NULL where there are none. */
static gnutls_priority_t make_priority(const char *groups, bool cheap_only)
{
    gnutls_priority_t made = NULL;
    GString *list = g_string_new(NULL);
    char **names = g_strsplit_set(groups != NULL ? groups : default_groups, ":/", 0);
    for (char **name = names; *name != NULL; name++)
        append_group(list, *name + strspn(*name, "?*-"), cheap_only);
    char *text = g_strdup_printf(algorithms, list->str);
    if (list->len == 0 || gnutls_priority_init2(&made, text, NULL, 0) != GNUTLS_E_SUCCESS)
        made = NULL;
    g_free(text);
    g_strfreev(names);
    g_string_free(list, TRUE);
    return made;
}

/* -- certificate */

static gnutls_datum_t datum_of(BIO *bio)
{
    char *data;
    const long len = BIO_get_mem_data(bio, &data);
    return (gnutls_datum_t){(unsigned char *)data, (unsigned)MAX(len, 0)};
}

static bool write_chain(SSL_CTX *tls, BIO *out)
{
    STACK_OF(X509) *chain = NULL;
    bool fine = PEM_write_bio_X509(out, SSL_CTX_get0_certificate(tls)) == 1;
    SSL_CTX_get0_chain_certs(tls, &chain);
    for (int i = 0; i < sk_X509_num(chain); i++)
        fine &= PEM_write_bio_X509(out, sk_X509_value(chain, i)) == 1;
    return fine;
}

/** Hands certificates and key over as PEM, in memory. */
static bool set_certificate(gnutls_certificate_credentials_t certificate, SSL_CTX *tls)
{
    BIO *chain = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_secmem());
    bool fine =
        chain != NULL && key != NULL && write_chain(tls, chain) &&
        PEM_write_bio_PrivateKey(key, SSL_CTX_get0_privatekey(tls), NULL, NULL, 0, NULL, NULL) == 1;
    if (fine) {
        const gnutls_datum_t chain_pem = datum_of(chain), key_pem = datum_of(key);
        fine = gnutls_certificate_set_x509_key_mem(certificate, &chain_pem, &key_pem,
                                                   GNUTLS_X509_FMT_PEM) == GNUTLS_E_SUCCESS;
    }
    BIO_free(chain);
    BIO_free(key);
    return fine;
}

quic_credentials *quic_credentials_new(SSL_CTX *tls, const char *groups, GError **error)
{
    quic_credentials *made = g_new0(quic_credentials, 1);
    made->n_references = 1;
    made->priority = make_priority(groups, false);
    made->cheap = make_priority(groups, true);
    if (made->priority == NULL) {
        fail(error, "--groups", "GnuTLS has none of these groups");
    } else if (gnutls_certificate_allocate_credentials(&made->certificate) != GNUTLS_E_SUCCESS ||
               !set_certificate(made->certificate, tls)) {
        fail(error, "the certificate", "GnuTLS does not take it");
    } else {
        return made;
    }
    quic_credentials_unref(made);
    return NULL;
}

quic_credentials *quic_credentials_ref(quic_credentials *credentials)
{
    g_atomic_int_inc(&credentials->n_references);
    return credentials;
}

void quic_credentials_unref(quic_credentials *credentials)
{
    if (credentials == NULL || !g_atomic_int_dec_and_test(&credentials->n_references))
        return;
    if (credentials->certificate != NULL)
        gnutls_certificate_free_credentials(credentials->certificate);
    gnutls_priority_deinit(credentials->priority);
    gnutls_priority_deinit(credentials->cheap);
    g_free(credentials);
}

/* -- sessions */

gnutls_session_t quic_session_new(const quic_credentials *credentials,
                                  const gnutls_datum_t *ticket_key)
{
    gnutls_session_t session;
    gnutls_datum_t protocol = {(unsigned char *)"h3", 2};
    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET |
                                  GNUTLS_NO_END_OF_EARLY_DATA) != GNUTLS_E_SUCCESS)
        return NULL;
    if (gnutls_priority_set(session, credentials->priority) == GNUTLS_E_SUCCESS &&
        ngtcp2_crypto_gnutls_configure_server_session(session) == 0 &&
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials->certificate) ==
            GNUTLS_E_SUCCESS &&
        gnutls_alpn_set_protocols(session, &protocol, 1, GNUTLS_ALPN_MANDATORY) ==
            GNUTLS_E_SUCCESS &&
        (ticket_key->size == 0 ||
         gnutls_session_ticket_enable_server(session, ticket_key) == GNUTLS_E_SUCCESS))
        return session;
    gnutls_deinit(session);
    return NULL;
}

void quic_session_limit(gnutls_session_t session, const quic_credentials *credentials)
{
    if (credentials->cheap != NULL)
        gnutls_priority_set(session, credentials->cheap);
}

const char *quic_session_group(gnutls_session_t session)
{
    const char *name = gnutls_group_get_name(gnutls_group_get(session));
    if (name == NULL)
        return NULL;
    char *text = strstr(name, "MLKEM") == NULL ? g_ascii_strdown(name, -1) : g_strdup(name);
    const char *kept = g_intern_string(text); /* of a few dozen groups */
    g_free(text);
    return kept;
}
