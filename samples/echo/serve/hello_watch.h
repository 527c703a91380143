/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Takes the ClientHello, byte for byte, out of an OpenSSL handshake. */
#ifndef ECHO_HELLO_WATCH_H
#define ECHO_HELLO_WATCH_H

#include <openssl/ssl.h>
#include <tlsfp/types.h>

/** What was seen of one handshake. */
typedef struct {
    tlsfp_span message;      /**< The first ClientHello, with its header; owned. */
    uint16_t record_version; /**< Of the first record, e.g. 0x0301. */
    bool retried;            /**< A second hello came, after HelloRetryRequest. */
    bool too_large;          /**< The hello is longer than the limit, and not kept. */
    size_t limit;
    size_t n_carried; /* bytes in handshake records before the hello was whole */
    void (*refuse)(void *data);
    void *data;
} hello_watch;

/**
 * Watches the handshake of @p ssl until hello_watch_stop(); @p watch must stay where it is.
 * @param limit no longer message is kept.
 * @param refuse is called with @p data, from inside OpenSSL, where the hello is too long.
 */
void hello_watch_start(hello_watch *watch, SSL *ssl, size_t limit, void (*refuse)(void *data),
                       void *data);

/** Sees no more; what was seen stays. */
void hello_watch_stop(SSL *ssl);

/** Frees the message. */
void hello_watch_clear(hello_watch *watch);

#endif
