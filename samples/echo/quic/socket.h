/* SPDX-License-Identifier: BSD-3-Clause */
/** @file UDP sockets: datagrams with the addresses they came from and to. */
#ifndef ECHO_QUIC_SOCKET_H
#define ECHO_QUIC_SOCKET_H

#include <netinet/in.h>
#include <tlsfp/types.h>

/** An address of IP version 4 or 6. */
typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} quic_address;

/** The size of the address. */
socklen_t quic_address_len(const quic_address *address);

typedef struct {
    int fd;
    quic_address bound;
} quic_socket;

/** Prepares a bound socket for quic_receive(). */
void quic_socket_init(quic_socket *out, int fd);

/**
 * Lets the sockets that share a port with @p fd, @p n of them, be chosen by the connection ID of a
 * datagram: socket number (its first byte modulo n). In the order in which they were bound.
 */
void quic_socket_route(int fd, unsigned n);

typedef struct {
    quic_address local, remote;
    uint8_t ecn; /**< RFC 3168 5 */
    tlsfp_span bytes;
} quic_datagram;

/**
 * Receives a datagram into @p room.
 * @return false where there is none.
 */
bool quic_receive(const quic_socket *from, uint8_t *room, size_t size, quic_datagram *out);

/**
 * Sends bytes as datagrams of @p segment_len bytes, the last of which may be shorter. What the
 * system does not take is lost, as a network may lose it.
 */
void quic_send(const quic_socket *socket, const quic_address *local, const quic_address *remote,
               uint8_t ecn, tlsfp_span bytes, size_t segment_len);

#endif
