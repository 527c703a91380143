/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/flows.h"

#include "find/streams/pieces.h"
#include "writer.h"

enum {
    LARGE = 1 << 20, /* memory for more half-seen hellos than a test makes */
    WAYS = 8,        /* keys with the same low bits stand in one set of so many */
    MAX_FINISHED = 8192,
};

/** Keys of one set. */
static uint64_t sibling(unsigned n)
{
    return (uint64_t)(n + 1) << 32 | 8;
}

static struct flow *get(struct flows *flows, uint64_t key, bool is_new_expected)
{
    bool is_new;
    struct flow *flow = flows_get(flows, key, &is_new);
    g_assert_true(is_new == is_new_expected);
    g_assert_true(flows_find(flows, key) == flow);
    return flow;
}

static void test_get(void)
{
    struct flows *flows = flows_new(LARGE);
    g_assert_null(flows_find(flows, 3));
    struct flow *flow = get(flows, 3, true);
    g_assert_null(flow->half);
    flow->next = 77;
    g_assert_true(flows_find(flows, 3) == flow);
    g_assert_true(get(flows, 3, false) == flow);
    g_assert_cmpuint(flow->next, ==, 77);
    g_assert_null(flows_find(flows, 5));
    g_assert_null(flows_oldest(flows));
    flows_free(flows);
}

/** The one used longest ago makes room. */
static void test_set_is_full(void)
{
    struct flows *flows = flows_new(LARGE);
    for (unsigned i = 0; i < WAYS; i++)
        (void)get(flows, sibling(i), true);
    (void)get(flows, sibling(0), false);
    (void)get(flows, sibling(WAYS), true);
    g_assert_null(flows_find(flows, sibling(1)));
    g_assert_nonnull(flows_find(flows, sibling(0)));
    for (unsigned i = 2; i <= WAYS; i++)
        g_assert_nonnull(flows_find(flows, sibling(i)));
    g_assert_cmpuint(flows_dropped(flows), ==, 0);
    flows_free(flows);
}

/** One without a half-seen hello goes first, though it was used later. */
static void test_half_seen_stays(void)
{
    struct flows *flows = flows_new(LARGE);
    for (unsigned i = 0; i < WAYS; i++) {
        struct flow *flow = get(flows, sibling(i), true);
        if (i != 2)
            (void)flows_start_half(flows, flow);
    }
    (void)get(flows, sibling(2), false);
    (void)flows_start_half(flows, get(flows, sibling(WAYS), true));
    g_assert_null(flows_find(flows, sibling(2)));
    g_assert_cmpuint(flows_dropped(flows), ==, 0);
    (void)get(flows, sibling(WAYS + 1), true);
    g_assert_null(flows_find(flows, sibling(0)));
    g_assert_cmpuint(flows_dropped(flows), ==, 1);
    flows_free(flows);
}

/** A finished one counts as none. */
static void test_finished_gives_way(void)
{
    struct flows *flows = flows_new(LARGE);
    for (unsigned i = 0; i < WAYS; i++) {
        struct half *half = flows_start_half(flows, get(flows, sibling(i), true));
        flows_weigh(flows, half, i == 3);
    }
    (void)get(flows, sibling(WAYS), true);
    g_assert_null(flows_find(flows, sibling(3)));
    g_assert_cmpuint(flows_dropped(flows), ==, 0);
    flows_free(flows);
}

static void test_halves(void)
{
    struct flows *flows = flows_new(LARGE);
    struct flow *first = get(flows, 3, true), *second = get(flows, 5, true);
    struct half *half = flows_start_half(flows, first);
    g_assert_true(first->half == half && half->flow == first);
    g_assert_true(flows_start_half(flows, first) == half);
    (void)flows_start_half(flows, second);
    g_assert_true(flows_oldest(flows) == half);
    flows_drop_half(flows, first);
    g_assert_null(first->half);
    g_assert_true(flows_oldest(flows) == second->half);
    flows_drop_half(flows, first); /* there is none */
    flows_drop_half(flows, second);
    g_assert_null(flows_oldest(flows));
    g_assert_cmpuint(flows_dropped(flows), ==, 0);
    flows_free(flows);
}

/** Out of the middle and off the end of the queue. */
static void test_order(void)
{
    struct flows *flows = flows_new(LARGE);
    struct flow *made[4];
    for (unsigned i = 0; i < 4; i++) {
        made[i] = get(flows, 2 * i + 1, true);
        (void)flows_start_half(flows, made[i]);
    }
    flows_drop_half(flows, made[1]);
    flows_drop_half(flows, made[3]);
    g_assert_true(flows_oldest(flows) == made[0]->half);
    flows_drop_half(flows, made[0]);
    g_assert_true(flows_oldest(flows) == made[2]->half);
    (void)flows_start_half(flows, made[0]);
    g_assert_true(flows_oldest(flows) == made[2]->half);
    flows_weigh(flows, made[2]->half, true); /* no longer waiting */
    g_assert_true(flows_oldest(flows) == made[0]->half);
    flows_weigh(flows, made[2]->half, false); /* again, as the newest */
    g_assert_true(flows_oldest(flows) == made[0]->half);
    flows_drop_half(flows, made[0]);
    g_assert_true(flows_oldest(flows) == made[2]->half);
    flows_free(flows);
}

/** A flow that holds @p n bytes of segments. */
static struct flow *hold(struct flows *flows, uint64_t key, size_t n)
{
    struct flow *flow = get(flows, key, flows_find(flows, key) == NULL);
    struct half *half = flows_start_half(flows, flow);
    GByteArray *bytes = g_byte_array_new();
    put_times(bytes, n, 'a');
    if (half->held == NULL)
        half->held = pieces_new();
    pieces_add(half->held, (uint32_t)key, span_of(bytes), false, 0);
    g_byte_array_unref(bytes);
    flows_weigh(flows, half, false);
    return flow;
}

/** The oldest ones go while all hold too much; never the one that grew. */
static void test_limit(void)
{
    struct flows *flows = flows_new(10000);
    struct flow *first = hold(flows, 1, 3000), *second = hold(flows, 3, 3000);
    g_assert_nonnull(first->half);
    struct flow *third = hold(flows, 5, 3000);
    g_assert_null(first->half);
    g_assert_nonnull(second->half);
    g_assert_nonnull(third->half);
    g_assert_cmpuint(flows_dropped(flows), ==, 1);
    struct flow *fourth = hold(flows, 7, 20000);
    g_assert_null(second->half);
    g_assert_null(third->half);
    g_assert_nonnull(fourth->half);
    g_assert_cmpuint(flows_dropped(flows), ==, 3);
    flows_drop_half(flows, fourth);
    first = hold(flows, 1, 3000); /* its weight went with it */
    second = hold(flows, 3, 3000);
    g_assert_nonnull(first->half);
    g_assert_nonnull(second->half);
    g_assert_cmpuint(flows_dropped(flows), ==, 3);
    flows_free(flows);
}

/** Finished ones go first, and do not count as dropped. */
static void test_finished_goes_first(void)
{
    struct flows *flows = flows_new(10000);
    struct flow *first = hold(flows, 1, 3000), *second = hold(flows, 3, 3000);
    flows_weigh(flows, second->half, true);
    (void)hold(flows, 5, 3000);
    g_assert_nonnull(first->half);
    g_assert_null(second->half);
    g_assert_cmpuint(flows_dropped(flows), ==, 0);
    flows_free(flows);
}

/** All that a half can hold counts. */
static void test_weight(void)
{
    for (int what = 0; what < 5; what++) {
        struct flows *flows = flows_new(6000);
        struct flow *flow = get(flows, 1, true), *older = hold(flows, 3, 1000);
        struct half *half = flows_start_half(flows, flow);
        static const uint8_t hello[5000] = {22, 3, 1, 19, 128, 1, 0, 19, 124};
        static const uint8_t fragment[5000] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0,  18,  0xe0,
                                               1,  0,    32,   0, 0, 0, 0, 0, 0, 0, 18, 0xd4};
        if (what == 0) {
            half->held = pieces_new();
            pieces_add(half->held, 0, (tlsfp_span){hello, 5000}, false, 0);
        } else if (what == 1) {
            half->doubt = pieces_new();
            pieces_add(half->doubt, 0, (tlsfp_span){hello, 5000}, false, 0);
        } else if (what == 2) {
            half->frames = g_byte_array_new();
            g_byte_array_append(half->frames, hello, 3000);
        } else if (what == 3) {
            half->stream = tlsfp_stream_new(TLSFP_TLS, 65536);
            g_assert_cmpint(tlsfp_stream_add(half->stream, 0, (tlsfp_span){hello, 4990}), ==,
                            TLSFP_MORE);
        } else {
            tlsfp_span datagram = {fragment, 13 + 0x12e0}, message;
            half->dtls = tlsfp_dtls_new(65536);
            g_assert_cmpint(tlsfp_dtls_add(half->dtls, &datagram, &message), ==, TLSFP_MORE);
        }
        g_assert_nonnull(older->half);
        flows_weigh(flows, half, false);
        g_assert_null(older->half);
        g_assert_nonnull(flow->half);
        flows_free(flows);
    }
}

/** Finished ones have a limit of their own, however little they hold. */
static void test_many_finished(void)
{
    struct flows *flows = flows_new((size_t)1 << 30);
    for (unsigned i = 0; i < MAX_FINISHED + 2; i++)
        flows_weigh(flows, flows_start_half(flows, get(flows, 2 * i + 1, true)), true);
    g_assert_null(flows_find(flows, 1)->half);
    g_assert_null(flows_find(flows, 3)->half);
    g_assert_nonnull(flows_find(flows, 5)->half);
    g_assert_cmpuint(flows_dropped(flows), ==, 0);
    flows_free(flows);
}

/** More memory gives more sets: keys that stay apart then, and share one where there is little. */
static void test_size(void)
{
    struct flows *little = flows_new(0), *much = flows_new((size_t)32 * 8192 * 16);
    for (unsigned i = 0; i <= WAYS; i++) {
        uint64_t key = (uint64_t)i * 32 * 8 + 8;
        (void)get(little, key, true);
        (void)get(much, key, true);
    }
    g_assert_null(flows_find(little, 8));
    g_assert_nonnull(flows_find(much, 8));
    flows_free(little);
    flows_free(much);
}

static void test_free_nothing(void)
{
    flows_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/flows/get", test_get);
    g_test_add_func("/flows/set-is-full", test_set_is_full);
    g_test_add_func("/flows/half-seen-stays", test_half_seen_stays);
    g_test_add_func("/flows/finished-gives-way", test_finished_gives_way);
    g_test_add_func("/flows/halves", test_halves);
    g_test_add_func("/flows/order", test_order);
    g_test_add_func("/flows/limit", test_limit);
    g_test_add_func("/flows/finished-goes-first", test_finished_goes_first);
    g_test_add_func("/flows/weight", test_weight);
    g_test_add_func("/flows/many-finished", test_many_finished);
    g_test_add_func("/flows/size", test_size);
    g_test_add_func("/flows/free-nothing", test_free_nothing);
    return g_test_run();
}
