/* SPDX-License-Identifier: BSD-3-Clause */
#include "udp.h"

#include <errno.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MTU = 1400 };

static gnutls_certificate_credentials_t credentials;

static void set_up(const char *cert, const char *key)
{
    if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
        gnutls_certificate_set_x509_key_file(credentials, cert, key, GNUTLS_X509_FMT_PEM) < 0) {
        fputs("certificate\n", stderr);
        exit(2);
    }
}

static ssize_t push(gnutls_transport_ptr_t where, const void *data, size_t len)
{
    return send_to(where, data, len);
}

static ssize_t pull(gnutls_transport_ptr_t where, void *data, size_t len)
{
    udp_peer *peer = where;
    if (peer->datagram == NULL) {
        errno = EAGAIN;
        return -1;
    }
    len = len < peer->len ? len : peer->len;
    memcpy(data, peer->datagram, len);
    peer->datagram = NULL;
    return (ssize_t)len;
}

static int pull_timeout(gnutls_transport_ptr_t where, unsigned milliseconds)
{
    (void)milliseconds;
    return ((udp_peer *)where)->datagram != NULL;
}

static void *open_session(udp_peer *peer)
{
    gnutls_session_t session;
    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_DATAGRAM | GNUTLS_NONBLOCK) < 0)
        return NULL;
    gnutls_priority_set_direct(session, "NORMAL:+VERS-DTLS-ALL:+VERS-DTLS1.0", NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_transport_set_ptr(session, peer);
    gnutls_transport_set_push_function(session, push);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, pull_timeout);
    gnutls_dtls_set_mtu(session, MTU);
    gnutls_dtls_set_timeouts(session, 1000, 60000);
    return session;
}

static void take_datagram(udp_peer *peer)
{
    int status;
    do {
        status = gnutls_handshake(peer->session);
    } while (status == GNUTLS_E_INTERRUPTED ||
             (status < 0 && peer->datagram != NULL && gnutls_error_is_fatal(status) == 0));
}

static void close_session(void *session)
{
    gnutls_deinit(session);
}

const library dtls = {set_up, open_session, take_datagram, close_session};
