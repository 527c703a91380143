/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/hash.h>

#include <string.h>

#include "bytes/gcrypt_start.h"

void tlsfp_hash_key_draw(tlsfp_hash_key *out)
{
    gcrypt_start();
    gcry_randomize(out->word, sizeof out->word, GCRY_STRONG_RANDOM);
}

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return GUINT64_FROM_LE(word);
}

uint64_t tlsfp_hash(const tlsfp_hash_key *key, tlsfp_span bytes)
{
    tlsfp_hash_state state = tlsfp_hash_begin(key);
    const size_t n_left = bytes.len % 8, n_words = bytes.len / 8;
    for (size_t i = 0; i < n_words; i++)
        tlsfp_hash_add(&state, word_at(bytes.data + 8 * i));
    uint64_t last = (uint64_t)(bytes.len & 0xff) << 56;
    for (size_t i = 0; i < n_left; i++)
        last |= (uint64_t)bytes.data[8 * n_words + i] << 8 * i;
    return tlsfp_hash_end(&state, last);
}
