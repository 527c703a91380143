/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/credentials.h"

#include <gnutls/x509.h>

#include "same_bytes.h"

#include "quic/endpoint.h"
#include "tls/tls.h"

static SSL_CTX *make_tls(key_groups *groups)
{
    GError *error = NULL;
    const echo_options options = {.tls_min = TLS1_2_VERSION, .tls_max = TLS1_3_VERSION};
    SSL_CTX *tls = tls_new(&options, groups, &error);
    g_assert_no_error(error);
    return tls;
}

/** Whether GnuTLS has the certificate that OpenSSL has. */
static void assert_same_certificate(const quic_credentials *credentials, SSL_CTX *tls)
{
    gnutls_x509_crt_t *chain;
    unsigned n;
    gnutls_datum_t own;
    uint8_t *its = NULL;
    const int len = i2d_X509(SSL_CTX_get0_certificate(tls), &its);
    g_assert_cmpint(gnutls_certificate_get_x509_crt(credentials->certificate, 0, &chain, &n), ==,
                    GNUTLS_E_SUCCESS);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(gnutls_x509_crt_export2(chain[0], GNUTLS_X509_FMT_DER, &own), ==,
                    GNUTLS_E_SUCCESS);
    assert_same_bytes(own.data, own.size, its, (size_t)len);
    gnutls_free(own.data);
    gnutls_x509_crt_deinit(chain[0]);
    gnutls_free(chain);
    OPENSSL_free(its);
}

static void test_groups(void)
{
    static const struct {
        const char *groups;
        bool fine, cheap;
    } rows[] = {{NULL, true, true},
                {"X25519:P-256", true, true},
                {"P-384", true, false},
                {"?X25519/ffdhe2048", true, true},
                {"brainpoolP256r1tls13", false, false},
                {"P-384:nonsense", true, false}};
    key_groups groups = {0};
    SSL_CTX *tls = make_tls(&groups);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GError *error = NULL;
        quic_credentials *made = quic_credentials_new(tls, rows[i].groups, &error);
        g_test_message("%s", rows[i].groups != NULL ? rows[i].groups : "default");
        g_assert_true((made != NULL) == rows[i].fine);
        g_assert_true((error == NULL) == rows[i].fine);
        if (made != NULL) {
            g_assert_true((made->cheap != NULL) == rows[i].cheap);
            assert_same_certificate(made, tls);
        }
        g_clear_error(&error);
        quic_credentials_unref(made);
    }
    key_groups_clear(&groups);
    SSL_CTX_free(tls);
}

/** After a reload new sessions have the new certificate; who has the old one keeps it. */
static void test_reload(void)
{
    GError *error = NULL;
    const echo_options options = {.tls_max = TLS1_3_VERSION, .n_workers = 1};
    echo_server server = {.options = &options};
    server.tls = make_tls(&server.groups);
    SSL_CTX *first = server.tls;
    quic_server *quic = quic_server_new(&server, &error);
    g_assert_no_error(error);
    quic_credentials *old = quic_server_credentials(quic);
    assert_same_certificate(old, first);
    key_groups_clear(&server.groups);
    server.tls = make_tls(&server.groups);
    g_assert_true(quic_server_reload(quic, &error));
    quic_credentials *fresh = quic_server_credentials(quic);
    assert_same_certificate(fresh, server.tls);
    assert_same_certificate(old, first);
    quic_credentials_unref(old);
    quic_credentials_unref(fresh);
    quic_server_free(quic);
    key_groups_clear(&server.groups);
    SSL_CTX_free(first);
    SSL_CTX_free(server.tls);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quic-credentials/groups", test_groups);
    g_test_add_func("/quic-credentials/reload", test_reload);
    return g_test_run();
}
