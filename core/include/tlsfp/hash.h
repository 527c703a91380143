/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A keyed hash for tables whose keys strangers choose: SipHash-1-3
 * (https://github.com/veorq/SipHash).
 *
 * Without the key, a stranger cannot choose values that fall into one bucket. A program draws a key
 * when it starts, and keeps it for all of its tables.
 */
#ifndef TLSFP_HASH_H
#define TLSFP_HASH_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

typedef struct {
    uint64_t word[2]; /**< Any bits; SipHash's k0 and k1. */
} tlsfp_hash_key;

/** Draws a key from libgcrypt's random numbers: once for each program, as it takes up to some
 * milliseconds. */
TLSFP_API void tlsfp_hash_key_draw(tlsfp_hash_key *out);

/** The hash of some bytes. */
TLSFP_API uint64_t tlsfp_hash(const tlsfp_hash_key *key, tlsfp_span bytes);

/** The state of a hash, for the functions below. */
typedef struct {
    uint64_t v[4];
} tlsfp_hash_state;

static inline uint64_t tlsfp_hash_rotated(uint64_t word, unsigned n)
{
    return word << n | word >> (64 - n);
}

static inline void tlsfp_hash_round(tlsfp_hash_state *state)
{
    uint64_t *v = state->v;
    v[0] += v[1];
    v[2] += v[3];
    v[1] = tlsfp_hash_rotated(v[1], 13) ^ v[0];
    v[3] = tlsfp_hash_rotated(v[3], 16) ^ v[2];
    v[0] = tlsfp_hash_rotated(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = tlsfp_hash_rotated(v[1], 17) ^ v[2];
    v[3] = tlsfp_hash_rotated(v[3], 21) ^ v[0];
    v[2] = tlsfp_hash_rotated(v[2], 32);
}

static inline tlsfp_hash_state tlsfp_hash_begin(const tlsfp_hash_key *key)
{
    tlsfp_hash_state state = {{
        key->word[0] ^ UINT64_C(0x736f6d6570736575),
        key->word[1] ^ UINT64_C(0x646f72616e646f6d),
        key->word[0] ^ UINT64_C(0x6c7967656e657261),
        key->word[1] ^ UINT64_C(0x7465646279746573),
    }};
    return state;
}

static inline void tlsfp_hash_add(tlsfp_hash_state *state, uint64_t word)
{
    state->v[3] ^= word;
    tlsfp_hash_round(state);
    state->v[0] ^= word;
}

/** @param last SipHash's last block: the length's lowest byte at the top, then the bytes that are
 * left. */
static inline uint64_t tlsfp_hash_end(tlsfp_hash_state *state, uint64_t last)
{
    tlsfp_hash_add(state, last);
    state->v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        tlsfp_hash_round(state);
    return state->v[0] ^ state->v[1] ^ state->v[2] ^ state->v[3];
}

/** The hash of @p n words, as tlsfp_hash() of their bytes, the lowest first. For tables on the hot
 * path, whose keys are a few words. */
static inline uint64_t tlsfp_hash_words(const tlsfp_hash_key *key, const uint64_t *words, size_t n)
{
    tlsfp_hash_state state = tlsfp_hash_begin(key);
    for (size_t i = 0; i < n; i++)
        tlsfp_hash_add(&state, words[i]);
    return tlsfp_hash_end(&state, (uint64_t)(8 * n & 0xff) << 56);
}

G_END_DECLS

#endif
