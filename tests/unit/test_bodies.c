/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/nearest.h>

#include "exact_block.h"
#include "hello/iana.h"
#include "labels/shape.h"
#include "writer.h"

/* What an extension's body says, in words. */
typedef struct {
    const char *name;
    uint16_t type;
    const char *body, *said;
} body_case;

static const body_case cases[] = {
    {"alpn", EXTENSION_ALPN, "000c 02 6832 08 687474702f312e31", "h2, http/1.1"},
    {"alpn-one", EXTENSION_ALPN, "0003 02 6832", "h2"},
    {"alpn-escaped", EXTENSION_ALPN, "0003 02 001b", "\\x00\\x1b"},
    {"alps", EXTENSION_APPLICATION_SETTINGS, "0003 02 6832", "h2"},
    {"alps-old", EXTENSION_APPLICATION_SETTINGS_OLD, "0003 02 6832", "h2"},
    {"compression", EXTENSION_COMPRESS_CERTIFICATE, "06 0001 0002 0003", "zlib, brotli, zstd"},
    {"compression-unknown", EXTENSION_COMPRESS_CERTIFICATE, "06 0000 0004 ffff",
     "0x0000, 0x0004, 0xffff"},
    {"psk-modes", EXTENSION_PSK_KEY_EXCHANGE_MODES, "03 00 01 02", "psk_ke, psk_dhe_ke, 0x02"},
    {"credentials", EXTENSION_DELEGATED_CREDENTIALS, "0004 0403 eeee",
     "ecdsa_secp256r1_sha256, 0xeeee"},
    {"certificates", EXTENSION_SIGNATURE_ALGORITHMS_CERT, "0002 0804", "rsa_pss_rsae_sha256"},
    {"longer-than-its-length", EXTENSION_SIGNATURE_ALGORITHMS_CERT, "0002 0804 0403",
     "rsa_pss_rsae_sha256"},
    {"shorter-than-its-length", EXTENSION_SIGNATURE_ALGORITHMS_CERT, "0006 0804 04",
     "rsa_pss_rsae_sha256"},
    {"record-size", EXTENSION_RECORD_SIZE_LIMIT, "4001", "16385"},
    {"record-size-short", EXTENSION_RECORD_SIZE_LIMIT, "40", "40"},
    {"record-size-long", EXTENSION_RECORD_SIZE_LIMIT, "400102", "400102"},
    {"bytes", 0xeeee, "000102ff", "000102ff"},
    {"bytes-16", 0xeeee, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f"},
    {"bytes-17", 0xeeee, "000102030405060708090a0b0c0d0e0f10",
     "000102030405060708090a0b0c0d0e0f… (17 bytes)"},
    {"nothing", 0xeeee, "", "nothing"},
    {"alpn-empty", EXTENSION_ALPN, "0000", "0000"},
};

static char *text_of(uint16_t type, tlsfp_span body, tlsfp_span before)
{
    const tlsfp_difference difference = {.part = TLSFP_PART_BODIES,
                                         .change = TLSFP_CHANGED,
                                         .value = type,
                                         .body = body,
                                         .body_before = before};
    GString *out = g_string_new(NULL);
    tlsfp_difference_text(&difference, out);
    return g_string_free(out, FALSE);
}

/** Each body and what of it comes before any byte. */
static void test_case(const void *data)
{
    const body_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->body);
    const tlsfp_span whole = exact_block(span_of(bytes));
    char *said = text_of(row->type, whole, (tlsfp_span){NULL, 0});
    char *start = g_strdup_printf("extension 0x%04x", row->type),
         *end = g_strdup_printf(": %s instead of nothing", row->said);
    g_test_message("%s", said);
    g_assert_true(g_str_has_prefix(said, start));
    g_assert_true(g_str_has_suffix(said, end));
    for (size_t len = 0; len < whole.len; len++) {
        const tlsfp_span part = exact_block(slice(whole, 0, len));
        char *before = text_of(row->type, whole, part);
        g_assert_true(g_str_has_prefix(before, start));
        g_free(before);
        exact_block_free(part);
    }
    g_free(start);
    g_free(end);
    g_free(said);
    exact_block_free(whole);
    g_byte_array_unref(bytes);
}

static GArray *bodies_of(uint16_t type, const char *first, const char *second)
{
    const char *const texts[] = {first, second};
    GArray *bodies = bodies_new();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (texts[i] == NULL)
            continue;
        GByteArray *bytes = bytes_of_hex(texts[i]);
        const tlsfp_span block = exact_block(span_of(bytes));
        bodies_add(bodies, type, block); /* a copy: the block goes */
        exact_block_free(block);
        g_byte_array_unref(bytes);
    }
    return bodies;
}

/** Bodies that differ, by their first copies; those of other parts and of single connections are
 * passed over. */
static void test_compared(void)
{
    static const struct {
        uint16_t type;
        const char *first, *again, *second;
        bool differs;
    } rows[] = {
        {0xeeee, "01", NULL, "02", true},
        {0xeeee, "01", NULL, "01", false},
        {0xeeee, "01", NULL, "0101", true},
        {0xeeee, "0101", NULL, "01", true},
        {0xeeee, "01", "02", "01", false},
        {0xeeee, "01", "02", "02", true},
        {0xeeee, "", NULL, "", false},
        {0xeeee, "", NULL, "00", true},
        {0xeeee, "01", NULL, NULL, false},
        {EXTENSION_ALPN, "01", NULL, "02", true},
        {EXTENSION_KEY_SHARE, "01", NULL, "02", false},
        {EXTENSION_SUPPORTED_GROUPS, "01", NULL, "02", false},
        {EXTENSION_SERVER_NAME, "01", NULL, "02", false},
        {EXTENSION_PADDING, "01", NULL, "02", false},
        {0x0a0a, "01", NULL, "02", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GArray *first = bodies_of(rows[i].type, rows[i].first, rows[i].again),
               *second = bodies_of(rows[i].type, rows[i].second, NULL),
               *out = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
        bodies_compare(first, second, out);
        g_test_message("%zu", i);
        g_assert_cmpuint(out->len, ==, rows[i].differs);
        g_array_unref(out);
        bodies_free(second);
        bodies_free(first);
    }
}

/** Only ALPN's first value is in a fingerprint, by its first and last byte. */
static void test_touched(void)
{
    static const struct {
        uint16_t type;
        const char *body, *before;
        bool touches;
    } rows[] = {
        {EXTENSION_ALPN, "0003 02 6832", "0003 02 6833", true},
        {EXTENSION_ALPN, "0003 02 6832", "0006 02 6832 02 6833", false},
        {EXTENSION_ALPN, "0003 02 6832", "0004 03 686132", false},
        {EXTENSION_ALPN, "0003 02 6832", "00", true},
        {EXTENSION_ALPN, "00", "", false},
        {EXTENSION_APPLICATION_SETTINGS, "0003 02 6832", "0003 02 6833", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GByteArray *body = bytes_of_hex(rows[i].body), *before = bytes_of_hex(rows[i].before);
        const tlsfp_difference difference = {.part = TLSFP_PART_BODIES,
                                             .value = rows[i].type,
                                             .body = exact_block(span_of(body)),
                                             .body_before = exact_block(span_of(before))};
        g_test_message("%zu", i);
        g_assert_cmpuint(bodies_touch(&difference), ==,
                         rows[i].touches ? TLSFP_TOUCHES_JA4_A | TLSFP_TOUCHES_STABLE : 0);
        exact_block_free(difference.body);
        exact_block_free(difference.body_before);
        g_byte_array_unref(before);
        g_byte_array_unref(body);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/bodies/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_case);
        g_free(path);
    }
    g_test_add_func("/bodies/compared", test_compared);
    g_test_add_func("/bodies/touched", test_touched);
    return g_test_run();
}
