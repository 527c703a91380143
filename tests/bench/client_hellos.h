/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ClientHellos of real clients (tests/vectors/hellos.ini, capture/...), each time with
 * another random and session ID. */
#ifndef BENCH_CLIENT_HELLOS_H
#define BENCH_CLIENT_HELLOS_H

#include "prng.h"

typedef enum {
    HELLO_RECORD, /**< A handshake record with the message. */
    HELLO_QUIC,   /**< The bare message, with QUIC's transport parameters. */
} hello_form;

typedef struct {
    uint8_t *data;
    size_t len;
} hello_bytes;

/** Reads them; TLSFP_SOURCE names the repository. */
void client_hellos_load(void);

/** Any of them; good until the next call of the same form. */
hello_bytes client_hellos_next(prng *numbers, hello_form form);

#endif
