/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Every row of tests/vectors/hellos.ini: what a hello is, and each form of its fingerprints.
 */
#include <string.h>

#include "hello_vector.h"

typedef struct {
    GKeyFile *vectors;
    tlsfp_context *context;
    char *row;
} vector_case;

static const char *status_name(tlsfp_status status)
{
    static const char *const names[] = {"ok",        "more",      "not-hello",
                                        "malformed", "too-large", "unreadable"};
    return names[status];
}

/** Compares where the row has the key; returns whether it has. */
static bool check(const vector_case *test, const char *key, const char *value)
{
    char *expected = g_key_file_get_string(test->vectors, test->row, key, NULL);
    if (expected == NULL)
        return false;
    g_assert_cmpstr(value, ==, expected);
    g_free(expected);
    return true;
}

static unsigned check_ja3(const vector_case *test, const tlsfp_client_hello *hello)
{
    char ja3[TLSFP_JA3_SIZE];
    GString *text = g_string_new(NULL);
    tlsfp_ja3(test->context, hello, ja3);
    tlsfp_ja3_text(test->context, hello, text);
    unsigned n = check(test, "ja3", ja3) + check(test, "ja3_r", text->str);
    g_string_truncate(text, 0);
    tlsfp_ja3n(test->context, hello, ja3);
    tlsfp_ja3n_text(test->context, hello, text);
    n += check(test, "ja3n", ja3) + check(test, "ja3n_r", text->str);
    g_string_free(text, TRUE);
    return n;
}

static unsigned check_ja4(const vector_case *test, const tlsfp_client_hello *hello,
                          tlsfp_order order, const char *key, const char *raw_key)
{
    char ja4[TLSFP_JA4_SIZE];
    GString *text = g_string_new("kept ");
    tlsfp_ja4(test->context, hello, order, ja4);
    tlsfp_ja4_text(test->context, hello, order, text);
    g_assert_true(g_str_has_prefix(text->str, "kept "));
    unsigned n = 0;
    if (order == TLSFP_SORTED) {
        GString *part = g_string_new(NULL);
        tlsfp_append_part(ja4, TLSFP_KIND_JA4_BC, part);
        n = check(test, "ja4_bc", part->str);
        g_string_free(part, TRUE);
    }
    n += check(test, key, ja4) + check(test, raw_key, text->str + strlen("kept "));
    g_string_free(text, TRUE);
    return n;
}

static unsigned check_stable(const vector_case *test, const tlsfp_client_hello *hello)
{
    char stable[TLSFP_JA4_SIZE];
    GString *text = g_string_new("kept ");
    tlsfp_stable(test->context, hello, stable);
    tlsfp_stable_text(test->context, hello, text);
    g_assert_true(g_str_has_prefix(text->str, "kept "));
    unsigned n =
        check(test, "stable", stable) + check(test, "stable_r", text->str + strlen("kept "));
    g_string_free(text, TRUE);
    return n;
}

static void check_leftover(const vector_case *test, const tlsfp_client_hello *hello)
{
    if (g_key_file_has_key(test->vectors, test->row, "leftover", NULL))
        g_assert_cmpint(hello->leftover, ==,
                        g_key_file_get_boolean(test->vectors, test->row, "leftover", NULL));
    else
        g_assert_false(hello->leftover);
}

static void test_vector(gconstpointer data)
{
    const vector_case *test = (const vector_case *)data;
    GByteArray *bytes = message_of(test->vectors, test->row);
    uint8_t *block = g_memdup2(bytes->data, bytes->len); /* of exact size */
    tlsfp_client_hello hello = {.legacy_version = 0xbeef};
    tlsfp_status status = tlsfp_parse((tlsfp_span){block, bytes->len},
                                      transport_of(test->vectors, test->row), &hello);
    if (!check(test, "status", status_name(status)))
        g_assert_cmpstr(status_name(status), ==, "ok");
    if (status == TLSFP_OK) {
        check_leftover(test, &hello);
        unsigned n =
            check_ja3(test, &hello) + check_ja4(test, &hello, TLSFP_SORTED, "ja4", "ja4_r") +
            check_ja4(test, &hello, TLSFP_ORIGINAL, "ja4_o", "ja4_ro") + check_stable(test, &hello);
        g_assert_cmpuint(n, >=, 2); /* a row that checks nothing is a mistake */
    } else {
        g_assert_cmphex(hello.legacy_version, ==, 0xbeef); /* a failure leaves the output alone */
    }
    g_free(block);
    g_byte_array_free(bytes, TRUE);
}

/** JA3's README "JA3S". */
static void test_ja3s(gconstpointer data)
{
    const vector_case *test = (const vector_case *)data;
    GByteArray *message = bytes_of("02 00003d 0301");
    for (int i = 0; i < 32; i++)
        append_integer(message, 0x5a, 1);
    append_hex(message, "00 002f 00 0013 ff01 0001 00 0000 0000 000b 0002 0100 0023 0000");
    message->data[3] = (guint8)(message->len - 4);
    tlsfp_server_hello hello;
    g_assert_cmpint(
        tlsfp_parse_server((tlsfp_span){message->data, message->len}, TLSFP_TLS, &hello), ==,
        TLSFP_OK);
    g_assert_false(hello.leftover);
    char ja3s[TLSFP_JA3_SIZE];
    GString *text = g_string_new(NULL);
    tlsfp_ja3s(test->context, &hello, ja3s);
    tlsfp_ja3s_text(test->context, &hello, text);
    char *md5 = g_compute_checksum_for_string(G_CHECKSUM_MD5, "769,47,65281-0-11-35", -1);
    g_assert_cmpstr(text->str, ==, "769,47,65281-0-11-35");
    g_assert_cmpstr(ja3s, ==, md5);
    g_free(md5);
    g_string_free(text, TRUE);
    g_byte_array_free(message, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    GKeyFile *vectors = load_vectors();
    tlsfp_context *context = tlsfp_context_new();
    gsize n_rows;
    char **rows = g_key_file_get_groups(vectors, &n_rows);
    vector_case *cases = g_new0(vector_case, n_rows + 1);
    for (gsize i = 0; i < n_rows; i++) {
        cases[i] = (vector_case){vectors, context, rows[i]};
        char *path = g_strconcat("/fingerprint/", rows[i], NULL);
        g_test_add_data_func(path, &cases[i], test_vector);
        g_free(path);
    }
    cases[n_rows] = (vector_case){vectors, context, NULL};
    g_test_add_data_func("/fingerprint/ja3s", &cases[n_rows], test_ja3s);
    int status = g_test_run();
    g_free(cases);
    g_strfreev(rows);
    tlsfp_context_free(context);
    g_key_file_free(vectors);
    return status;
}
