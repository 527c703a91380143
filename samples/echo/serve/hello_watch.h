/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Copies the ClientHello, byte for byte, out of an OpenSSL handshake. */
#ifndef ECHO_HELLO_WATCH_H
#define ECHO_HELLO_WATCH_H

#include <openssl/ssl.h>
#include <tlsfp/types.h>

/** What was seen of a handshake. */
typedef struct {
    tlsfp_span message;      /**< The first ClientHello, with its handshake header; owned. */
    uint16_t record_version; /**< Of the first record, e.g. 0x0301. */
    bool retried;            /**< A second ClientHello came: there was a HelloRetryRequest. */
    bool too_large;          /**< The hello is longer than the limit; it is not kept. */
    size_t limit;
    size_t n_carried; /* bytes of handshake records before the hello was whole */
    void (*refuse)(void *data);
    void *data;
} hello_watch;

/**
 * Watches the handshake of @p ssl until hello_watch_stop(); @p watch must stay where it is.
 * @param limit longest message to keep, in bytes.
 * @param refuse called with @p data, from inside OpenSSL, when the hello is too long.
 */
void hello_watch_start(hello_watch *watch, SSL *ssl, size_t limit, void (*refuse)(void *data),
                       void *data);

/** Stops watching; what was seen stays. */
void hello_watch_stop(SSL *ssl);

/** Frees the message. */
void hello_watch_clear(hello_watch *watch);

#endif
