/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/addresses.h"

#include <glib.h>

static void test_limit(void)
{
    address_counts *all = addresses_new(2);
    g_assert_true(addresses_add(all, "192.0.2.1"));
    g_assert_true(addresses_add(all, "192.0.2.1"));
    g_assert_false(addresses_add(all, "192.0.2.1"));
    g_assert_true(addresses_add(all, "192.0.2.2"));
    addresses_remove(all, "192.0.2.1");
    g_assert_true(addresses_add(all, "192.0.2.1"));
    g_assert_false(addresses_add(all, "192.0.2.1"));
    addresses_free(all);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/addresses/limit", test_limit);
    return g_test_run();
}
