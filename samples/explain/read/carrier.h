/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A hello as bytes, with whatever carries it. */
#ifndef EXPLAIN_CARRIER_H
#define EXPLAIN_CARRIER_H

#include <tlsfp/tlsfp.h>

enum { MAX_HELLO = 64 * 1024 };

/** What holds a hello's bytes while it is looked at. */
typedef struct {
    tlsfp_context *context;
    tlsfp_stream *stream;
    tlsfp_dtls *dtls;
    tlsfp_quic *quic;
} hello_carrier;

/** Whether these may be the bytes of a hello, by the first ones: no capture begins so. */
bool carrier_may_be(tlsfp_span bytes);

/**
 * Finds the hello in @p bytes: a ClientHello message, TLS or DTLS records of one, or a datagram
 * with QUIC's Initial packets.
 * @param out good until carrier_close(), which is wanted in any case.
 */
tlsfp_status carrier_open(hello_carrier *carrier, tlsfp_span bytes, tlsfp_client_hello *out);

void carrier_close(hello_carrier *carrier);

#endif
