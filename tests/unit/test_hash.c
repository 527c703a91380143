/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/hash.h>

#include <string.h>

#include "exact_block.h"
#include "writer.h"

enum { MAX_LEN = 64 };

/* The hashes of the bytes 00 01 02 ..., of which there are as many as the row's number, by the key
 * 00 01 ... 0f, as OpenSSL gives them:
 * openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:8 -macopt c-rounds:1 \
 *     -macopt d-rounds:3 -in FILE SIPHASH */
// clang-format off
static const char *const openssl_hashes[MAX_LEN + 1] = {
    "dcc40f055801acab",
    "93ca577df39bf4c9",
    "4dd4c74d029bcb82",
    "fbf7dde7b80af88b",
    "2883d388605775cf",
    "673b53492fd5f9de",
    "a7229fc5502b0dc5",
    "4011b19b987d92d3",
    "8e9a298d11959036",
    "e43d066cb38ea425",
    "7f09ff92ee85de79",
    "52c34df9c118c170",
    "a2d9b457b184a378",
    "a7ff29120c766f30",
    "345df9c011a15a60",
    "5699512a6dd820d3",
    "668b907d1add4fcc",
    "0cd8db639068f29c",
    "3ee673b49c38fc8f",
    "1c7d298de59d1ff2",
    "40e0cca6462fdcc0",
    "44f8452bfeab92b9",
    "2e8720a39b7bfe7f",
    "23c1e6da7f0e5a52",
    "8c9c3467b2ae64f4",
    "79095b702859cd45",
    "a51399cae3353e3a",
    "353bde4a4ec71da9",
    "0dd06cef02ed0bfb",
    "f4e1b14ab43cd988",
    "63e6c543d6110f54",
    "bcd1218c1fdd7023",
    "0db6a7166c7b1581",
    "bff98f7ae5b9544d",
    "3e752a1f78129f75",
    "916b18bfbea3a1ce",
    "0662a2add308f52c",
    "5730c3a32d1c10b6",
    "a1363aae9674f4b3",
    "9283107b54576b62",
    "3115e4993236d2c1",
    "44d91a3f92c17c66",
    "258813c8fe4f7065",
    "a64989c2d180f224",
    "6b87f8faed1ccac2",
    "9621049ffc4b16c2",
    "23d6b168939c6ea1",
    "fd14518b9c16fb49",
    "464c07dff843319f",
    "b386cc1224affdc6",
    "8f09520ad149af7e",
    "9a2f299d5513f31c",
    "121ff4a2dd304ac4",
    "d01ea74389e9fa36",
    "e6bcf0734cb38f31",
    "80e9a77036bf7aa2",
    "756d3c24dbc0bcb4",
    "1315b7fd52d8f823",
    "088a7da64d5f038f",
    "48f1e8b7e5d09cd8",
    "ee44a6f7bce6f4f6",
    "f237180fd89ac5ae",
    "e094664b15f6b2c3",
    "a8b3bbb76290199d",
    "65604a4bec9779f1",
};
// clang-format on

static const tlsfp_hash_key counting_key = {
    {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

static uint64_t little_endian(const char *hex)
{
    GByteArray *bytes = bytes_of_hex(hex);
    uint64_t value;
    g_assert_cmpuint(bytes->len, ==, sizeof value);
    memcpy(&value, bytes->data, sizeof value);
    g_byte_array_unref(bytes);
    return GUINT64_FROM_LE(value);
}

static void test_vectors(void)
{
    uint8_t counting[MAX_LEN];
    for (uint8_t i = 0; i < MAX_LEN; i++)
        counting[i] = i;
    for (size_t len = 0; len <= MAX_LEN; len++) {
        tlsfp_span bytes = exact_block((tlsfp_span){counting, len});
        g_assert_cmphex(tlsfp_hash(&counting_key, bytes), ==, little_endian(openssl_hashes[len]));
        exact_block_free(bytes);
    }
}

/* CPython's hash(b"tlsfp") under PYTHONHASHSEED=0, which is SipHash-1-3 by a key of zeros. */
static void test_zero_key(void)
{
    const tlsfp_hash_key zeros = {{0, 0}};
    g_assert_cmphex(tlsfp_hash(&zeros, SPAN("")), ==, UINT64_C(0xd1fba762150c532c));
    g_assert_cmphex(tlsfp_hash(&zeros, SPAN("tlsfp")), ==, UINT64_C(0xabb6916c3c06d2f4));
}

static void test_words(void)
{
    uint8_t counting[MAX_LEN];
    uint64_t words[MAX_LEN / 8];
    for (uint8_t i = 0; i < MAX_LEN; i++)
        counting[i] = i;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        memcpy(&words[i], counting + 8 * i, sizeof words[i]);
        words[i] = GUINT64_FROM_LE(words[i]);
    }
    for (size_t n = 0; n <= G_N_ELEMENTS(words); n++)
        g_assert_cmphex(tlsfp_hash_words(&counting_key, words, n), ==,
                        tlsfp_hash(&counting_key, (tlsfp_span){counting, 8 * n}));
}

/* Keys differ from each other, and hashes with them. */
static void test_draw(void)
{
    tlsfp_hash_key one = {{0, 0}}, other = {{0, 0}};
    tlsfp_hash_key_draw(&one);
    tlsfp_hash_key_draw(&other);
    g_assert_true(one.word[0] != other.word[0] && one.word[1] != other.word[1]);
    g_assert_true(one.word[0] != 0 && one.word[1] != 0);
    g_assert_cmphex(tlsfp_hash(&one, SPAN("tlsfp")), !=, tlsfp_hash(&other, SPAN("tlsfp")));
}

/* Strings of which GLib's own hash makes one number, a known attack on it, spread over a table. */
static void test_collisions(void)
{
    enum { N_PAIRS = 12, N = 1 << N_PAIRS, N_BUCKETS = N };
    tlsfp_hash_key key;
    unsigned in_bucket[N_BUCKETS] = {0}, most = 0;
    tlsfp_hash_key_draw(&key);
    for (unsigned i = 0; i < N; i++) {
        char text[2 * N_PAIRS + 1] = {0};
        for (unsigned pair = 0; pair < N_PAIRS; pair++)
            memcpy(text + 2 * pair, i >> pair & 1 ? "bA" : "ab", 2);
        g_assert_cmpuint(g_str_hash(text), ==, g_str_hash("abababababababababababab"));
        unsigned bucket =
            (unsigned)(tlsfp_hash(&key, (tlsfp_span){(const uint8_t *)text, strlen(text)}) %
                       N_BUCKETS);
        most = MAX(most, ++in_bucket[bucket]);
    }
    g_assert_cmpuint(most, <, 20); /* 6 or 7 is usual */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hash/vectors", test_vectors);
    g_test_add_func("/hash/zero-key", test_zero_key);
    g_test_add_func("/hash/words", test_words);
    g_test_add_func("/hash/draw", test_draw);
    g_test_add_func("/hash/collisions", test_collisions);
    return g_test_run();
}
