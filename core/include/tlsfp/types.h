/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The words all of tlsfp's headers share.
 *
 * Rules that hold for every function of the library:
 *  - Input is borrowed: a span points into the caller's bytes, and a view into the message it was
 * parsed from. Both are good for as long as those bytes are. Nothing but tlsfp_stream, tlsfp_dtls
 * and tlsfp_quic copies input.
 *  - A call that fails leaves its outputs alone.
 *  - There is no global state, lock, locale, clock or file. One object belongs to one thread at a
 * time.
 *  - Lengths and offsets are in bytes. Integers from the wire are in host order once read.
 *  - As in GLib, running out of memory ends the program; no function reports it.
 */
#ifndef TLSFP_TYPES_H
#define TLSFP_TYPES_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#if defined(__GNUC__)
#define TLSFP_API __attribute__((visibility("default")))
#else
#define TLSFP_API
#endif

/** What became of some bytes. Each function's comment lists the values it returns, and why. */
typedef enum {
    TLSFP_OK,         /**< Done; the outputs are set. */
    TLSFP_MORE,       /**< So far, so good; the message goes on after these bytes. */
    TLSFP_NOT_HELLO,  /**< These bytes are something else. */
    TLSFP_MALFORMED,  /**< A hello that contradicts itself; there is no fingerprint of it. */
    TLSFP_TOO_LARGE,  /**< The message is longer than the limit that the caller gave. */
    TLSFP_UNREADABLE, /**< Encrypted, and not with keys that can be known from the bytes alone. */
} tlsfp_status;

/** What carries the handshake; the value is JA4's first letter (JA4.md "QUIC and DTLS"). */
typedef enum {
    TLSFP_TLS = 't',  /**< TLS records, whatever carries them. */
    TLSFP_QUIC = 'q', /**< QUIC CRYPTO frames, RFC 9001. */
    TLSFP_DTLS = 'd', /**< DTLS records, RFC 6347 and RFC 9147. */
} tlsfp_transport;

/** Borrowed bytes. In a parsed hello, data is NULL for what the peer did not send, and only then.
 */
typedef struct {
    const uint8_t *data; /**< First byte; may be NULL when len is 0. */
    size_t len;          /**< How many. */
} tlsfp_span;

G_END_DECLS

#endif
