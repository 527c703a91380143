/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/tlsfp.h>
#include <tlsfp/traits.h>

#include "exact_block.h"
#include "writer.h"

/* Which of the traits a hello has: resumption, grease, pq, ech, cookie. */
typedef struct {
    const char *name;
    const char *ciphers;
    const char *extensions; /* in hex: type, length, body */
    const char *expected;
} trait_case;

static const trait_case cases[] = {
    {"none", "1301", "0017 0000", ""},
    {"empty-ticket", "1301", "0023 0000", ""},
    {"ticket", "1301", "0023 0001 ff", "resumption"},
    {"pre-shared-key", "1301", "0029 0000", "resumption"},
    {"first-ticket-counts", "1301", "0023 0000 0023 0001 ff", ""},
    {"grease-cipher", "1301 0a0a", "", "grease"},
    {"grease-extension", "1301", "fafa 0000", "grease"},
    {"grease-group", "1301", "000a 0004 0002 3a3a", "grease"},
    {"grease-version", "1301", "002b 0003 02 1a1a", "grease"},
    {"grease-signature-algorithm", "1301", "000d 0004 0002 baba", "grease"},
    {"not-grease", "1a2a", "0a1a 0000", ""},
    {"curves", "1301", "000a 0006 0004 001d 0017", ""},
    {"post-quantum", "1301", "000a 0006 0004 001d 11ec", "pq"},
    {"post-quantum-draft", "1301", "000a 0004 0002 6399", "pq"},
    {"ech", "1301", "fe0d 0000", "ech"},
    {"cookie", "1301", "002c 0003 0001 00", "cookie"},
};

static tlsfp_span message_with(const trait_case *row)
{
    GByteArray *bytes = g_byte_array_new();
    put_hex(bytes, "01");
    size_t message = begin_vector(bytes, 3);
    put_hex(bytes, "0303");
    put_times(bytes, 32, 0x5a);
    put_hex(bytes, "00");
    size_t ciphers = begin_vector(bytes, 2);
    put_hex(bytes, row->ciphers);
    end_vector(bytes, 2, ciphers);
    put_hex(bytes, "01 00");
    size_t block = begin_vector(bytes, 2);
    put_hex(bytes, row->extensions);
    end_vector(bytes, 2, block);
    end_vector(bytes, 3, message);
    tlsfp_span exact = exact_block(span_of(bytes));
    g_byte_array_unref(bytes);
    return exact;
}

static void test_traits(const void *data)
{
    const trait_case *row = data;
    tlsfp_span message = message_with(row);
    tlsfp_client_hello hello;
    g_assert_cmpint(tlsfp_parse(message, TLSFP_TLS, &hello), ==, TLSFP_OK);
    GString *found = g_string_new(NULL);
    g_string_append(found, tlsfp_offers_resumption(&hello) ? "resumption" : "");
    g_string_append(found, tlsfp_has_grease(&hello) ? "grease" : "");
    g_string_append(found, tlsfp_offers_post_quantum(&hello) ? "pq" : "");
    g_string_append(found, tlsfp_has_ech(&hello) ? "ech" : "");
    g_string_append(found, tlsfp_has_cookie_extension(&hello) ? "cookie" : "");
    g_assert_cmpstr(found->str, ==, row->expected);
    g_string_free(found, TRUE);
    exact_block_free(message);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/traits/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_traits);
        g_free(path);
    }
    return g_test_run();
}
