/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "exact_block.h"
#include "fingerprint/context.h"

static tlsfp_context *context;

static char *digits_of(digest_kind kind, tlsfp_span text)
{
    const char *start = (const char *)text.data;
    char digits[DIGEST_MAX + 1];
    char *end = write_digest(&context->digests, kind, start, start + text.len, digits);
    return g_strndup(digits, (gsize)(end - digits));
}

/** By GLib, of which no digest is known. */
static char *expected_of(digest_kind kind, tlsfp_span text)
{
    const GChecksumType type = kind == DIGEST_JA3 ? G_CHECKSUM_MD5 : G_CHECKSUM_SHA256;
    char *all = g_compute_checksum_for_data(type, text.data, text.len);
    char *first = g_strndup(all, kind == DIGEST_JA3 ? 32 : 12);
    g_free(all);
    return first;
}

static void check(digest_kind kind, const char *bytes, size_t len)
{
    tlsfp_span text = exact_block((tlsfp_span){(const uint8_t *)bytes, len});
    char *digits = digits_of(kind, text), *expected = expected_of(kind, text);
    g_assert_cmpstr(digits, ==, expected);
    g_free(digits);
    g_free(expected);
    exact_block_free(text);
}

/** As MD5 and as SHA-256, first unknown, then known. */
static void check_all(const char *bytes, size_t len)
{
    for (int time = 0; time < 2; time++) {
        check(DIGEST_JA3, bytes, len);
        check(DIGEST_JA4, bytes, len);
    }
}

static void test_lengths(void)
{
    char bytes[KNOWN_MAX + 10];
    memset(bytes, '7', sizeof bytes);
    for (size_t len = 1; len <= sizeof bytes; len++)
        check_all(bytes, len);
}

/** Texts that differ in one byte, wherever it is: also where no word is looked at to place them. */
static void test_each_byte(void)
{
    char bytes[200];
    memset(bytes, '7', sizeof bytes);
    check_all(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = '8';
        check_all(bytes, sizeof bytes);
        bytes[i] = '7';
    }
}

/** More than are kept; each pushes others out. */
static void test_many(void)
{
    for (int time = 0; time < 2; time++)
        for (int i = 0; i < 4 * KNOWN_TEXTS; i++) {
            char *text = g_strdup_printf("%06d,4865-4866-4867,0-23-65281-10-11,29-23-24,0", i);
            check_all(text, strlen(text));
            g_free(text);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    context = tlsfp_context_new();
    g_test_add_func("/digests/lengths", test_lengths);
    g_test_add_func("/digests/each-byte", test_each_byte);
    g_test_add_func("/digests/many", test_many);
    int status = g_test_run();
    tlsfp_context_free(context);
    return status;
}
