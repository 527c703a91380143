/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/tlsfp.h>

#include "exact_block.h"
#include "hello_vector.h"

#define HASHES "_8daaf6152771_e5627efa2ab1"
#define JA4 "t13d1516h2" HASHES
#define JA3 "ada70206e40642a3e4461f35503241d5"

typedef struct {
    const char *name;
    tlsfp_kind kind;
    const char *text;
    bool fits;
} fits_case;

static const fits_case fits_cases[] = {
    {"ja4", TLSFP_KIND_JA4, JA4, true},
    {"ja4-upper-case-hash", TLSFP_KIND_JA4, "t13d1516h2_8DAAF6152771_E5627EFA2AB1", true},
    {"ja4-quic", TLSFP_KIND_JA4, "q13i0000h3" HASHES, true},
    {"ja4-ssl-version", TLSFP_KIND_JA4, "ts3i010000" HASHES, true},
    {"ja4-empty", TLSFP_KIND_JA4, "", false},
    {"ja4-cut", TLSFP_KIND_JA4, "t13d1516h2_8daaf6152771_e5627efa2ab", false},
    {"ja4-longer", TLSFP_KIND_JA4, JA4 "0", false},
    {"ja4-transport", TLSFP_KIND_JA4, "x13d1516h2" HASHES, false},
    {"ja4-sni", TLSFP_KIND_JA4, "t13x1516h2" HASHES, false},
    {"ja4-not-hex", TLSFP_KIND_JA4, "t13d1516h2_8daaf615277g_e5627efa2ab1", false},
    {"ja4-joint", TLSFP_KIND_JA4, "t13d1516h2-8daaf6152771_e5627efa2ab1", false},
    {"ja4_o", TLSFP_KIND_JA4_O, JA4, true},
    {"stable", TLSFP_KIND_STABLE, JA4, true},
    {"ja4_a", TLSFP_KIND_JA4_A, "t13d1516h2", true},
    {"ja4_a-cut", TLSFP_KIND_JA4_A, "t13d1516h", false},
    {"ja4_a-longer", TLSFP_KIND_JA4_A, "t13d1516h2_", false},
    {"ja4_a-not-ascii", TLSFP_KIND_JA4_A, "t13d1516\xc3\xa4", false},
    {"ja4_b", TLSFP_KIND_JA4_B, "8daaf6152771", true},
    {"ja4_c", TLSFP_KIND_JA4_C, "e5627efa2ab1", true},
    {"ja4_c-not-hex", TLSFP_KIND_JA4_C, "t5627efa2ab1", false},
    {"ja4_bc", TLSFP_KIND_JA4_BC, "t13" HASHES, true},
    {"ja4_bc-part-a", TLSFP_KIND_JA4_BC, JA4, false},
    {"ja4_bc-cut", TLSFP_KIND_JA4_BC, "t13_8daaf6152771", false},
    {"ja4_bc-transport-alone", TLSFP_KIND_JA4_BC, "t", false},
    {"ja4_r", TLSFP_KIND_JA4_R, "t13d1516h2_002f,0035_0005_0403", true},
    {"ja4_r-empty-lists", TLSFP_KIND_JA4_R, "t13i000000__", true},
    {"ja4_r-no-lists", TLSFP_KIND_JA4_R, "t13d1516h2_", false},
    {"ja4_r-of-hashes", TLSFP_KIND_JA4_R, "t13d1517h2_8daaf6152771_cb7bf5808d9", false},
    {"ja4_r-three-digits", TLSFP_KIND_JA4_R, "t13d1516h2_002f,035_0005_0403", false},
    {"ja4_ro", TLSFP_KIND_JA4_RO, "t13d1516h2_002f,0035_0005_0403", true},
    {"ja4_ro-other", TLSFP_KIND_JA4_RO, "t13d1516h2_002f;0035", false},
    {"stable_r", TLSFP_KIND_STABLE_R, "t13d1516h2_002f,0035_0005_0403", true},
    {"ja3", TLSFP_KIND_JA3, JA3, true},
    {"ja3-upper-case", TLSFP_KIND_JA3, "ADA70206E40642A3E4461F35503241D5", true},
    {"ja3-cut", TLSFP_KIND_JA3, "ada70206e40642a3e4461f35503241d", false},
    {"ja3n", TLSFP_KIND_JA3N, JA3, true},
    {"ja3s", TLSFP_KIND_JA3S, JA3, true},
    {"ja3_r", TLSFP_KIND_JA3_R, "769,47-53,0-10-11,23,0", true},
    {"ja3_r-empty", TLSFP_KIND_JA3_R, "", false},
    {"ja3_r-hex", TLSFP_KIND_JA3_R, "769,4f", false},
    {"ja3n_r", TLSFP_KIND_JA3N_R, "769,47-53,0-10-11,23,0", true},
    {"ja3s_r", TLSFP_KIND_JA3S_R, "769,47,0-11", true},
    {"no-kind", TLSFP_N_KINDS, JA4, false},
};

static void test_fits(gconstpointer data)
{
    const fits_case *row = (const fits_case *)data;
    char *exact = g_strdup(row->text); /* a block of its own: AddressSanitizer sees its end */
    g_assert_cmpint(tlsfp_kind_fits(row->kind, exact), ==, row->fits);
    tlsfp_span block = exact_block((tlsfp_span){(const uint8_t *)row->text, strlen(row->text)});
    g_assert_cmpint(tlsfp_kind_fits_bytes(row->kind, block), ==, row->fits);
    exact_block_free(block);
    g_free(exact);
}

static void test_names(void)
{
    for (unsigned kind = 0; kind < TLSFP_N_KINDS; kind++) {
        tlsfp_kind found = TLSFP_N_KINDS;
        g_assert_nonnull(tlsfp_kind_name((tlsfp_kind)kind));
        g_assert_true(tlsfp_kind_named(tlsfp_kind_name((tlsfp_kind)kind), &found));
        g_assert_cmpint(found, ==, kind);
    }
    tlsfp_kind untouched = TLSFP_KIND_JA3S_R;
    g_assert_false(tlsfp_kind_named("", &untouched));
    g_assert_false(tlsfp_kind_named("ja4_d", &untouched));
    g_assert_cmpint(untouched, ==, TLSFP_KIND_JA3S_R);
}

static void test_fold(void)
{
    static const struct {
        tlsfp_kind kind;
        const char *value, *folded;
    } rows[] = {
        {TLSFP_KIND_JA4, "t13d1516H2_8DAAF6152771_E5627EFA2AB1", "t13d1516H2" HASHES},
        {TLSFP_KIND_JA4_A, "t13d1516H2", "t13d1516H2"},
        {TLSFP_KIND_JA4_BC, "t13_8DAAF6152771_E5627EFA2AB1", "t13" HASHES},
        {TLSFP_KIND_JA4_B, "8DAAF6152771", "8daaf6152771"},
        {TLSFP_KIND_JA3N, "ADA70206E40642A3E4461F35503241D5", JA3},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *value = g_strdup(rows[i].value);
        tlsfp_kind_fold(rows[i].kind, value);
        g_assert_cmpstr(value, ==, rows[i].folded);
        g_free(value);
    }
}

static void test_parts(void)
{
    static const struct {
        tlsfp_kind kind;
        const char *expected;
    } rows[] = {
        {TLSFP_KIND_JA4, JA4},
        {TLSFP_KIND_JA4_A, "t13d1516h2"},
        {TLSFP_KIND_JA4_B, "8daaf6152771"},
        {TLSFP_KIND_JA4_C, "e5627efa2ab1"},
        {TLSFP_KIND_JA4_BC, "t13" HASHES},
    };
    unsigned n_parts = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GString *out = g_string_new("kept ");
        g_assert_true(tlsfp_kind_is_part(rows[i].kind));
        tlsfp_append_part(JA4, rows[i].kind, out);
        g_assert_true(g_str_has_prefix(out->str, "kept "));
        g_assert_cmpstr(out->str + strlen("kept "), ==, rows[i].expected);
        g_assert_true(tlsfp_kind_fits(rows[i].kind, rows[i].expected));
        g_string_free(out, TRUE);
    }
    for (unsigned kind = 0; kind < TLSFP_N_KINDS; kind++)
        n_parts += tlsfp_kind_is_part((tlsfp_kind)kind);
    g_assert_cmpuint(n_parts, ==, G_N_ELEMENTS(rows));
    g_assert_cmpuint(strlen(rows[4].expected), ==, TLSFP_JA4_BC_LEN);
    g_assert_cmpuint(strlen(JA4), ==, TLSFP_JA4_LEN);
}

/** Of each vector: a value fits its kind, and hashes are those of raw forms. */
static void check_values(tlsfp_context *context, const tlsfp_client_hello *hello)
{
    char *values[TLSFP_N_CLIENT_KINDS];
    for (unsigned kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        GString *out = g_string_new(NULL);
        tlsfp_append_value(context, hello, (tlsfp_kind)kind, out);
        values[kind] = g_string_free(out, FALSE);
        g_assert_true(tlsfp_kind_fits((tlsfp_kind)kind, values[kind]));
    }
    static const tlsfp_kind md5s[][2] = {
        {TLSFP_KIND_JA3, TLSFP_KIND_JA3_R},
        {TLSFP_KIND_JA3N, TLSFP_KIND_JA3N_R},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(md5s); i++) {
        char *md5 = g_compute_checksum_for_string(G_CHECKSUM_MD5, values[md5s[i][1]], -1);
        g_assert_cmpstr(values[md5s[i][0]], ==, md5);
        g_free(md5);
    }
    char *joined = g_strjoin("_", values[TLSFP_KIND_JA4_A], values[TLSFP_KIND_JA4_B],
                             values[TLSFP_KIND_JA4_C], NULL);
    g_assert_cmpstr(values[TLSFP_KIND_JA4], ==, joined);
    g_free(joined);
    for (unsigned kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++)
        g_free(values[kind]);
}

static void test_values(void)
{
    GKeyFile *vectors = load_vectors();
    tlsfp_context *context = tlsfp_context_new();
    gsize n_rows, n_checked = 0;
    char **rows = g_key_file_get_groups(vectors, &n_rows);
    for (gsize i = 0; i < n_rows; i++) {
        GByteArray *message = message_of(vectors, rows[i]);
        tlsfp_client_hello hello;
        if (tlsfp_parse((tlsfp_span){message->data, message->len}, transport_of(vectors, rows[i]),
                        &hello) == TLSFP_OK) {
            check_values(context, &hello);
            n_checked++;
        }
        g_byte_array_free(message, TRUE);
    }
    g_assert_cmpuint(n_checked, >, 20);
    g_strfreev(rows);
    tlsfp_context_free(context);
    g_key_file_free(vectors);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(fits_cases); i++) {
        char *path = g_strconcat("/kinds/fits/", fits_cases[i].name, NULL);
        g_test_add_data_func(path, &fits_cases[i], test_fits);
        g_free(path);
    }
    g_test_add_func("/kinds/names", test_names);
    g_test_add_func("/kinds/fold", test_fold);
    g_test_add_func("/kinds/parts", test_parts);
    g_test_add_func("/kinds/values", test_values);
    return g_test_run();
}
