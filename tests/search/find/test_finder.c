/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

/** Every kind of count, and which ones start at 0. */
static void test_counts(void)
{
    finding *noted = finding_new(NULL);
    finder_counts counts = finder_counted(noted->finder);
    static const finder_counts none;
    g_assert_true(memcmp(&counts, &none, sizeof counts) == 0);
    finding_add_text(noted, LINK_RAW, "I|{11 <9c40 01bb Y>}|{06 (00000001 00000000 18 00)}");
    counts = finder_counted(noted->finder);
    g_assert_cmpuint(counts.frames, ==, 3);
    g_assert_cmpuint(counts.hellos, ==, 2);
    g_assert_cmpuint(noted->n_found, ==, 2);
    g_assert_cmpint(noted->how, ==, TLSFP_DTLS);
    finding_free(noted);
}

/** What has started and goes on in no packet is dropped for what comes later. */
static void test_dropped(void)
{
    const finder_limits limits = {.memory = 16 * 1024, .max_hello = 4096, .key = {{1, 2}}};
    finding *noted = finding_new(&limits);
    for (unsigned i = 0; i < 200; i++) {
        char *text =
            g_strdup_printf("{06 %04x 01bb 00000001 00000000 50 18 ffff 0000 0000 %%0-50%%}|"
                            "45 00 003c %04x 2000 40 11 0000 c0000201 c6336402 "
                            "9c40 01bb 0100 0000 %%0-32%%",
                            1000 + i, i);
        finding_add_text(noted, LINK_RAW, text);
        g_free(text);
    }
    g_assert_cmpuint(finder_counted(noted->finder).dropped, >, 300);
    g_assert_cmpuint(noted->n_found, ==, 0);
    finding_free(noted);
}

/** Messages that do not parse are no hellos. */
static void test_malformed(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW,
                     "{06 (00000001 00000000 18 16 0301 0008 01 000004 03030000)}");
    g_assert_cmpuint(noted->n_found, ==, 0);
    g_assert_cmpuint(finder_counted(noted->finder).hellos, ==, 0);
    finding_free(noted);
}

static void test_free_nothing(void)
{
    finder_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finder/counts", test_counts);
    g_test_add_func("/finder/dropped", test_dropped);
    g_test_add_func("/finder/malformed", test_malformed);
    g_test_add_func("/finder/free-nothing", test_free_nothing);
    return g_test_run();
}
