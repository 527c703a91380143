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

/** Where in a connection bytes lie. */
typedef enum {
    AT_START,        /**< They are its first. */
    IN_PREAMBLE,     /**< Not far behind, where another protocol may come first. */
    ANYWHERE,        /**< Somewhere later, at the front of a segment. */
    BETWEEN_RECORDS, /**< Behind a TLS record. */
} place;

/** Whether a hello starts at the first byte of @p bytes. */
hello_start starts_at_front(tlsfp_span bytes, place where);

/**
 * Where in @p bytes a hello starts: at the front, behind records that servers pass over (empty
 * ones, change_cipher_spec, alerts; between records also early data, RFC 8446 4.2.10), or behind
 * what another protocol says first: STARTTLS, a PROXY header, SOCKS, HTTP CONNECT or a database's
 * request.
 * @param out the bytes from there on; with START_NONE, those behind the last whole record.
 */
hello_start find_start(tlsfp_span bytes, place where, tlsfp_span *out);

/** Whether a connection that starts with @p bytes may be of a protocol that lets TLS follow. */
bool starts_preamble(tlsfp_span bytes);

/** Whether @p bytes start with a hello in SSL 2.0 framing, RFC 5246 E.2. */
bool is_ssl2_hello(tlsfp_span bytes);

#endif
