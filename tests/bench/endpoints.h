/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Who talks to whom, and how their connections start. */
#ifndef BENCH_ENDPOINTS_H
#define BENCH_ENDPOINTS_H

#include "packets.h"
#include "prng.h"

/** A client in 10.0.0.0/8 and a server in 198.18.0.0/15 (RFC 2544) at @p port. */
connection endpoints_next(prng *numbers, uint16_t port);

/** A server's first segment: ServerHello, change_cipher_spec, and an encrypted record that fills
 * it. */
void server_answer(prng *numbers, uint8_t out[SEGMENT_SIZE]);

/** Writes a client's Initials, as many as its ClientHello takes. */
void client_initials(prng *numbers, const connection *ends);

#endif
