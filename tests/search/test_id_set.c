/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/id_set.h"

/** Numbers without structure: the ids are hashes. */
static uint64_t id_of(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return z ^ z >> 27;
}

static void test_empty(void)
{
    id_set *set = id_set_new(0);
    g_assert_false(id_set_holds(set, 0));
    g_assert_false(id_set_holds(set, 1));
    g_assert_cmpuint(id_set_forgotten(set), ==, 0);
    id_set_free(set);
    id_set_free(NULL);
}

static void test_zero(void)
{
    id_set *set = id_set_new(0);
    id_set_add(set, 0);
    g_assert_true(id_set_holds(set, 0));
    g_assert_false(id_set_holds(set, 1));
    id_set_free(set);
}

static void test_all_fit(void)
{
    enum { N = 20000 };
    id_set *set = id_set_new(1024 * 1024);
    for (int turn = 0; turn < 2; turn++) /* the second time changes nothing */
        for (uint64_t i = 0; i < N; i++)
            id_set_add(set, id_of(i));
    for (uint64_t i = 0; i < N; i++) {
        g_assert_true(id_set_holds(set, id_of(i)));
        g_assert_false(id_set_holds(set, id_of(N + i)));
    }
    g_assert_cmpuint(id_set_forgotten(set), ==, 0);
    id_set_free(set);
}

/** The last one is there at any time; the oldest are not, once there is no room. */
static void test_oldest_go(void)
{
    enum { N = 20000, ROOM = 64 * 1024 };
    id_set *set = id_set_new(ROOM);
    unsigned held = 0;
    for (uint64_t i = 0; i < N; i++) {
        id_set_add(set, id_of(i));
        g_assert_true(id_set_holds(set, id_of(i)));
        g_assert_true(i < 100 || id_set_holds(set, id_of(i - 100)));
    }
    g_assert_false(id_set_holds(set, id_of(0)));
    for (uint64_t i = 0; i < N; i++)
        held += id_set_holds(set, id_of(i));
    g_assert_cmpuint(held + id_set_forgotten(set), ==, N);
    g_assert_cmpuint(held, <=, ROOM / sizeof(uint64_t));
    id_set_free(set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/id-set/empty", test_empty);
    g_test_add_func("/id-set/zero", test_zero);
    g_test_add_func("/id-set/all-fit", test_all_fit);
    g_test_add_func("/id-set/oldest-go", test_oldest_go);
    return g_test_run();
}
