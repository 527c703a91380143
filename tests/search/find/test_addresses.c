/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/addresses.h"

#include "exact_block.h"
#include "writer.h"

static const tlsfp_hash_key key = {{1, 2}}, other_key = {{1, 3}};

/** Addresses by their first byte; 4 bytes or 16. */
static addresses between(uint8_t version, const uint8_t *src, const uint8_t *dst)
{
    return (addresses){version, src, dst};
}

static const uint8_t low[16] = {10, 0, 0, 1, [15] = 1}, high[16] = {10, 0, 0, 1, [15] = 2},
                     v4_high[16] = {10, 0, 0, 2};

/** A connection's two directions have each other's keys, and no other connection's. */
static void test_directions(void)
{
    connection_factors factors;
    connection_factors_draw(&key, &factors);
    for (uint8_t version = 4; version <= 6; version += 2) {
        const uint8_t *far = version == 4 ? v4_high : high;
        addresses there = between(version, low, far), back = between(version, far, low);
        const ports out = {&there, 1000, 443}, in = {&back, 443, 1000},
                    crossed = {&there, 443, 1000}, near = {&there, 1001, 443};
        uint64_t keys[] = {flow_key(&factors, &out, 6), flow_key(&factors, &in, 6),
                           flow_key(&factors, &crossed, 6), flow_key(&factors, &near, 6),
                           flow_key(&factors, &out, 17)};
        g_assert_true(reverse_key(keys[0]) == keys[1] && reverse_key(keys[1]) == keys[0]);
        g_assert_true(connection_of(keys[0]) == connection_of(keys[1]));
        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
            g_assert_true(keys[i] != 0);
            for (size_t j = 0; j < i; j++)
                g_assert_true(keys[i] != keys[j]);
        }
        g_assert_true(connection_of(keys[2]) != connection_of(keys[0]));
        g_assert_true(connection_of(keys[3]) != connection_of(keys[0]));
    }
}

/** The same address and port on both sides. */
static void test_to_itself(void)
{
    connection_factors factors;
    connection_factors_draw(&key, &factors);
    addresses ip = between(4, low, low);
    const ports ends = {&ip, 443, 443}, apart = {&ip, 443, 444};
    g_assert_true(flow_key(&factors, &ends, 6) != 0);
    g_assert_true(flow_key(&factors, &ends, 6) != flow_key(&factors, &apart, 6));
}

/** Each byte of the addresses and ports counts, and so does the program's key. */
static void test_every_byte_counts(void)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        size_t len = version == 4 ? 4 : 16;
        connection_factors factors, others;
        connection_factors_draw(&key, &factors);
        connection_factors_draw(&other_key, &others);
        uint8_t ends[32] = {0};
        addresses ip = between(version, ends, ends + 16);
        const ports none = {&ip, 0, 0}, port = {&ip, 0, 1};
        uint64_t before = connection_of(flow_key(&factors, &none, 6));
        g_assert_true(before != connection_of(flow_key(&others, &none, 6)));
        g_assert_true(before != connection_of(flow_key(&factors, &port, 6)));
        for (size_t i = 0; i < 2 * len; i++) {
            size_t at = i < len ? i : 16 + i - len;
            ends[at] = 1;
            g_assert_true(before != connection_of(flow_key(&factors, &none, 6)));
            ends[at] = 0;
        }
    }
}

static void test_fragments(void)
{
    addresses ip = between(4, low, v4_high), back = between(4, v4_high, low),
              ip6 = between(6, low, high);
    uint64_t keys[] = {fragments_key(&key, &ip, 6, 1),      fragments_key(&key, &ip, 6, 2),
                       fragments_key(&key, &ip, 17, 1),     fragments_key(&key, &back, 6, 1),
                       fragments_key(&key, &ip6, 6, 1),     fragments_key(&key, &ip6, 6, 0x10001),
                       fragments_key(&other_key, &ip, 6, 1)};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_assert_true(keys[i] != 0);
        for (size_t j = 0; j < i; j++)
            g_assert_true(keys[i] != keys[j]);
    }
    g_assert_true(keys[0] == fragments_key(&key, &ip, 6, 1));
}

typedef struct {
    const char *name;
    const char *bytes; /* in hex */
    bool is_right;
} checksum_case;

/** The first by https://en.wikipedia.org/wiki/Internet_checksum. */
static const checksum_case header_cases[] = {
    {"right", "4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7", true},
    {"one-bit", "4500 0073 0000 4000 4011 b860 c0a80001 c0a800c7", false},
    {"none", "4500 0073 0000 4000 4011 0000 c0a80001 c0a800c7", false},
    {"options", "4600 0073 0000 4000 4011 b660 c0a80001 c0a800c7 01010000", true},
    {"carries-twice", "ffff ffff ffff 0001 fffe", true},
};

static void test_header(const void *data)
{
    const checksum_case *row = data;
    GByteArray *made = bytes_of_hex(row->bytes);
    tlsfp_span block = exact_block(span_of(made));
    g_assert_true(has_right_header_checksum(block) == row->is_right);
    exact_block_free(block);
    g_byte_array_unref(made);
}

/** UDP from 10.0.0.1 to 10.0.0.2 (IPv6: a00:1::1 to a00:1::2); sums by hand, RFC 1071. */
static const checksum_case v4_cases[] = {
    {"even-wrong", "03e8 01bb 000a dc84 6162", false},
    {"even", "03e8 01bb 000a 84d2 6162", true},
    {"odd", "03e8 01bb 0009 8536 61", true},
    {"odd-wrong", "03e8 01bb 0009 8537 61", false},
};

static void test_transport(const void *data)
{
    const checksum_case *row = data;
    GByteArray *made = bytes_of_hex(row->bytes);
    tlsfp_span block = exact_block(span_of(made));
    addresses ip = between(4, low, v4_high);
    g_assert_true(has_right_checksum(&ip, 17, block) == row->is_right);
    exact_block_free(block);
    g_byte_array_unref(made);
}

static void test_transport_ipv6(void)
{
    GByteArray *made = bytes_of_hex("03e8 01bb 000a 84d0 6162");
    addresses ip = between(6, low, high);
    g_assert_true(has_right_checksum(&ip, 17, span_of(made)));
    g_assert_false(has_right_checksum(&ip, 6, span_of(made)));
    made->data[9] ^= 1;
    g_assert_false(has_right_checksum(&ip, 17, span_of(made)));
    g_byte_array_unref(made);
}

static void add(const char *kind, const checksum_case *rows, size_t n, GTestDataFunc test)
{
    for (size_t i = 0; i < n; i++) {
        char *path = g_strdup_printf("/addresses/%s/%s", kind, rows[i].name);
        g_test_add_data_func(path, &rows[i], test);
        g_free(path);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/addresses/directions", test_directions);
    g_test_add_func("/addresses/to-itself", test_to_itself);
    g_test_add_func("/addresses/every-byte-counts", test_every_byte_counts);
    g_test_add_func("/addresses/fragments", test_fragments);
    add("header", header_cases, G_N_ELEMENTS(header_cases), test_header);
    add("udp", v4_cases, G_N_ELEMENTS(v4_cases), test_transport);
    g_test_add_func("/addresses/udp/ipv6", test_transport_ipv6);
    return g_test_run();
}
