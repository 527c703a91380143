/* SPDX-License-Identifier: BSD-3-Clause */
/* Shakes hands with a TLS 1.3 server on this machine, again and again, with what is chosen on the
 * command line: handshakes PORT N [group GROUP | cipher SUITE]. It is the client of
 * tests/bench/echo --only choices, which counts the server's CPU time. */
#include <glib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what)
{
    fprintf(stderr, "handshakes: %s\n", what);
    ERR_print_errors_fp(stderr);
    return EXIT_FAILURE;
}

/** Sets what the client offers, nothing else of its kind. */
static bool choose(SSL_CTX *tls, const char *kind, const char *value)
{
    if (strcmp(kind, "group") == 0)
        return SSL_CTX_set1_groups_list(tls, value) == 1;
    return strcmp(kind, "cipher") == 0 && SSL_CTX_set_ciphersuites(tls, value) == 1;
}

/** One handshake, and close_notify. */
static bool shake_hands(SSL_CTX *tls, const char *address)
{
    BIO *bio = BIO_new_ssl_connect(tls);
    bool done = bio != NULL && BIO_set_conn_hostname(bio, address) > 0 &&
                BIO_do_connect(bio) == 1 && BIO_do_handshake(bio) == 1;
    if (done)
        BIO_ssl_shutdown(bio);
    BIO_free_all(bio);
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 5)
        return fail("usage: handshakes PORT N [group GROUP | cipher SUITE]");
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
        (argc == 5 && !choose(tls, argv[3], argv[4])))
        return fail("OpenSSL refuses these settings");
    char *address = g_strdup_printf("127.0.0.1:%s", argv[1]);
    bool fine = true;
    for (long left = strtol(argv[2], NULL, 10); fine && left > 0; left--)
        fine = shake_hands(tls, address);
    g_free(address);
    SSL_CTX_free(tls);
    return fine ? EXIT_SUCCESS : fail("a handshake failed");
}
