/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a handshake message. It is parsed as if TLS, QUIC and DTLS had brought it, and its
 * fingerprints are held against their own texts.
 */
#include <string.h>
#include <tlsfp/fingerprint.h>

#include "fuzz_target.h"
#include "writer.h"

enum {
    PART_A_SIZE = 10,
    HASH_DIGITS = 12,
};

static size_t header_size(tlsfp_transport transport)
{
    return transport == TLSFP_DTLS ? 12 : 4;
}

/** The whole message is there, and one byte less would not have been enough. */
static void check_message(tlsfp_span input, tlsfp_span message, tlsfp_transport transport)
{
    size_t said = (size_t)input.data[1] << 16 | (size_t)input.data[2] << 8 | input.data[3];
    g_assert_true(message.data == input.data);
    g_assert_cmpuint(message.len, ==, header_size(transport) + said);
    g_assert_cmpuint(message.len, <=, input.len);
}

static void check_inside(tlsfp_span message, tlsfp_span view)
{
    if (view.data == NULL) {
        g_assert_cmpuint(view.len, ==, 0);
        return;
    }
    g_assert_true(view.data >= message.data && view.len <= message.len);
    g_assert_true((size_t)(view.data - message.data) <= message.len - view.len);
}

static void check_views(const tlsfp_client_hello *hello)
{
    const tlsfp_span views[] = {
        hello->random,        hello->session_id,          hello->cookie,
        hello->cipher_suites, hello->compression_methods, hello->extensions,
        hello->server_name,   hello->supported_groups,    hello->ec_point_formats,
        hello->alpn,          hello->supported_versions,  hello->signature_algorithms,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
        check_inside(hello->message, views[i]);
}

static size_t count(const char *text, char wanted)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == wanted;
    return n;
}

static void check_ja3(const char *ja3, const GString *text)
{
    char *md5 = g_compute_checksum_for_string(G_CHECKSUM_MD5, text->str, (gssize)text->len);
    g_assert_cmpstr(ja3, ==, md5);
    g_assert_cmpuint(strlen(text->str), ==, text->len);
    g_assert_null(strstr(text->str, "--"));
    g_assert_null(strstr(text->str, "-,"));
    g_assert_null(strstr(text->str, ",-"));
    g_free(md5);
}

static void check_client_ja3(tlsfp_context *context, const tlsfp_client_hello *hello)
{
    char ja3[TLSFP_JA3_SIZE];
    GString *text = g_string_new(NULL);
    tlsfp_ja3(context, hello, ja3);
    tlsfp_ja3_text(context, hello, text);
    check_ja3(ja3, text);
    g_assert_cmpuint(count(text->str, ','), ==, 4);
    g_string_free(text, TRUE);
}

/** @p digits are those of the SHA-256 of @p text, or zeros for no text. */
static void check_hash(const char *digits, const char *text, size_t len)
{
    char *sha256 = len == 0 ? g_strdup("000000000000")
                            : g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, (gssize)len);
    g_assert_cmpint(strncmp(digits, sha256, HASH_DIGITS), ==, 0);
    g_free(sha256);
}

static void check_ascending(const char *list, size_t len)
{
    for (size_t at = 5; at + 4 <= len; at += 5)
        g_assert_cmpint(strncmp(list + at - 5, list + at, 4), <=, 0);
}

/** Part a, two texts and their hashes. */
static void check_ja4(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_order order,
                      char part_a[PART_A_SIZE])
{
    char ja4[TLSFP_JA4_SIZE];
    GString *text = g_string_new("before ");
    size_t before = text->len;
    tlsfp_ja4(context, hello, order, ja4);
    tlsfp_ja4_text(context, hello, order, text);
    g_assert_cmpint(strncmp(text->str, "before ", before), ==, 0);
    g_assert_cmpuint(strlen(text->str), ==, text->len);
    const char *raw = text->str + before;
    g_assert_cmpuint(strlen(ja4), ==, TLSFP_JA4_SIZE - 1);
    g_assert_true(ja4[PART_A_SIZE] == '_' && ja4[PART_A_SIZE + 1 + HASH_DIGITS] == '_');
    g_assert_cmpint(strncmp(ja4, raw, PART_A_SIZE + 1), ==, 0);
    g_assert_true(ja4[0] == (char)hello->transport);

    const char *ciphers = raw + PART_A_SIZE + 1, *extensions = strchr(ciphers, '_') + 1;
    const char *algorithms = strchr(extensions, '_');
    size_t ciphers_len = (size_t)(extensions - 1 - ciphers);
    size_t extensions_len =
        algorithms != NULL ? (size_t)(algorithms - extensions) : strlen(extensions);
    check_hash(ja4 + PART_A_SIZE + 1, ciphers, ciphers_len);
    check_hash(ja4 + PART_A_SIZE + 1 + HASH_DIGITS + 1, extensions, strlen(extensions));
    if (order == TLSFP_SORTED) {
        check_ascending(ciphers, ciphers_len);
        check_ascending(extensions, extensions_len);
    }
    memcpy(part_a, ja4, PART_A_SIZE);
    g_string_free(text, TRUE);
}

static void check_client(tlsfp_context *context, tlsfp_span input, tlsfp_transport transport)
{
    tlsfp_client_hello hello, again;
    tlsfp_status status = tlsfp_parse(input, transport, &hello);
    g_assert_true(status == TLSFP_OK || status == TLSFP_MORE || status == TLSFP_NOT_HELLO ||
                  status == TLSFP_MALFORMED);
    if (status != TLSFP_OK)
        return;
    char sorted_a[PART_A_SIZE], original_a[PART_A_SIZE];
    check_message(input, hello.message, transport);
    check_views(&hello);
    check_client_ja3(context, &hello);
    check_ja4(context, &hello, TLSFP_SORTED, sorted_a);
    check_ja4(context, &hello, TLSFP_ORIGINAL, original_a);
    g_assert_cmpint(memcmp(sorted_a, original_a, PART_A_SIZE), ==, 0);
    g_assert_cmpint(tlsfp_parse(hello.message, transport, &again), ==, TLSFP_OK);
    g_assert_cmpint(again.leftover, ==, hello.leftover);
    tlsfp_span cut = slice(hello.message, 0, hello.message.len - 1);
    g_assert_cmpint(tlsfp_parse(cut, transport, &again), ==, TLSFP_MORE);
}

static void check_server(tlsfp_context *context, tlsfp_span input, tlsfp_transport transport)
{
    tlsfp_server_hello hello;
    if (tlsfp_parse_server(input, transport, &hello) != TLSFP_OK)
        return;
    char ja3s[TLSFP_JA3_SIZE];
    GString *text = g_string_new(NULL);
    check_message(input, hello.message, transport);
    check_inside(hello.message, hello.random);
    check_inside(hello.message, hello.session_id);
    check_inside(hello.message, hello.extensions);
    tlsfp_ja3s(context, &hello, ja3s);
    tlsfp_ja3s_text(context, &hello, text);
    check_ja3(ja3s, text);
    g_assert_cmpuint(count(text->str, ','), ==, 2);
    g_string_free(text, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const tlsfp_transport transports[] = {TLSFP_TLS, TLSFP_QUIC, TLSFP_DTLS};
    static tlsfp_context *context;
    if (context == NULL)
        context = tlsfp_context_new();
    for (size_t i = 0; i < G_N_ELEMENTS(transports); i++) {
        check_client(context, (tlsfp_span){data, len}, transports[i]);
        check_server(context, (tlsfp_span){data, len}, transports[i]);
    }
    return 0;
}
