/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is known of a client once its handshake is done. */
#ifndef ECHO_CLIENT_H
#define ECHO_CLIENT_H

#include <netinet/in.h>
#include <tlsfp/labels.h>

/** All but the hello belongs to OpenSSL, or is inside. */
typedef struct {
    tlsfp_span hello;        /**< The first ClientHello message; empty where there was no TLS. */
    uint16_t record_version; /**< Of the record that it began in, e.g. 0x0301. */
    bool retried;            /**< It was asked for another key share. */
    bool resumed;            /**< It resumed a session. */
    const char *version;     /**< Negotiated: "TLSv1.3". */
    const char *cipher;      /**< Likewise, as IANA names it. */
    const char *group;       /**< Likewise, as OpenSSL names it; NULL without one. */
    const char *alpn;        /**< "h2", "http/1.1" or NULL. */
    char address[INET6_ADDRSTRLEN];
    uint16_t port;
    const tlsfp_labels *labels; /**< In which its names are; NULL where there are no lists. */
} client;

enum { MAX_NAMES = 16 }; /**< Of one client, at most. */

#endif
