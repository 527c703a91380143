/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A TLS server of Mbed TLS: answers one client after the other. Usage: PORT CERT KEY. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif
#include <stdio.h>
#include <stdlib.h>

enum { CLIENT_PATIENCE = 2000 /* milliseconds */ };

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;
static mbedtls_ssl_config config;
static mbedtls_x509_crt cert;
static mbedtls_pk_context key;

static void require(int status, const char *what)
{
    if (status == 0)
        return;
    fprintf(stderr, "%s: -0x%04x\n", what, (unsigned)-status);
    exit(2);
}

static int read_key(const char *path)
{
#if MBEDTLS_VERSION_MAJOR >= 3
    require(psa_crypto_init(), "PSA"); /* for TLS 1.3 */
    return mbedtls_pk_parse_keyfile(&key, path, NULL, mbedtls_ctr_drbg_random, &drbg);
#else
    return mbedtls_pk_parse_keyfile(&key, path, NULL);
#endif
}

static void set_up(const char *cert_path, const char *key_path)
{
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&drbg);
    mbedtls_ssl_config_init(&config);
    mbedtls_x509_crt_init(&cert);
    mbedtls_pk_init(&key);
    require(mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0),
            "random numbers");
    require(mbedtls_x509_crt_parse_file(&cert, cert_path), cert_path);
    require(read_key(key_path), key_path);
    require(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER,
                                        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
            "configuration");
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &drbg);
    mbedtls_ssl_conf_read_timeout(&config, CLIENT_PATIENCE);
    require(mbedtls_ssl_conf_own_cert(&config, &cert, &key), "certificate");
}

static void serve(mbedtls_net_context *client)
{
    mbedtls_ssl_context ssl;
    mbedtls_ssl_init(&ssl);
    require(mbedtls_ssl_setup(&ssl, &config), "connection");
    mbedtls_ssl_set_bio(&ssl, client, mbedtls_net_send, mbedtls_net_recv, mbedtls_net_recv_timeout);
    (void)mbedtls_ssl_handshake(&ssl);
    mbedtls_ssl_free(&ssl);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    set_up(argv[2], argv[3]);
    mbedtls_net_context listener;
    mbedtls_net_init(&listener);
    require(mbedtls_net_bind(&listener, "127.0.0.1", argv[1], MBEDTLS_NET_PROTO_TCP), "port");
    for (;;) {
        mbedtls_net_context client;
        mbedtls_net_init(&client);
        if (mbedtls_net_accept(&listener, &client, NULL, 0, NULL) == 0)
            serve(&client);
        mbedtls_net_free(&client);
    }
}
