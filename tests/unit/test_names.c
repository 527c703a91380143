/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/names.h>

#include "hello/name_tables.h"

typedef struct {
    const char *name;
    const char *(*find)(uint16_t value);
    const name *table;
    size_t n;
} table_case;

static const table_case tables[] = {
    {"cipher-suites", tlsfp_cipher_suite_name, cipher_suites, G_N_ELEMENTS(cipher_suites)},
    {"extensions", tlsfp_extension_name, extensions, G_N_ELEMENTS(extensions)},
    {"groups", tlsfp_group_name, groups, G_N_ELEMENTS(groups)},
    {"signature-algorithms", tlsfp_signature_algorithm_name, signature_algorithms,
     G_N_ELEMENTS(signature_algorithms)},
};

/** Each row is found, in ascending order, and every other value has no name but GREASE. */
static void test_table(const void *data)
{
    const table_case *row = data;
    size_t next = 0;
    for (unsigned value = 0; value <= 0xffff; value++) {
        const char *expected = NULL;
        if ((value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff))
            expected = "GREASE";
        else if (next < row->n && row->table[next].value == value)
            expected = row->table[next++].text;
        g_assert_cmpstr(row->find((uint16_t)value), ==, expected);
    }
    g_assert_cmpuint(next, ==, row->n);
}

typedef struct {
    const char *name;
    const char *(*find)(uint16_t value);
    uint16_t value;
    const char *expected;
} value_case;

static const value_case values[] = {
    {"cipher-suite", tlsfp_cipher_suite_name, 0x1301, "TLS_AES_128_GCM_SHA256"},
    {"signalling-value", tlsfp_cipher_suite_name, 0x5600, "TLS_FALLBACK_SCSV"},
    {"extension", tlsfp_extension_name, 0xfe0d, "encrypted_client_hello"},
    {"first-extension", tlsfp_extension_name, 0, "server_name"},
    {"group", tlsfp_group_name, 0x001d, "x25519"},
    {"signature-algorithm", tlsfp_signature_algorithm_name, 0x0804, "rsa_pss_rsae_sha256"},
    {"version", tlsfp_version_name, 0x0304, "TLS 1.3"},
    {"dtls-version", tlsfp_version_name, 0xfefd, "DTLS 1.2"},
    {"grease-version", tlsfp_version_name, 0x7a7a, "GREASE"},
    {"not-grease", tlsfp_version_name, 0x1a2a, NULL},
};

static void test_value(const void *data)
{
    const value_case *row = data;
    g_assert_cmpstr(row->find(row->value), ==, row->expected);
}

/** Those whose names say so, and no others. */
static void test_post_quantum(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        const char *text = groups[i].text;
        bool expected = strstr(text, "MLKEM") != NULL || strstr(text, "Kyber") != NULL ||
                        strcmp(text, "CECPQ2") == 0;
        g_assert_cmpint(tlsfp_is_post_quantum(groups[i].value), ==, expected);
    }
    g_assert_false(tlsfp_is_post_quantum(0x0a0a));
    g_assert_false(tlsfp_is_post_quantum(0x0203));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        char *path = g_strdup_printf("/names/table/%s", tables[i].name);
        g_test_add_data_func(path, &tables[i], test_table);
        g_free(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        char *path = g_strdup_printf("/names/value/%s", values[i].name);
        g_test_add_data_func(path, &values[i], test_value);
        g_free(path);
    }
    g_test_add_func("/names/post-quantum", test_post_quantum);
    return g_test_run();
}
