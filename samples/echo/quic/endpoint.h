/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A worker's QUIC endpoint, for the other files of this folder and for tests. */
#ifndef ECHO_QUIC_ENDPOINT_H
#define ECHO_QUIC_ENDPOINT_H

#include <gnutls/gnutls.h>

#include "quic/compat.h"
#include "quic/credentials.h"
#include "quic/quic.h"
#include "quic/socket.h"

enum {
    QUIC_ID_LEN = 16, /**< Of the connection IDs that the server chooses. */
    QUIC_SECRET_LEN = 32,
    QUIC_MAX_DATAGRAM = 65535, /**< RFC 768 */
};

/** What the endpoints of all workers share. */
struct quic_server {
    const echo_server *server;
    GMutex lock; /* of credentials */
    quic_credentials *credentials;
    gnutls_datum_t ticket_key;             /* empty without --tickets */
    uint8_t secret[QUIC_SECRET_LEN];       /* of tokens for Retry, */
    uint8_t reset_secret[QUIC_SECRET_LEN]; /* and for stateless resets */
    tlsfp_hash_key hash_key;
    unsigned n_workers;
    gint n_numbered; /* endpoints so far */
};

/** A reference to the present credentials, to be released with quic_credentials_unref(). */
quic_credentials *quic_server_credentials(quic_server *quic);

typedef struct quic_conn quic_conn;

/** One of the endpoint's sockets. */
typedef struct {
    quic_socket socket;
    struct event *readable;
    quic_endpoint *endpoint;
} quic_listener;

struct quic_endpoint {
    quic_server *quic;
    echo_worker *worker;
    unsigned number;      /* of the worker: what its connection IDs begin with, modulo n_workers */
    GPtrArray *listeners; /* of quic_listener */
    GHashTable *by_id;    /* of quic_id to quic_conn */
    GQueue connections;   /* the one that has been quiet for the longest first */
    unsigned n_unvalidated; /* handshakes whose client may not be at its address */
    bool ending;
    uint8_t room[QUIC_MAX_DATAGRAM]; /* for a datagram that came, */
    uint8_t out[QUIC_MAX_DATAGRAM];  /* and for those that go */
};

/** Takes a datagram that came to a listener. */
void quic_endpoint_receive(quic_listener *listener, const quic_datagram *datagram);

/** Draws a connection ID that leads to this endpoint. */
void quic_endpoint_draw_id(const quic_endpoint *endpoint, ngtcp2_cid *out);

/** Datagrams to this ID are for @p conn from now on. */
void quic_endpoint_add_id(quic_endpoint *endpoint, const ngtcp2_cid *id, quic_conn *conn);

void quic_endpoint_remove_id(quic_endpoint *endpoint, const ngtcp2_cid *id);

/** Time for ngtcp2. */
ngtcp2_tstamp quic_now(void);

/** The path of a datagram, for ngtcp2; good as long as the datagram. */
ngtcp2_path quic_path(const quic_datagram *datagram, quic_listener *listener);

/* Answers that need no connection: stateless.c. They are no longer than what they answer, or next
   to nothing. */

/** RFC 9000 6: the versions that are spoken here. */
void quic_answer_version(quic_listener *listener, const quic_datagram *datagram,
                         const ngtcp2_version_cid *header);

/** RFC 9000 8.1.2: the client has to come again, with a token. */
void quic_answer_retry(quic_listener *listener, const quic_datagram *datagram,
                       const ngtcp2_pkt_hd *header);

/** RFC 9000 10.3: for a connection that is not known (any more). */
void quic_answer_reset(quic_listener *listener, const quic_datagram *datagram,
                       const ngtcp2_version_cid *header);

/** Refuses a client's first packet: CONNECTION_CLOSE. */
void quic_answer_refusal(quic_listener *listener, const quic_datagram *datagram,
                         const ngtcp2_pkt_hd *header, uint64_t code);

typedef enum { QUIC_TOKEN_NONE, QUIC_TOKEN_FINE, QUIC_TOKEN_WRONG } quic_token;

/** Whether a first packet has a token of quic_answer_retry(), sent to this address less than ten
 * seconds ago.
 * @param out_id set with QUIC_TOKEN_FINE: the ID that the client chose first. */
quic_token quic_check_token(const quic_endpoint *endpoint, const quic_datagram *datagram,
                            const ngtcp2_pkt_hd *header, ngtcp2_cid *out_id);

#endif
