/* SPDX-License-Identifier: BSD-3-Clause */
#include <nghttp3/nghttp3.h>
#include <openssl/rand.h>

#include "quic/endpoint.h"

const char *quic_libraries(void)
{
    return "ngtcp2 " NGTCP2_VERSION ", nghttp3 " NGHTTP3_VERSION ", GnuTLS " GNUTLS_VERSION;
}

quic_credentials *quic_server_credentials(quic_server *quic)
{
    g_mutex_lock(&quic->lock);
    quic_credentials *credentials = quic_credentials_ref(quic->credentials);
    g_mutex_unlock(&quic->lock);
    return credentials;
}

static quic_credentials *read_credentials(const quic_server *quic, GError **error)
{
    SSL_CTX *tls = server_tls(quic->server);
    quic_credentials *credentials = quic_credentials_new(tls, quic->server->options->groups, error);
    SSL_CTX_free(tls);
    return credentials;
}

quic_server *quic_server_new(const echo_server *server, GError **error)
{
    quic_server *quic = g_new0(quic_server, 1);
    quic->server = server;
    quic->n_workers = server->options->n_workers;
    g_mutex_init(&quic->lock);
    quic->credentials = read_credentials(quic, error);
    if (quic->credentials == NULL) {
        quic_server_free(quic);
        return NULL;
    }
    if (RAND_bytes(quic->secret, QUIC_SECRET_LEN) != 1 ||
        RAND_bytes(quic->reset_secret, QUIC_SECRET_LEN) != 1)
        g_error("no random numbers");
    tlsfp_hash_key_draw(&quic->hash_key);
    if (server->options->tickets &&
        gnutls_session_ticket_key_generate(&quic->ticket_key) != GNUTLS_E_SUCCESS)
        g_error("no ticket key");
    return quic;
}

void quic_server_free(quic_server *quic)
{
    if (quic == NULL)
        return;
    quic_credentials_unref(quic->credentials);
    gnutls_memset(quic->ticket_key.data, 0, quic->ticket_key.size);
    gnutls_free(quic->ticket_key.data);
    g_mutex_clear(&quic->lock);
    g_free(quic);
}

bool quic_server_reload(quic_server *quic, GError **error)
{
    if (quic == NULL)
        return true;
    quic_credentials *fresh = read_credentials(quic, error);
    if (fresh == NULL)
        return false;
    g_mutex_lock(&quic->lock);
    quic_credentials *old = quic->credentials;
    quic->credentials = fresh;
    g_mutex_unlock(&quic->lock);
    quic_credentials_unref(old);
    return true;
}
