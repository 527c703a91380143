/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/addresses.h"

#include <glib.h>

static void test_limit(void)
{
    address_counts *counts = addresses_new(2, 64);
    g_assert_true(addresses_add(counts, "192.0.2.1"));
    g_assert_true(addresses_add(counts, "192.0.2.1"));
    g_assert_false(addresses_add(counts, "192.0.2.1"));
    g_assert_true(addresses_add(counts, "192.0.2.2"));
    addresses_remove(counts, "192.0.2.1");
    g_assert_true(addresses_add(counts, "192.0.2.1"));
    g_assert_false(addresses_add(counts, "192.0.2.1"));
    addresses_free(counts);
}

static void test_prefixes(void)
{
    static const struct {
        unsigned bits;
        const char *first, *second;
        bool same;
    } rows[] = {
        {64, "2001:db8::1", "2001:db8::ffff:0:0:2", true},
        {64, "2001:db8::1", "2001:db8:0:1::1", false},
        {64, "192.0.2.1", "192.0.2.2", false},
        {64, "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
        {64, "::ffff:192.0.2.1", "192.0.2.1", true},
        {128, "2001:db8::1", "2001:db8::2", false},
        {128, "2001:db8::1", "2001:db8:0::1", true},
        {56, "2001:db8:0:1::1", "2001:db8:0:ff::1", true},
        {56, "2001:db8:0:1::1", "2001:db8:0:100::1", false},
        {1, "2001:db8::1", "3fff::1", true},
        {1, "2001:db8::1", "fe80::1", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        address_counts *counts = addresses_new(1, rows[i].bits);
        g_test_message("%s and %s by %u bits", rows[i].first, rows[i].second, rows[i].bits);
        g_assert_true(addresses_add(counts, rows[i].first));
        g_assert_true(addresses_add(counts, rows[i].second) != rows[i].same);
        addresses_free(counts);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/addresses/limit", test_limit);
    g_test_add_func("/addresses/prefixes", test_prefixes);
    return g_test_run();
}
