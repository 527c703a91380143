/* SPDX-License-Identifier: BSD-3-Clause */
#include "udp.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MTU = 1400 };

static SSL_CTX *context;

static void set_up(const char *cert, const char *key)
{
    context = SSL_CTX_new(DTLS_server_method());
    if (context == NULL || SSL_CTX_use_certificate_file(context, cert, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        fputs("certificate\n", stderr);
        exit(2);
    }
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, DTLS1_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
}

static void *open_session(udp_peer *peer)
{
    (void)peer;
    SSL *ssl = SSL_new(context);
    if (ssl == NULL)
        return NULL;
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    BIO_set_mem_eof_return(out, -1);
    SSL_set_bio(ssl, in, out);
    SSL_set_mtu(ssl, MTU);
    SSL_set_accept_state(ssl);
    return ssl;
}

/** A memory BIO joins what is written into it, so that each datagram is read before the next. */
static void take_datagram(udp_peer *peer)
{
    SSL *ssl = peer->session;
    if (peer->len > 0)
        BIO_write(SSL_get_rbio(ssl), peer->datagram, (int)peer->len);
    (void)SSL_do_handshake(ssl);
    char *data;
    long len = BIO_get_mem_data(SSL_get_wbio(ssl), &data);
    if (len > 0)
        (void)send_to(peer, data, (size_t)len);
    (void)BIO_reset(SSL_get_wbio(ssl));
    (void)BIO_reset(SSL_get_rbio(ssl));
}

static void close_session(void *session)
{
    SSL_free(session);
}

const library dtls = {set_up, open_session, take_datagram, close_session};
