/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A hash by which a hello that was sent again is known: every hello that is found is hashed, so it
 * has to be fast, and no client may choose two hellos that are taken for one.
 *
 * Blocks are hashed by NH, then SipHash of all blocks' hashes. NH is the hash of UMAC (J. Black and
 * others: UMAC: Fast and Secure Message Authentication, 1999): two blocks that differ collide with
 * a chance of 2^-32, whoever chose them, as long as the words of the key are unknown, and nothing
 * that is printed tells of them.
 */
#ifndef SEARCH_HELLO_HASH_H
#define SEARCH_HELLO_HASH_H

#include <tlsfp/hash.h>

enum { HELLO_HASH_WORDS = 256 }; /* of 32 bits, in a block */

typedef struct {
    tlsfp_hash_key key; /**< The program's. */
    uint32_t words[HELLO_HASH_WORDS];
} hello_hash_key;

/** Draws the words out of a program's key. */
void hello_hash_key_draw(const tlsfp_hash_key *key, hello_hash_key *out);

/** The hash of a message; never 0. */
uint32_t hello_hash(const hello_hash_key *key, tlsfp_span message);

#endif
