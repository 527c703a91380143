/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Asks for a path over TLS by mbedTLS, with its defaults: mbedtls HOST PORT PATH. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <stdio.h>

static int fail(const char *step, int reason)
{
    fprintf(stderr, "%s: -0x%x\n", step, (unsigned)-reason);
    return 1;
}

int main(int argc, char **argv)
{
    mbedtls_net_context socket;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config config;
    mbedtls_ssl_context tls;
    unsigned char text[4096];
    int n;
    if (argc != 4)
        return 2;
    mbedtls_net_init(&socket);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random);
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&tls);
    mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0);
    if ((n = mbedtls_net_connect(&socket, argv[1], argv[2], MBEDTLS_NET_PROTO_TCP)) != 0)
        return fail("connect", n);
    mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random);
    mbedtls_ssl_setup(&tls, &config);
    mbedtls_ssl_set_hostname(&tls, argv[1]);
    mbedtls_ssl_set_bio(&tls, &socket, mbedtls_net_send, mbedtls_net_recv, NULL);
    if ((n = mbedtls_ssl_handshake(&tls)) != 0)
        return fail("handshake", n);
    n = snprintf((char *)text, sizeof text, "GET %s HTTP/1.0\r\n\r\n", argv[3]);
    mbedtls_ssl_write(&tls, text, (size_t)n);
    while ((n = mbedtls_ssl_read(&tls, text, sizeof text)) > 0)
        fwrite(text, 1, (size_t)n, stdout);
    return 0;
}
