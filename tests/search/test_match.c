/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/match.h"

#include <string.h>
#include <unistd.h>

#include "sample.h"

#define OTHER_JA4 "t13d1516h2_8daaf6152771_e5627efa2ab1"
#define OTHER_JA3 "00112233445566778899aabbccddeeff"
#define NO_EXTENSION ""

/** Criteria as on the command line, none where NULL; several of one kind are joined by spaces. */
typedef struct {
    const char *name;
    const char *ja4, *ja3, *sni, *file;
    const char *extensions; /* of the hello */
    bool fits;
} match_case;

static const match_case match_cases[] = {
    {"none", NULL, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4", SAMPLE_JA4, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-other", OTHER_JA4, NULL, NULL, NULL, SAMPLE_NAMED, false},
    {"ja4-one-of-two", OTHER_JA4 " " SAMPLE_JA4, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-a", SAMPLE_JA4_A, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-a-other", "t13d0202h2", NULL, NULL, NULL, SAMPLE_NAMED, false},
    {"ja4-b", SAMPLE_JA4_B, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-b-upper-case", "62ED6F6CA7AD", NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-c", SAMPLE_JA4_C, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-bc-other", "8daaf6152771", NULL, NULL, NULL, SAMPLE_NAMED, false},
    {"ja4_bc", SAMPLE_JA4_BC, NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4_bc-upper-case", "t12_62ED6F6CA7AD_000000000000", NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4_bc-other", "t13_62ed6f6ca7ad_000000000000", NULL, NULL, NULL, SAMPLE_NAMED, false},
    {"ja3n", NULL, SAMPLE_JA3, NULL, NULL, SAMPLE_SHUFFLED, true},
    {"ja3n-of-file", NULL, NULL, NULL, SAMPLE_JA3, SAMPLE_SHUFFLED, true},
    {"ja3n-glob", NULL, "862ca6bf9079*", NULL, NULL, SAMPLE_SHUFFLED, false},
    {"ja4-glob", "t12*_000000000000", NULL, NULL, NULL, SAMPLE_NAMED, true},
    {"ja4-glob-other", "t13*", NULL, NULL, NULL, SAMPLE_NAMED, false},
    {"ja4-glob-is-whole", "*_62ed6f6ca7ad", NULL, NULL, NULL, SAMPLE_NAMED, false},
    {"ja3", NULL, SAMPLE_JA3, NULL, NULL, SAMPLE_NAMED, true},
    {"ja3-other", NULL, OTHER_JA3, NULL, NULL, SAMPLE_NAMED, false},
    {"ja3-one-of-two", NULL, SAMPLE_JA3 " " OTHER_JA3, NULL, NULL, SAMPLE_NAMED, true},
    {"ja3-glob", NULL, "*", NULL, NULL, SAMPLE_NAMED, true},
    {"sni", NULL, NULL, "localhost", NULL, SAMPLE_NAMED, true},
    {"sni-upper-case", NULL, NULL, "LOCALHOST", NULL, SAMPLE_NAMED, true},
    {"sni-other", NULL, NULL, "local", NULL, SAMPLE_NAMED, false},
    {"sni-glob", NULL, NULL, "other L*T", NULL, SAMPLE_NAMED, true},
    {"sni-none", NULL, NULL, "*", NULL, NO_EXTENSION, false},
    {"sni-empty", NULL, NULL, "*", NULL, "0000 0000", true},
    {"sni-nul", NULL, NULL, "a", NULL, "0000 0007 0005 00 0002 6100", false},
    {"both-fit", SAMPLE_JA4, SAMPLE_JA3, "localhost", NULL, SAMPLE_NAMED, true},
    {"ja4-does-not", OTHER_JA4, SAMPLE_JA3, "localhost", NULL, SAMPLE_NAMED, false},
    {"ja3-does-not", SAMPLE_JA4, OTHER_JA3, "localhost", NULL, SAMPLE_NAMED, false},
    {"sni-does-not", SAMPLE_JA4, SAMPLE_JA3, "example", NULL, SAMPLE_NAMED, false},
    {"file-empty", NULL, NULL, NULL, "", SAMPLE_NAMED, false},
    {"file-ja4", NULL, NULL, NULL, SAMPLE_JA4 "\n", SAMPLE_NAMED, true},
    {"file-ja3", NULL, NULL, NULL, SAMPLE_JA3, SAMPLE_NAMED, true},
    {"file-any-line", NULL, NULL, NULL, OTHER_JA4 "\n" SAMPLE_JA3 "\n", SAMPLE_NAMED, true},
    {"file-part", NULL, NULL, NULL, SAMPLE_JA4_A "\n", SAMPLE_NAMED, true},
    {"file-glob", NULL, NULL, NULL, "t12*\n", SAMPLE_NAMED, true},
    {"file-other", NULL, NULL, NULL, OTHER_JA4 "\n" OTHER_JA3 "\n", SAMPLE_NAMED, false},
    {"file-comments", NULL, NULL, NULL, "# all\n\n  " SAMPLE_JA4 "\t# one\r\n", SAMPLE_NAMED, true},
    {"file-commented-out", NULL, NULL, NULL, "#" SAMPLE_JA4 "\n", SAMPLE_NAMED, false},
    {"file-byte-order-mark", NULL, NULL, NULL, "\xef\xbb\xbf" SAMPLE_JA4 "\r\n", SAMPLE_NAMED,
     true},
    {"file-and-ja4", OTHER_JA4, NULL, NULL, SAMPLE_JA4 "\n", SAMPLE_NAMED, false},
};

/** A file with this text; to be removed and freed. */
static char *make_file(const char *text)
{
    char *path;
    GError *error = NULL;
    int fd = g_file_open_tmp(NULL, &path, &error);
    g_assert_no_error(error);
    close(fd);
    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    return path;
}

static bool add_file(match *criteria, const char *text, GError **error)
{
    char *path = make_file(text);
    bool fine = match_add_file(criteria, path, error);
    unlink(path);
    g_free(path);
    return fine;
}

static bool add_sni(match *criteria, const char *value, GError **error)
{
    (void)error;
    g_assert_true(match_add_sni(criteria, value, NULL));
    return true;
}

static void add_all(match *criteria, const char *values,
                    bool (*add)(match *, const char *, GError **))
{
    char **list = g_strsplit(values != NULL ? values : "", " ", -1);
    GError *error = NULL;
    for (char **value = list; *value != NULL; value++)
        g_assert_true(add(criteria, *value, &error));
    g_assert_no_error(error);
    g_strfreev(list);
}

static void test_match(const void *data)
{
    const match_case *row = data;
    GError *error = NULL;
    match *criteria = match_new();
    sample *made = sample_new(row->extensions);
    add_all(criteria, row->ja4, match_add_ja4);
    add_all(criteria, row->ja3, match_add_ja3);
    add_all(criteria, row->sni, add_sni);
    if (row->file != NULL)
        g_assert_true(add_file(criteria, row->file, &error));
    g_assert_no_error(error);
    g_assert_cmpint(match_fits(criteria, &made->seen), ==, row->fits);
    sample_free(made);
    match_free(criteria);
}

/** Nothing is computed that is not needed. */
static void test_lazy(void)
{
    sample *made = sample_new(SAMPLE_NAMED);
    match *criteria = match_new();
    g_assert_true(match_fits(criteria, &made->seen));
    g_assert_true(match_add_sni(criteria, "localhost", NULL));
    g_assert_true(match_fits(criteria, &made->seen));
    g_assert_cmpstr(made->seen.ja4, ==, "");
    g_assert_true(match_add_ja4(criteria, SAMPLE_JA4, NULL));
    g_assert_true(match_fits(criteria, &made->seen));
    g_assert_cmpstr(made->seen.ja4, ==, SAMPLE_JA4);
    g_assert_cmpstr(made->seen.ja3, ==, "");
    match_free(criteria);
    sample_free(made);
}

/* What is refused. */
typedef struct {
    const char *name;
    bool (*add)(match *, const char *, GError **);
    const char *value;
    const char *expected; /* a part of the message */
} refused_case;

static const refused_case refused_cases[] = {
    {"ja4-empty", match_add_ja4, "", "no JA4"},
    {"ja4-short", match_add_ja4, "t13d", "'t13d' is no JA4"},
    {"ja4-is-a-ja3", match_add_ja4, OTHER_JA3, "no JA4"},
    {"ja4-first-letter", match_add_ja4, "x13d1516h2", "no JA4"},
    {"ja4-cut", match_add_ja4, "t13d1516h2_8daaf6152771_e5627efa2ab", "no JA4"},
    {"ja4-longer", match_add_ja4, OTHER_JA4 "0", "no JA4"},
    {"ja4-two-parts", match_add_ja4, "t13d1516h2_8daaf6152771", "no JA4"},
    {"ja4-no-hex", match_add_ja4, "8daaf615277g", "no JA4"},
    {"ja3-empty", match_add_ja3, "", "no JA3"},
    {"ja3-short", match_add_ja3, "0011", "'0011' is no JA3"},
    {"ja3-is-a-ja4", match_add_ja3, OTHER_JA4, "no JA3"},
    {"file-line", add_file, "# values\n\n" OTHER_JA3 "\nfoo bar # x\n", ", line 4: 'foo bar' "},
    {"file-first-line", add_file, "foo", ", line 1: 'foo'"},
};

static void test_refused(const void *data)
{
    const refused_case *row = data;
    GError *error = NULL;
    match *criteria = match_new();
    g_assert_false(row->add(criteria, row->value, &error));
    g_assert_nonnull(error);
    if (error != NULL)
        g_assert_nonnull(strstr(error->message, row->expected));
    g_clear_error(&error);
    match_free(criteria);
}

static void test_no_file(void)
{
    GError *error = NULL;
    match *criteria = match_new();
    g_assert_false(match_add_file(criteria, "/nowhere/values", &error));
    g_assert_nonnull(strstr(error->message, "/nowhere/values"));
    g_error_free(error);
    match_free(criteria);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(match_cases); i++) {
        char *path = g_strdup_printf("/match/%s", match_cases[i].name);
        g_test_add_data_func(path, &match_cases[i], test_match);
        g_free(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused_cases); i++) {
        char *path = g_strdup_printf("/match/refused/%s", refused_cases[i].name);
        g_test_add_data_func(path, &refused_cases[i], test_refused);
        g_free(path);
    }
    g_test_add_func("/match/lazy", test_lazy);
    g_test_add_func("/match/refused/no-file", test_no_file);
    return g_test_run();
}
