/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/tally.h"

#include <glib/gstdio.h>
#include <string.h>

enum { ENOUGH = 1000000, SEED = 20180514 }; /* of the random lines: the same in every run */

typedef struct {
    const char *name;
    const char *lines; /* joined by spaces */
    const char *expected;
} tally_case;

static const tally_case tally_cases[] = {
    {"none", NULL, ""},
    {"one", "a", "      1 a\n"},
    {"twice", "a a", "      2 a\n"},
    {"most-first", "a b b", "      2 b\n      1 a\n"},
    {"equal-greatest-first", "a c b", "      1 c\n      1 b\n      1 a\n"},
    {"prefix", "ab a abc", "      1 abc\n      1 ab\n      1 a\n"},
    {"bytes-not-letters", "a B \xc3\xa4", "      1 \xc3\xa4\n      1 a\n      1 B\n"},
    {"empty-line", "a  ", "      2 \n      1 a\n"},
    {"eight-bytes", "12345678 12345678 123456780", "      2 12345678\n      1 123456780\n"},
};

static const tlsfp_hash_key key = {{1, 2}};

static void add_line(line_tally *counts, const char *line)
{
    tally_add(counts, line, strlen(line));
}

static void add_lines(line_tally *counts, const char *lines)
{
    if (lines == NULL)
        return;
    char **list = g_strsplit(lines, " ", -1);
    for (char **line = list; *line != NULL; line++)
        add_line(counts, *line);
    g_strfreev(list);
}

static void append_line(const char *line, size_t len, void *out)
{
    g_string_append_len(out, line, (gssize)len);
}

static void assert_prints(line_tally *counts, const char *expected)
{
    GString *out = g_string_new(NULL);
    g_assert_true(tally_print(counts, append_line, out));
    g_assert_cmpstr(out->str, ==, expected);
    g_string_free(out, TRUE);
}

static void test_tally(const void *data)
{
    const tally_case *row = data;
    line_tally *counts = tally_new(&key, ENOUGH);
    add_lines(counts, row->lines);
    assert_prints(counts, row->expected);
    tally_free(counts);
}

static void test_merge(void)
{
    line_tally *counts = tally_new(&key, ENOUGH), *other = tally_new(&key, ENOUGH);
    add_lines(counts, "a b b");
    add_lines(other, "a a a b c");
    g_assert_true(tally_move(counts, other));
    assert_prints(other, "");
    tally_free(other);
    assert_prints(counts, "      4 a\n      3 b\n      1 c\n");
    tally_free(counts);
}

/** Lines that do not fit into memory: the same text, and no more memory for twice as many. */
static void test_spilled(void)
{
    line_tally *small = tally_new(&key, 2000), *large = tally_new(&key, ENOUGH * 100);
    line_tally *batch = tally_new(&key, 500);
    GString *expected = g_string_new(NULL), *printed = g_string_new(NULL);
    for (unsigned i = 0; i < 30000; i++) {
        char line[32];
        g_snprintf(line, sizeof line, "%u", i * 7919 % 5003 * (i % 3));
        add_line(large, line);
        add_line(batch, line);
        if (tally_is_full(batch))
            g_assert_true(tally_move(small, batch));
    }
    g_assert_true(tally_move(small, batch));
    g_assert_true(tally_print(large, append_line, expected));
    g_assert_true(tally_print(small, append_line, printed));
    g_assert_cmpstr(printed->str, ==, expected->str);
    g_string_free(expected, TRUE);
    g_string_free(printed, TRUE);
    tally_free(small);
    tally_free(large);
    tally_free(batch);
}

static void test_wide(void)
{
    line_tally *counts = tally_new(&key, ENOUGH);
    for (int i = 0; i < 12345678; i++)
        tally_add(counts, "a", 1);
    assert_prints(counts, "12345678 a\n");
    tally_free(counts);
}

/** What the shell makes of the same lines. */
static void test_against_sort(void)
{
    const char *const argv[] = {"sh", "-c", "sort \"$1\" | uniq -c | sort -nr", "sh", NULL, NULL};
    const char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin:/bin", NULL};
    const char **command = g_memdup2(argv, sizeof argv);
    char *path, *sorted;
    GError *error = NULL;
    GRand *random = g_rand_new_with_seed(SEED);
    GString *lines = g_string_new(NULL);
    line_tally *counts = tally_new(&key, ENOUGH);
    for (int i = 0; i < 20000; i++) {
        char line[16];
        g_snprintf(line, sizeof line, "%x %c", g_rand_int_range(random, 0, 2000),
                   g_rand_int_range(random, 33, 127));
        add_line(counts, line);
        g_string_append_printf(lines, "%s\n", line);
    }
    int fd = g_file_open_tmp(NULL, &path, &error);
    g_assert_no_error(error);
    g_assert_true(g_close(fd, NULL));
    g_assert_true(g_file_set_contents(path, lines->str, (gssize)lines->len, NULL));
    command[4] = path;
    g_assert_true(g_spawn_sync(NULL, (char **)command, (char **)environment, G_SPAWN_SEARCH_PATH,
                               NULL, NULL, &sorted, NULL, NULL, &error));
    g_assert_no_error(error);
    assert_prints(counts, sorted);
    g_unlink(path);
    g_free(path);
    g_free(sorted);
    g_free(command);
    tally_free(counts);
    g_string_free(lines, TRUE);
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(tally_cases); i++) {
        char *path = g_strdup_printf("/tally/%s", tally_cases[i].name);
        g_test_add_data_func(path, &tally_cases[i], test_tally);
        g_free(path);
    }
    g_test_add_func("/tally/merge", test_merge);
    g_test_add_func("/tally/spilled", test_spilled);
    g_test_add_func("/tally/wide", test_wide);
    g_test_add_func("/tally/against-sort", test_against_sort);
    return g_test_run();
}
