/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/sorter.h"

#include <errno.h>
#include <string.h>

enum { ENOUGH = 1000000 };

typedef struct {
    const char *name;
    int (*compare)(const counted_line *a, const counted_line *b);
    const char *lines; /* count and text, joined by spaces */
    const char *expected;
} sorter_case;

static const sorter_case sorter_cases[] = {
    {"none", by_text, "", ""},
    {"text", by_text, "1b 2a 3c", "2a 1b 3c "},
    {"text-sums", by_text, "1b 2a 3b 4b", "2a 8b "},
    {"text-prefix", by_text, "1ab 1a 1abc 1", "1 1a 1ab 1abc "},
    {"text-bytes", by_text, "1\xc3 1a 1B", "1B 1a 1\xc3 "},
    {"count", by_count, "1b 3a 2c", "3a 2c 1b "},
    {"count-equal", by_count, "1b 1c 1a", "1c 1b 1a "},
};

static bool append_line(const counted_line *line, void *data)
{
    GString *out = data;
    g_string_append_printf(out, "%u", (unsigned)line->count);
    g_string_append_len(out, line->text, (gssize)line->len);
    g_string_append_c(out, ' ');
    return true;
}

static void add_lines(line_sorter *sorter, const char *lines)
{
    char **words = g_strsplit(lines, " ", -1);
    for (char **word = words; *word != NULL; word++) {
        const counted_line line = {(uint64_t)(**word - '0'), strlen(*word) - 1, *word + 1};
        g_assert_true(sorter_add(sorter, &line));
    }
    g_strfreev(words);
}

/** In memory; every line in a file of its own. */
static void test_sorter(gconstpointer data)
{
    const sorter_case *row = data;
    for (size_t memory = 0; memory <= ENOUGH; memory += ENOUGH) {
        line_sorter *sorter = sorter_new(row->compare, memory);
        GString *out = g_string_new(NULL);
        if (*row->lines != '\0')
            add_lines(sorter, row->lines);
        g_assert_true(sorter_each(sorter, append_line, out));
        g_assert_cmpstr(out->str, ==, row->expected);
        g_assert_true(sorter_each(sorter, append_line, out)); /* nothing is left */
        g_assert_cmpstr(out->str, ==, row->expected);
        g_string_free(out, TRUE);
        sorter_free(sorter);
    }
    sorter_free(NULL);
}

/** More files than are merged at a time, twice over; and lines longer than a buffer. */
static void test_many_files(void)
{
    enum { N = 600, LONG = 100000 };
    line_sorter *sorter = sorter_new(by_text, 1), *whole = sorter_new(by_text, ENOUGH);
    GString *out = g_string_new(NULL), *expected = g_string_new(NULL);
    char *text = g_malloc0(LONG + 1);
    memset(text, 'x', LONG);
    for (unsigned i = 0; i < N; i++) {
        char name[16];
        size_t len = (size_t)g_snprintf(name, sizeof name, "%u", i * 37 % 101);
        const counted_line line = {i, len, name};
        g_assert_true(sorter_add(sorter, &line));
        g_assert_true(sorter_add(whole, &line));
    }
    for (unsigned i = 0; i < 3; i++) {
        const counted_line line = {1, LONG - i % 2, text};
        g_assert_true(sorter_add(sorter, &line));
        g_assert_true(sorter_add(whole, &line));
    }
    g_assert_true(sorter_each(sorter, append_line, out));
    g_assert_true(sorter_each(whole, append_line, expected));
    g_assert_cmpstr(out->str, ==, expected->str);
    g_string_free(out, TRUE);
    g_string_free(expected, TRUE);
    g_free(text);
    sorter_free(sorter);
    sorter_free(whole);
}

static void try_to_spill(void)
{
    line_sorter *sorter = sorter_new(by_text, 1);
    const counted_line line = {1, 1, "a"};
    g_assert_false(sorter_add(sorter, &line));
    g_assert_cmpint(errno, ==, ENOENT);
    sorter_free(sorter);
}

static void test_no_folder(void)
{
    if (g_test_subprocess()) {
        try_to_spill();
        return;
    }
    g_setenv("TMPDIR", "/no/such/folder", TRUE);
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_unsetenv("TMPDIR");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sorter_cases); i++) {
        char *path = g_strdup_printf("/sorter/%s", sorter_cases[i].name);
        g_test_add_data_func(path, &sorter_cases[i], test_sorter);
        g_free(path);
    }
    g_test_add_func("/sorter/many-files", test_many_files);
    g_test_add_func("/sorter/no-folder", test_no_folder);
    return g_test_run();
}
