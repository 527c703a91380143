/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Many DTLS clients at one UDP socket: each datagram goes to the session of its sender. */
#ifndef EVASION_UDP_H
#define EVASION_UDP_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/types.h>

/** One client. */
typedef struct {
    struct sockaddr_in address;
    void *session;
    const unsigned char *datagram; /**< The one at hand; its reader sets it to NULL. */
    size_t len;
} udp_peer;

/** What a library does; each is given. */
typedef struct {
    void (*set_up)(const char *cert, const char *key);
    void *(*open)(udp_peer *); /**< A new session, or NULL. */
    void (*take)(udp_peer *);  /**< Goes on with the handshake. */
    void (*close)(void *session);
} library;

extern const library dtls;

/** Sends to a client; returns @p len. */
ssize_t send_to(const udp_peer *, const void *data, size_t len);

#endif
