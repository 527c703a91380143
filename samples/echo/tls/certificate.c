/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/certificate.h"

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdint.h>

enum {
    X509_VERSION = 2, /* version 3, RFC 5280 4.1.2.1 */
    DAY = 24 * 60 * 60,
    DAYS_BEFORE = 1, /* for clients whose clock is slow */
    DAYS_AFTER = 365,
};

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool fine = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return fine;
}

static bool add_extensions(X509 *certificate)
{
    return add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name,
                         "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1") &&
           add_extension(certificate, NID_subject_key_identifier, "hash");
}

/** Random, because browsers reject a second certificate with the same issuer and number. */
static bool set_serial_number(X509 *certificate)
{
    uint64_t number;
    return RAND_bytes((unsigned char *)&number, sizeof number) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1 | 1) == 1;
}

static bool set_name(X509 *certificate)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"tlsfp-echo",
                                      -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost",
                                      -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

static bool fill(X509 *certificate, EVP_PKEY *key)
{
    return X509_set_version(certificate, X509_VERSION) == 1 && set_serial_number(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAYS_BEFORE * DAY) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), DAYS_AFTER * DAY) != NULL &&
           set_name(certificate) && X509_set_pubkey(certificate, key) == 1 &&
           add_extensions(certificate) && X509_sign(certificate, key, EVP_sha256()) > 0;
}

bool identity_make(server_identity *out)
{
    server_identity made = {X509_new(), EVP_EC_gen("P-256")};
    if (made.certificate != NULL && made.key != NULL && fill(made.certificate, made.key)) {
        *out = made;
        return true;
    }
    identity_clear(&made);
    return false;
}

void identity_clear(server_identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    *identity = (server_identity){NULL, NULL};
}
