/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Addresses and ports of a packet, and the keys under which its connection is known. */
#ifndef SEARCH_ADDRESSES_H
#define SEARCH_ADDRESSES_H

#include <tlsfp/hash.h>

/** The addresses of an IP packet. */
typedef struct {
    uint8_t version;          /**< 4 or 6. */
    const uint8_t *src, *dst; /**< 4 or 16 bytes each, in the packet. */
} addresses;

enum {
    WORDS_4 = 3, /* 32-bit words that name a connection: two addresses, and two ports */
    WORDS_6 = 9,
};

/** Random factors, by which connections are hashed: two sums of products, 32 bits of each. */
typedef struct {
    uint64_t v4[WORDS_4 + 1][2], v6[WORDS_6 + 1][2];
} connection_factors;

/** Draws factors out of a program's key. */
void connection_factors_draw(const tlsfp_hash_key *key, connection_factors *out);

/** Addresses and ports of a TCP segment or UDP datagram. */
typedef struct {
    const addresses *ip;
    uint16_t src_port, dst_port;
} ports;

/** The lowest bits of a flow's key; what lies above is the hash of its connection. */
enum {
    KEY_REVERSE = 1, /* the direction */
    KEY_UDP = 2,
    KEY_BITS = 3,
};

/**
 * The key of the flow in this direction; never 0.
 *
 * The hash in it is multilinear (D. Lemire, O. Kaser: Strongly universal string hashing is fast,
 * 2012): two connections that differ collide with a chance of 2^-61, whoever chose them, as long
 * as the factors are unknown, and nothing that is printed tells of them. It is weaker than SipHash,
 * at a fifth of its cost, against those who learn which connections collide. All they could do is
 * push eight flows out of one set of a table (flows.h), from which a flood pushes all of them
 * anyway; no list grows with collisions.
 */
uint64_t flow_key(const connection_factors *factors, const ports *ends, uint8_t protocol);

/** The key of the flow in the other direction. */
static inline uint64_t reverse_key(uint64_t key)
{
    return key ^ KEY_REVERSE;
}

/** What both directions have in common; never 0. */
static inline uint64_t connection_of(uint64_t key)
{
    return key >> KEY_BITS;
}

/** The key of the fragments of one IP packet. */
uint64_t fragments_key(const tlsfp_hash_key *key, const addresses *ip, uint8_t protocol,
                       uint32_t identification);

/** Whether an IPv4 header has the checksum that it should, RFC 791 3.1. */
bool has_right_header_checksum(tlsfp_span header);

/** Whether a TCP segment or UDP datagram has the checksum that it should, RFC 9293 3.1. */
bool has_right_checksum(const addresses *ip, uint8_t protocol, tlsfp_span bytes);

#endif
