/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/certificate.h"

#include <glib.h>
#include <openssl/x509v3.h>
#include <time.h>

static server_identity make(void)
{
    server_identity made;
    g_assert_true(identity_make(&made));
    return made;
}

static void test_signature(void)
{
    server_identity made = make();
    g_assert_cmpint(X509_verify(made.certificate, made.key), ==, 1);
    g_assert_cmpint(X509_check_private_key(made.certificate, made.key), ==, 1);
    g_assert_cmpint(EVP_PKEY_get_base_id(made.key), ==, EVP_PKEY_EC);
    g_assert_cmpint(EVP_PKEY_get_bits(made.key), ==, 256);
    identity_clear(&made);
    g_assert_null(made.certificate);
}

static void test_names(void)
{
    server_identity made = make();
    g_assert_cmpint(X509_check_host(made.certificate, "localhost", 0, 0, NULL), ==, 1);
    g_assert_cmpint(X509_check_host(made.certificate, "example.org", 0, 0, NULL), ==, 0);
    g_assert_cmpint(X509_check_ip_asc(made.certificate, "127.0.0.1", 0), ==, 1);
    g_assert_cmpint(X509_check_ip_asc(made.certificate, "::1", 0), ==, 1);
    g_assert_cmpint(X509_check_ip_asc(made.certificate, "127.0.0.2", 0), ==, 0);
    identity_clear(&made);
}

static void test_use(void)
{
    server_identity made = make();
    const time_t now = time(NULL);
    g_assert_cmpint(X509_get_version(made.certificate), ==, 2);
    g_assert_cmpint(X509_check_purpose(made.certificate, X509_PURPOSE_SSL_SERVER, 0), ==, 1);
    g_assert_cmpint(X509_check_purpose(made.certificate, X509_PURPOSE_SSL_SERVER, 1), ==, 0);
    g_assert_cmpint(X509_cmp_time(X509_get0_notBefore(made.certificate), NULL), <, 0);
    time_t later = now + 364 * 24 * 60 * 60;
    g_assert_cmpint(X509_cmp_time(X509_get0_notAfter(made.certificate), &later), >, 0);
    identity_clear(&made);
}

static void test_each_differs(void)
{
    server_identity one = make(), other = make();
    g_assert_cmpint(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.certificate),
                                     X509_get0_serialNumber(other.certificate)),
                    !=, 0);
    g_assert_cmpint(EVP_PKEY_eq(one.key, other.key), ==, 0);
    identity_clear(&one);
    identity_clear(&other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/certificate/signature", test_signature);
    g_test_add_func("/certificate/names", test_names);
    g_test_add_func("/certificate/use", test_use);
    g_test_add_func("/certificate/each-differs", test_each_differs);
    return g_test_run();
}
