/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A QUIC connection, from a client's first packet to its end. It frees itself when it ends.
 *
 * Its stages have the deadlines of a TCP connection, counted from the start of the stage: QUIC's
 * own idle timeout, which any packet puts off, comes on top.
 */
#ifndef ECHO_QUIC_CONN_H
#define ECHO_QUIC_CONN_H

#include "quic/endpoint.h"

/** How a connection begins. */
typedef struct {
    const ngtcp2_pkt_hd *header; /**< Of the client's first packet. */
    const ngtcp2_cid *original;  /**< The ID that it chose before a Retry; NULL without one. */
} quic_start;

/** Opens a connection for a first packet, which is then to be given to quic_conn_read(). NULL where
 * there is no memory, or the address has too many connections. */
quic_conn *quic_conn_new(quic_endpoint *endpoint, quic_listener *listener,
                         const quic_datagram *datagram, const quic_start *start);

/** Takes a datagram, and sends what it brings about. The connection may end. */
void quic_conn_read(quic_conn *conn, quic_listener *listener, const quic_datagram *datagram);

/** Serves open requests only; the connection ends after them. It may end at once. */
void quic_conn_end(quic_conn *conn);

/** Tells the client, and ends the connection at once. */
void quic_conn_drop(quic_conn *conn);

/** Microseconds since the connection was opened or last sent a request. */
int64_t quic_conn_quiet_time(const quic_conn *conn);

#endif
