/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A QUIC client's Initial packets, RFC 9000 17.2.2 and RFC 9001 5, in datagrams of 1200 bytes: as
 * tests/unit/quic_seal.h, for one form only and a few microseconds each.
 */
#ifndef BENCH_INITIALS_H
#define BENCH_INITIALS_H

#include <stddef.h>
#include <stdint.h>

enum {
    DATAGRAM_SIZE = 1200,
    DCID_SIZE = 8,
    MAX_CRYPTO = 1160, /**< CRYPTO data that one datagram has room for. */
};

/** Must come first. */
void initials_start(void);

/** Makes the keys that follow from the client's connection ID, for the calls to come. */
void initials_key(const uint8_t dcid[DCID_SIZE]);

/** A sealed packet with a CRYPTO frame, and PADDING behind it; @p number is below 256. */
void initials_seal(uint8_t number, const uint8_t *crypto, size_t offset, size_t len,
                   uint8_t out[DATAGRAM_SIZE]);

/** The header alone, in front of whatever @p out holds: no packet that opens. */
void initials_head(const uint8_t dcid[DCID_SIZE], uint8_t out[DATAGRAM_SIZE]);

#endif
