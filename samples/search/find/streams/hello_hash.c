/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/hello_hash.h"

#include <string.h>
#include <tlsfp/reader.h>

enum { BLOCK_SIZE = HELLO_HASH_WORDS * sizeof(uint32_t) };

void hello_hash_key_draw(const tlsfp_hash_key *key, hello_hash_key *out)
{
    out->key = *key;
    for (uint64_t i = 0; i < HELLO_HASH_WORDS; i++)
        out->words[i] = (uint32_t)tlsfp_hash_words(key, &i, 1);
}

static uint32_t word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return GUINT32_FROM_LE(word);
}

/** NH of whole pairs of words. */
static uint64_t hash_pairs(const uint32_t *key, const uint8_t *bytes, size_t n_words)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n_words; i += 2) {
        const uint32_t first = word_at(bytes + 4 * i) + key[i];
        const uint32_t second = word_at(bytes + 4 * i + 4) + key[i + 1];
        sum += (uint64_t)first * second;
    }
    return sum;
}

/** The last bytes of a block are followed by zeros; how many they are is hashed apart. */
static uint64_t hash_block(const uint32_t *key, tlsfp_span block)
{
    const size_t n_words = block.len / 8 * 2, n_left = block.len % 8;
    const uint64_t sum = hash_pairs(key, block.data, n_words);
    if (n_left == 0)
        return sum;
    uint8_t last[8] = {0};
    memcpy(last, block.data + 4 * n_words, n_left);
    return sum + hash_pairs(key + n_words, last, 2);
}

uint32_t hello_hash(const hello_hash_key *key, tlsfp_span message)
{
    tlsfp_hash_state state = tlsfp_hash_begin(&key->key);
    const uint64_t len = message.len;
    while (message.len > 0)
        tlsfp_hash_add(&state, hash_block(key->words, take_up_to(&message, BLOCK_SIZE)));
    return (uint32_t)tlsfp_hash_end(&state, len) | 1;
}
