/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Where a ClientHello may start in the bytes of a TCP connection. */
#ifndef SEARCH_HELLO_START_H
#define SEARCH_HELLO_START_H

#include <tlsfp/types.h>

typedef enum {
    START_NONE,  /**< No hello starts here. */
    START_MAYBE, /**< The bytes end too early to say. */
    START_FOUND, /**< A handshake record, and in it the first byte of a ClientHello. */
} hello_start;

/** Whether a hello starts at the first byte of @p bytes. */
hello_start starts_at_front(tlsfp_span bytes);

/**
 * Where in a segment a hello starts: at its front, behind a change_cipher_spec record, or behind
 * what another protocol says first: STARTTLS, a PROXY header, SOCKS or HTTP CONNECT.
 * @param out the bytes from there on.
 */
hello_start find_start(tlsfp_span segment, tlsfp_span *out);

#endif
