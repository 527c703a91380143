/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/glob.h"

#include <string.h>

#include "exact_block.h"

typedef struct {
    const char *name;
    const char *pattern, *text;
    bool fits;
} glob_case;

static const glob_case glob_cases[] = {
    {"empty", "", "", true},
    {"empty-pattern", "", "a", false},
    {"empty-text", "a", "", false},
    {"same", "abc", "abc", true},
    {"prefix", "ab", "abc", false},
    {"longer", "abcd", "abc", false},
    {"case", "abc", "ABC", false},
    {"star", "*", "abc", true},
    {"star-nothing", "*", "", true},
    {"stars", "***", "", true},
    {"star-front", "*c", "abc", true},
    {"star-back", "a*", "abc", true},
    {"star-back-nothing", "abc*", "abc", true},
    {"star-middle", "a*c", "abbbc", true},
    {"star-middle-nothing", "a*c", "ac", true},
    {"star-not", "a*d", "abc", false},
    {"star-again", "*ab", "aaab", true},
    {"star-again-later", "*a*b*c", "xaxbxbxc", true},
    {"star-last-taken", "*a", "ba", true},
    {"star-not-twice", "*aa*", "abab", false},
    {"one", "a?c", "abc", true},
    {"one-not-none", "ab?", "ab", false},
    {"one-not-two", "a?", "abc", false},
    {"set", "[abc]", "b", true},
    {"set-not", "[abc]", "d", false},
    {"set-range", "[a-c]x", "bx", true},
    {"set-range-ends", "[a-c][a-c]", "ac", true},
    {"set-range-not", "[a-c]", "d", false},
    {"set-inverted", "[!a-c]", "d", true},
    {"set-inverted-not", "[!a-c]", "b", false},
    {"set-inverted-caret", "[^a]", "b", true},
    {"set-bracket", "[]]", "]", true},
    {"set-bracket-inverted", "[!]]", "]", false},
    {"set-dash-last", "[a-]", "-", true},
    {"set-star", "[*]", "*", true},
    {"set-star-not", "[*]", "a", false},
    {"set-needs-one", "[a]", "", false},
    {"set-open", "[ab", "[ab", true},
    {"set-open-inverted", "[!", "[!", true},
    {"set-open-alone", "[", "[", true},
    {"escaped-star", "\\*", "*", true},
    {"escaped-star-not", "\\*", "a", false},
    {"escaped-bracket", "\\[a]", "[a]", true},
    {"backslash-last", "a\\", "a\\", true},
    {"high-byte", "?\xff", "\xfe\xff", true},
    {"high-range", "[\x80-\xff]", "\xc3", true},
    {"ja4", "t13d*_8daaf6152771_*", "t13d1516h2_8daaf6152771_e5627efa2ab1", true},
    {"ja4-not", "t13d*_8daaf6152771_*", "t13d1516h2_8daaf6152772_e5627efa2ab1", false},
};

static tlsfp_span exact(const char *text)
{
    return exact_block((tlsfp_span){(const uint8_t *)text, strlen(text)});
}

static void test_glob(const void *data)
{
    const glob_case *row = data;
    tlsfp_span text = exact(row->text);
    g_assert_cmpint(glob_fits(row->pattern, text), ==, row->fits);
    exact_block_free(text);
}

static void test_any_case(void)
{
    tlsfp_span text = exact("WWW.Example.COM");
    g_assert_true(glob_fits_any_case("*.example.com", text));
    g_assert_true(glob_fits_any_case("[v-x]ww.*", text));
    g_assert_false(glob_fits("*.example.com", text));
    exact_block_free(text);
}

/** A text without end marks, and with NULs. */
static void test_nul(void)
{
    const uint8_t text[] = {'a', 0, 'b'};
    g_assert_true(glob_fits("a?b", (tlsfp_span){text, sizeof text}));
    g_assert_false(glob_fits("a", (tlsfp_span){text, sizeof text}));
    g_assert_true(glob_fits("*", (tlsfp_span){NULL, 0}));
}

/** What would take for ever if every '*' was tried again. */
static void test_hard(void)
{
    char *text = g_strnfill(65535, 'a');
    const tlsfp_span bytes = {(const uint8_t *)text, 65535};
    g_assert_false(glob_fits("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", bytes));
    g_free(text);
}

static void test_is_glob(void)
{
    g_assert_false(is_glob("t13d1516h2_8daaf6152771_e5627efa2ab1"));
    g_assert_false(is_glob(""));
    g_assert_true(is_glob("a*"));
    g_assert_true(is_glob("?"));
    g_assert_true(is_glob("[a]"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(glob_cases); i++) {
        char *path = g_strdup_printf("/glob/%s", glob_cases[i].name);
        g_test_add_data_func(path, &glob_cases[i], test_glob);
        g_free(path);
    }
    g_test_add_func("/glob/any-case", test_any_case);
    g_test_add_func("/glob/nul", test_nul);
    g_test_add_func("/glob/hard", test_hard);
    g_test_add_func("/glob/is-glob", test_is_glob);
    return g_test_run();
}
