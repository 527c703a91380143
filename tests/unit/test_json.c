/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/json.h>

#include "exact_block.h"
#include "hello_vector.h"
#include "writer.h"

/* The extension block of a hello, and what JSON says of it. */
typedef struct {
    const char *name;
    const char *extensions; /* in hex: type, length, body */
    const char *expected;
} data_case;

#define WITH(extensions, name, formats, groups, alpn, algorithms, versions)                        \
    "{\"protocol_version\":\"0303\",\"cipher_suites\":[\"0a0a\",\"1302\",\"1301\"],"               \
    "\"extensions\":" extensions ",\"server_name\":" name ",\"ec_point_formats\":" formats         \
    ",\"supported_groups\":" groups ",\"alpn\":" alpn ",\"signature_algorithms\":" algorithms      \
    ",\"supported_versions\":" versions "}"

static const data_case data_cases[] = {
    {"nothing", "", WITH("[]", "null", "[]", "[]", "[]", "[]", "[]")},
    {"types-as-sent", "00170000 3a3a0000 00170000 00050000",
     WITH("[\"0017\",\"3a3a\",\"0017\",\"0005\"]", "null", "[]", "[]", "[]", "[]", "[]")},
    {"server-name", "0000 000e 000c 00 0009 6c6f63616c686f7374",
     WITH("[\"0000\"]", "\"6c6f63616c686f7374\"", "[]", "[]", "[]", "[]", "[]")},
    {"server-name-without-utf-8", "0000 0007 0005 00 0002 ff00",
     WITH("[\"0000\"]", "\"ff00\"", "[]", "[]", "[]", "[]", "[]")},
    {"empty-server-name", "0000 0000", WITH("[\"0000\"]", "\"\"", "[]", "[]", "[]", "[]", "[]")},
    {"ec-point-formats", "000b 0004 03 000102",
     WITH("[\"000b\"]", "null", "[\"00\",\"01\",\"02\"]", "[]", "[]", "[]", "[]")},
    {"supported-groups", "000a 0006 0004 dada 001d",
     WITH("[\"000a\"]", "null", "[]", "[\"dada\",\"001d\"]", "[]", "[]", "[]")},
    {"alpn", "0010 0010 000e 02 6832 08 687474702f312e31 01 ff",
     WITH("[\"0010\"]", "null", "[]", "[]", "[\"6832\",\"687474702f312e31\",\"ff\"]", "[]", "[]")},
    {"signature-algorithms", "000d 0006 0004 0804 0403",
     WITH("[\"000d\"]", "null", "[]", "[]", "[]", "[\"0804\",\"0403\"]", "[]")},
    {"supported-versions", "002b 0007 06 7a7a 0304 0303",
     WITH("[\"002b\"]", "null", "[]", "[]", "[]", "[]", "[\"7a7a\",\"0304\",\"0303\"]")},
    {"half-a-value", "000a 0005 0003 001d 00",
     WITH("[\"000a\"]", "null", "[]", "[\"001d\"]", "[]", "[]", "[]")},
};

/** A hello message with these extensions; to be freed with exact_block_free(). */
static tlsfp_span message_with(const char *extensions)
{
    GByteArray *bytes = g_byte_array_new();
    put_hex(bytes, "01");
    size_t message = begin_vector(bytes, 3);
    put_hex(bytes, "0303");
    put_times(bytes, 32, 0x5a);
    put_hex(bytes, "00 0006 0a0a 1302 1301 01 00");
    size_t block = begin_vector(bytes, 2);
    put_hex(bytes, extensions);
    end_vector(bytes, 2, block);
    end_vector(bytes, 3, message);
    tlsfp_span exact = exact_block(span_of(bytes));
    g_byte_array_unref(bytes);
    return exact;
}

/** What was appended is the JSON; frees @p out. */
static void assert_json(GString *out, const char *expected)
{
    g_assert_true(g_str_has_prefix(out->str, "kept "));
    g_assert_cmpstr(out->str + strlen("kept "), ==, expected);
    g_assert_cmpuint(strlen(out->str), ==, out->len);
    g_string_free(out, TRUE);
}

static void test_data(const void *data)
{
    const data_case *row = data;
    tlsfp_span message = message_with(row->extensions);
    tlsfp_client_hello hello;
    g_assert_cmpint(tlsfp_parse(message, TLSFP_TLS, &hello), ==, TLSFP_OK);
    GString *out = g_string_new("kept ");
    tlsfp_append_json_tls_data(&hello, out);
    assert_json(out, row->expected);
    exact_block_free(message);
}

/** The hashes are those that coreutils' md5sum and sha256sum give of the texts. */
static void test_fingerprints(void)
{
    tlsfp_span message = message_with("0000 0006 0004 00 0001 61 0010 0005 0003 02 6832");
    tlsfp_client_hello hello;
    tlsfp_context *context = tlsfp_context_new();
    g_assert_cmpint(tlsfp_parse(message, TLSFP_TLS, &hello), ==, TLSFP_OK);
    GString *out = g_string_new("kept ");
    tlsfp_append_json_tls_fingerprints(context, &hello, out);
    assert_json(
        out, "{\"ja3_r\":\"771,4866-4865,0-16,,\",\"ja3\":\"862ca6bf907910100971746431127f7d\","
             "\"ja3n_r\":\"771,4866-4865,0-16,,\",\"ja3n\":\"862ca6bf907910100971746431127f7d\","
             "\"ja4_r\":\"t12d0202h2_1301,1302_\",\"ja4\":\"t12d0202h2_62ed6f6ca7ad_000000000000\","
             "\"ja4_bc\":\"t12_62ed6f6ca7ad_000000000000\","
             "\"ja4_ro\":\"t12d0202h2_1302,1301_0000,0010\",\"ja4_o\":\"t12d0202h2_dab8922e3c39_"
             "a2cf1a00988d\","
             "\"stable_r\":\"t12d0202h2_1301,1302_\",\"stable\":\"t12d0202h2_62ed6f6ca7ad_"
             "000000000000\"}");
    tlsfp_context_free(context);
    exact_block_free(message);
}

/** Of each vector: each key has the value of its kind, whatever is computed from what. */
static void test_vectors(void)
{
    static const tlsfp_kind kinds[] = {
        TLSFP_KIND_JA3_R, TLSFP_KIND_JA3,      TLSFP_KIND_JA3N_R, TLSFP_KIND_JA3N,
        TLSFP_KIND_JA4_R, TLSFP_KIND_JA4,      TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_RO,
        TLSFP_KIND_JA4_O, TLSFP_KIND_STABLE_R, TLSFP_KIND_STABLE,
    };
    GKeyFile *vectors = load_vectors();
    tlsfp_context *context = tlsfp_context_new();
    char **rows = g_key_file_get_groups(vectors, NULL);
    unsigned n_checked = 0;
    for (char **row = rows; *row != NULL; row++) {
        GByteArray *message = message_of(vectors, *row);
        tlsfp_client_hello hello;
        if (tlsfp_parse(span_of(message), transport_of(vectors, *row), &hello) == TLSFP_OK) {
            GString *expected = g_string_new("{"), *out = g_string_new("kept ");
            for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
                g_string_append_printf(expected, "%s\"%s\":\"", i > 0 ? "," : "",
                                       tlsfp_kind_name(kinds[i]));
                tlsfp_append_value(context, &hello, kinds[i], expected);
                g_string_append_c(expected, '"');
            }
            g_string_append_c(expected, '}');
            tlsfp_append_json_tls_fingerprints(context, &hello, out);
            assert_json(out, expected->str);
            g_string_free(expected, TRUE);
            n_checked++;
        }
        g_byte_array_unref(message);
    }
    g_assert_cmpuint(n_checked, >, 20);
    g_strfreev(rows);
    tlsfp_context_free(context);
    g_key_file_free(vectors);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(data_cases); i++) {
        char *path = g_strdup_printf("/json/data/%s", data_cases[i].name);
        g_test_add_data_func(path, &data_cases[i], test_data);
        g_free(path);
    }
    g_test_add_func("/json/fingerprints", test_fingerprints);
    g_test_add_func("/json/vectors", test_vectors);
    return g_test_run();
}
