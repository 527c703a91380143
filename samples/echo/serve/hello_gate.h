/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Holds a ClientHello back from OpenSSL until it is whole, and keeps a copy of the first.
 *
 * OpenSSL allocates the length that a handshake header claims, up to 131,396 bytes, when only the
 * header has come. Behind the gate a connection holds no more memory than its client has sent. The
 * gate holds the first hello and, after a HelloRetryRequest, the second; everything else it passes
 * on as it comes, for OpenSSL to judge.
 */
#ifndef ECHO_HELLO_GATE_H
#define ECHO_HELLO_GATE_H

#include <openssl/bio.h>
#include <tlsfp/types.h>

typedef struct hello_gate hello_gate;

/** What the gate tells its owner; called from inside OpenSSL. */
typedef struct {
    void (*hello)(void *data);    /**< The first ClientHello is whole. */
    void (*too_long)(void *data); /**< A ClientHello claims more than the limit. */
    void *data;
} hello_gate_events;

/**
 * @param fd a non-blocking socket; not closed by the gate.
 * @param limit longest message to let through, in bytes.
 * @return owned by the caller, to be freed with hello_gate_free().
 */
hello_gate *hello_gate_new(int fd, size_t limit, const hello_gate_events *events);

/** Frees @p gate; NULL is fine. */
void hello_gate_free(hello_gate *gate);

/** A BIO to read through the gate; the gate must outlive it. NULL where OpenSSL has no memory. */
BIO *hello_gate_bio(hello_gate *gate);

/** The first ClientHello message with its handshake header; empty while it is incomplete. */
tlsfp_span hello_gate_message(const hello_gate *gate);

/** The version of the first record, e.g. 0x0301; 0 before there is one. */
uint16_t hello_gate_record_version(const hello_gate *gate);

/** Whether a second ClientHello came: there was a HelloRetryRequest. */
bool hello_gate_retried(const hello_gate *gate);

#endif
