/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A QUIC connection, for the files that it is made of: quic_conn.c opens and ends it and keeps its
 * deadlines, callbacks.c does what ngtcp2 asks for, sending.c writes its datagrams.
 */
#ifndef ECHO_QUIC_CONN_PARTS_H
#define ECHO_QUIC_CONN_PARTS_H

#include <event2/event_struct.h>

#include "quic/http3.h"
#include "quic/quic_conn.h"

struct quic_conn {
    ngtcp2_crypto_conn_ref ref; /* GnuTLS's callbacks find the connection by it */
    GList link;                 /* in endpoint->connections */
    quic_endpoint *endpoint;
    ngtcp2_conn *conn;
    gnutls_session_t session;
    quic_credentials *credentials;
    GArray *ids; /* of ngtcp2_cid: those that lead here */
    client_info client;
    GByteArray *hello; /* CRYPTO data until the first ClientHello is whole, then that */
    bool hello_whole;
    http_responder responder; /* once the handshake is done, */
    http3_conn *http3;        /* and this is set */
    uint64_t n_requests;
    struct event timer;
    int64_t deadline, last_progress; /* microseconds */
    int http_error;                  /* of nghttp3, from a callback */
    const char *doom;                /* why the handshake is refused */
    uint8_t doom_alert;
    bool counted, unvalidated, in_head, ending;
};

/** Datagrams to this ID are for the connection from now on. */
void quic_conn_add_id(quic_conn *conn, const ngtcp2_cid *id);

/** Sets the deadline of the current stage, @p time microseconds from now. */
void quic_conn_set_deadline(quic_conn *conn, int64_t time);

/** The client is known to be at its address. */
void quic_conn_validate(quic_conn *conn);

/** What ngtcp2 asks for; a connection is the user data. */
extern const ngtcp2_callbacks quic_conn_callbacks;

/** Finds ngtcp2's connection, for GnuTLS. */
ngtcp2_conn *quic_conn_of_ref(ngtcp2_crypto_conn_ref *ref);

/** Sends what there is, as far as congestion control and pacing allow. @return 0, or an error of
 * ngtcp2. */
int quic_conn_send(quic_conn *conn, ngtcp2_tstamp now);

/** Sends CONNECTION_CLOSE. */
void quic_conn_send_close(quic_conn *conn, const ngtcp2_ccerr *error);

#endif
