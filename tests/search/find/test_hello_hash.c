/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/hello_hash.h"

#include <string.h>

#include "exact_block.h"

enum { BLOCK = 4 * HELLO_HASH_WORDS, LONGEST = 2 * BLOCK + 9 };

static const tlsfp_hash_key program_key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

static hello_hash_key drawn(const tlsfp_hash_key *key)
{
    hello_hash_key out;
    hello_hash_key_draw(key, &out);
    return out;
}

static void test_never_zero(void)
{
    const hello_hash_key key = drawn(&program_key);
    uint8_t byte = 0;
    g_assert_cmpuint(hello_hash(&key, (tlsfp_span){NULL, 0}), !=, 0);
    g_assert_cmpuint(hello_hash(&key, (tlsfp_span){&byte, 1}), !=, 0);
}

/** No two of the prefixes of zeros have the same hash. */
static void test_lengths(void)
{
    const hello_hash_key key = drawn(&program_key);
    uint8_t zeros[LONGEST] = {0};
    GHashTable *seen = g_hash_table_new(NULL, NULL);
    for (size_t len = 0; len <= LONGEST; len++) {
        tlsfp_span exact = exact_block((tlsfp_span){zeros, len});
        g_assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(hello_hash(&key, exact))));
        exact_block_free(exact);
    }
    g_hash_table_unref(seen);
}

/** Every bit counts. */
static void test_bits(void)
{
    const hello_hash_key key = drawn(&program_key);
    uint8_t bytes[LONGEST];
    memset(bytes, 0x5a, sizeof bytes);
    const tlsfp_span message = {bytes, sizeof bytes};
    const uint32_t before = hello_hash(&key, message);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_cmpuint(hello_hash(&key, message), !=, before);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    g_assert_cmpuint(hello_hash(&key, message), ==, before);
}

/** What a product without a key would not tell apart: words that change places, and whatever stands
 * beside a 0. */
static void test_products(void)
{
    for (uint64_t i = 0; i < 1000; i++) {
        const tlsfp_hash_key words = {{i, ~i}};
        const hello_hash_key key = drawn(&words);
        uint8_t one[] = {1, 2, 3, 4, 5, 6, 7, 8}, other[] = {5, 6, 7, 8, 1, 2, 3, 4};
        const tlsfp_span first = {one, sizeof one}, second = {other, sizeof other};
        g_assert_cmpuint(hello_hash(&key, first), !=, hello_hash(&key, second));
        memset(one, 0, 4);
        memset(other, 0, 4);
        g_assert_cmpuint(hello_hash(&key, first), !=, hello_hash(&key, second));
    }
}

static void test_keys(void)
{
    const tlsfp_hash_key next = {{program_key.word[0], program_key.word[1] + 1}};
    const hello_hash_key key = drawn(&program_key), other = drawn(&next);
    const tlsfp_span message = {(const uint8_t *)"a hello", 7};
    g_assert_cmpuint(hello_hash(&key, message), !=, hello_hash(&other, message));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hello-hash/never-zero", test_never_zero);
    g_test_add_func("/hello-hash/lengths", test_lengths);
    g_test_add_func("/hello-hash/bits", test_bits);
    g_test_add_func("/hello-hash/products", test_products);
    g_test_add_func("/hello-hash/keys", test_keys);
    return g_test_run();
}
