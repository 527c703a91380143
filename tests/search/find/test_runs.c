/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/runs.h"

#include <string.h>

#include "exact_block.h"
#include "growth.h"
#include "writer.h"

enum { LARGEST = 4096, OF_A_RUN = 200 };

/** Adds "OFFSET:BYTES". */
static run_added add(struct runs *runs, const char *text)
{
    char *bytes;
    uint32_t offset = (uint32_t)g_ascii_strtoull(text, &bytes, 10);
    bytes++;
    tlsfp_span block = exact_block((tlsfp_span){(uint8_t *)bytes, strlen(bytes)});
    run_added added = runs_add(runs, offset, block);
    exact_block_free(block);
    return added;
}

typedef struct {
    const char *name;
    const char *parts[5]; /* all but the last one are new */
    run_added last;
    const char *bytes;
} runs_case;

static const runs_case runs_cases[] = {
    {"one", {"3:abc"}, RUN_NEW, "abc"},
    {"behind", {"0:ab", "2:cd", "4:e"}, RUN_NEW, "abcde"},
    {"in-front", {"2:cd", "0:ab"}, RUN_NEW, "abcd"},
    {"between", {"0:a", "2:c", "1:b"}, RUN_NEW, "abc"},
    {"holes", {"10:c", "0:a", "5:b"}, RUN_NEW, "abc"},
    {"again", {"0:ab", "0:AB"}, RUN_AGAIN, "ab"},
    {"a-part-again", {"0:abcd", "1:BC"}, RUN_AGAIN, "abcd"},
    {"a-run-again", {"0:ab", "2:cd", "0:ABCD"}, RUN_AGAIN, "abcd"},
    {"across-a-run", {"0:ab", "2:cd", "1:BC"}, RUN_AGAIN, "abcd"},
    {"two-runs", {"2:cd", "0:ab", "0:ABCD"}, RUN_OVERLAP, "abcd"},
    {"across-two-runs", {"2:cd", "0:ab", "1:BC"}, RUN_OVERLAP, "abcd"},
    {"over-the-end", {"0:ab", "1:bc"}, RUN_OVERLAP, "ab"},
    {"over-the-start", {"1:bc", "0:ab"}, RUN_OVERLAP, "bc"},
    {"around", {"1:b", "0:abc"}, RUN_OVERLAP, "b"},
    {"into-a-hole", {"0:a", "3:d", "0:ab"}, RUN_OVERLAP, "ad"},
    {"in-a-hole", {"0:a", "9:j", "4:ef"}, RUN_NEW, "aefj"},
    {"behind-in-front", {"9:j", "0:a", "1:b"}, RUN_NEW, "abj"},
};

static void test_add(const void *data)
{
    const runs_case *row = data;
    struct runs *runs = runs_new();
    size_t empty = runs_memory(runs);
    for (const char *const *part = row->parts; *part != NULL; part++)
        g_assert_cmpint(add(runs, *part), ==, part[1] == NULL ? row->last : RUN_NEW);
    char bytes[16] = "";
    g_assert_cmpuint(runs_bytes(runs), ==, strlen(row->bytes));
    runs_copy(runs, (uint8_t *)bytes);
    g_assert_cmpstr(bytes, ==, row->bytes);
    g_assert_cmpuint(runs_memory(runs), >=, empty + strlen(row->bytes));
    runs_free(runs);
}

/** A run that grows holds at most twice its bytes. */
static void test_memory(void)
{
    struct runs *runs = runs_new();
    size_t empty = runs_memory(runs);
    for (unsigned i = 0; i < LARGEST; i++) {
        g_assert_cmpint(runs_add(runs, i, SPAN("a")), ==, RUN_NEW);
        g_assert_cmpuint(runs_memory(runs), <=, empty + OF_A_RUN + 2 * (size_t)(i + 1));
    }
    runs_free(runs);
    runs_free(NULL);
}

static void add_ascending(unsigned n)
{
    struct runs *runs = runs_new();
    for (unsigned i = 0; i < n; i++)
        (void)runs_add(runs, i, SPAN("a"));
    runs_free(runs);
}

static void add_descending(unsigned n)
{
    struct runs *runs = runs_new();
    for (unsigned i = n; i-- > 0;)
        (void)runs_add(runs, i, SPAN("a"));
    runs_free(runs);
}

static void test_cost(void)
{
    assert_linear(add_ascending, 10000);
    assert_linear(add_descending, 5000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(runs_cases); i++) {
        char *path = g_strdup_printf("/runs/add/%s", runs_cases[i].name);
        g_test_add_data_func(path, &runs_cases[i], test_add);
        g_free(path);
    }
    g_test_add_func("/runs/memory", test_memory);
    g_test_add_func("/runs/cost", test_cost);
    return g_test_run();
}
