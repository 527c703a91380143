/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/fingerprint.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"

static char *write_values(tlsfp_context *context, char *at, tlsfp_span list)
{
    return write_decimal_list(at, context->values, read_values(list, context->values),
                              context->decimals);
}

static char *write_extensions(tlsfp_context *context, char *at, tlsfp_span block, bool sorted)
{
    size_t n = read_extensions(block, context->values);
    if (sorted)
        sort_values(context->values, n, &context->room);
    return write_decimal_list(at, context->values, n, context->decimals);
}

/** Point formats are one byte each; RFC 8701 has no GREASE for them. */
static char *write_formats(tlsfp_context *context, char *at, tlsfp_span formats)
{
    for (size_t i = 0; i < formats.len; i++) {
        if (i > 0)
            *at++ = '-';
        at = write_decimal(at, formats.data[i], context->decimals);
    }
    return at;
}

/** JA3's README "How it works". Returns the length of the context's text. */
static size_t write_client(tlsfp_context *context, const tlsfp_client_hello *hello, bool sorted)
{
    char *at = write_decimal(context->text, hello->legacy_version, context->decimals);
    *at++ = ',';
    at = write_values(context, at, hello->cipher_suites);
    *at++ = ',';
    at = write_extensions(context, at, hello->extensions, sorted);
    *at++ = ',';
    at = write_values(context, at, hello->supported_groups);
    *at++ = ',';
    at = write_formats(context, at, hello->ec_point_formats);
    return (size_t)(at - context->text);
}

/** JA3's README "JA3S". */
static size_t write_server(tlsfp_context *context, const tlsfp_server_hello *hello)
{
    char *at = write_decimal(context->text, hello->legacy_version, context->decimals);
    *at++ = ',';
    at = write_decimal(at, hello->cipher_suite, context->decimals);
    *at++ = ',';
    at = write_extensions(context, at, hello->extensions, false);
    return (size_t)(at - context->text);
}

void ja3_of_raw(tlsfp_context *context, tlsfp_span raw, char out[TLSFP_JA3_SIZE])
{
    uint8_t digest[16];
    gsize digest_len = sizeof digest;
    g_checksum_reset(context->md5);
    g_checksum_update(context->md5, raw.data, (gssize)raw.len);
    g_checksum_get_digest(context->md5, digest, &digest_len);
    *write_hex(out, digest, sizeof digest) = '\0';
}

static void hash_text(tlsfp_context *context, size_t len, char out[TLSFP_JA3_SIZE])
{
    ja3_of_raw(context, (tlsfp_span){(const uint8_t *)context->text, len}, out);
}

void tlsfp_ja3(tlsfp_context *context, const tlsfp_client_hello *hello, char out[TLSFP_JA3_SIZE])
{
    hash_text(context, write_client(context, hello, false), out);
}

void tlsfp_ja3_text(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    g_string_append_len(out, context->text, (gssize)write_client(context, hello, false));
}

void tlsfp_ja3n(tlsfp_context *context, const tlsfp_client_hello *hello, char out[TLSFP_JA3_SIZE])
{
    hash_text(context, write_client(context, hello, true), out);
}

void tlsfp_ja3n_text(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    g_string_append_len(out, context->text, (gssize)write_client(context, hello, true));
}

void tlsfp_ja3s(tlsfp_context *context, const tlsfp_server_hello *hello, char out[TLSFP_JA3_SIZE])
{
    hash_text(context, write_server(context, hello), out);
}

void tlsfp_ja3s_text(tlsfp_context *context, const tlsfp_server_hello *hello, GString *out)
{
    g_string_append_len(out, context->text, (gssize)write_server(context, hello));
}
