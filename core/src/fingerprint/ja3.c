/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/writer.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"

static char *write_values(tlsfp_context *context, char *at, tlsfp_span list)
{
    return write_decimal_list(at, context->values, read_values(list, context->values),
                              context->decimals);
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

size_t ja3_room(const tlsfp_client_hello *hello)
{
    enum {
        DECIMAL_ROOM = 6, /* five digits and a separator */
        FORMAT_ROOM = 4,
        BEHIND = sizeof(decimal), /* digits are copied with those that follow */
    };
    const size_t n_values =
        hello->cipher_suites.len / 2 + hello->extensions.len / 4 + hello->supported_groups.len / 2;
    return DECIMAL_ROOM * (n_values + 5) + FORMAT_ROOM * hello->ec_point_formats.len + BEHIND;
}

/** JA3's README "How it works". */
ja3_text write_ja3_text(tlsfp_context *context, const tlsfp_client_hello *hello, ja3_form form,
                        char *at)
{
    const hello_lists *lists = &context->lists;
    ja3_text out = {.start = at};
    at = write_decimal(at, hello->legacy_version, context->decimals);
    *at++ = ',';
    at = write_decimal_list(at, lists->ciphers, lists->n_ciphers, context->decimals);
    *at++ = ',';
    out.types = at;
    at = write_decimal_list(at, form == JA3_SENT ? lists->types : hello_lists_sorted_types(context),
                            lists->n_types, context->decimals);
    *at++ = ',';
    out.groups = at;
    at = write_values(context, at, hello->supported_groups);
    *at++ = ',';
    out.end = write_formats(context, at, hello->ec_point_formats);
    return out;
}

ja3_text write_ja3n_text_beside(tlsfp_context *context, const ja3_text *ja3, char *at)
{
    ja3_text out = {.start = at};
    out.types = write_bytes(at, ja3->start, (size_t)(ja3->types - ja3->start));
    at = write_decimal_list(out.types, hello_lists_sorted_types(context), context->lists.n_types,
                            context->decimals);
    *at++ = ',';
    out.groups = at;
    out.end = write_bytes(at, ja3->groups, (size_t)(ja3->end - ja3->groups));
    return out;
}

char *write_ja3_hash(tlsfp_context *context, const ja3_text *text, char *at)
{
    return write_digest(&context->digests, DIGEST_JA3, text->start, text->end, at);
}

static ja3_text write_client(tlsfp_context *context, const tlsfp_client_hello *hello, ja3_form form)
{
    hello_lists_read(context, hello);
    return write_ja3_text(context, hello, form, context->text);
}

static void hash_client(tlsfp_context *context, const tlsfp_client_hello *hello, ja3_form form,
                        char out[TLSFP_JA3_SIZE])
{
    const ja3_text text = write_client(context, hello, form);
    *write_ja3_hash(context, &text, out) = '\0';
}

static void append_client(tlsfp_context *context, const tlsfp_client_hello *hello, ja3_form form,
                          GString *out)
{
    const ja3_text text = write_client(context, hello, form);
    g_string_append_len(out, text.start, text.end - text.start);
}

void tlsfp_ja3(tlsfp_context *context, const tlsfp_client_hello *hello, char out[TLSFP_JA3_SIZE])
{
    hash_client(context, hello, JA3_SENT, out);
}

void tlsfp_ja3_text(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    append_client(context, hello, JA3_SENT, out);
}

void tlsfp_ja3n(tlsfp_context *context, const tlsfp_client_hello *hello, char out[TLSFP_JA3_SIZE])
{
    hash_client(context, hello, JA3_SORTED, out);
}

void tlsfp_ja3n_text(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    append_client(context, hello, JA3_SORTED, out);
}

/** JA3's README "JA3S". Returns the end of the context's text. */
static char *write_server(tlsfp_context *context, const tlsfp_server_hello *hello)
{
    char *at = write_decimal(context->text, hello->legacy_version, context->decimals);
    *at++ = ',';
    at = write_decimal(at, hello->cipher_suite, context->decimals);
    *at++ = ',';
    return write_decimal_list(at, context->values,
                              read_extensions(hello->extensions, context->values),
                              context->decimals);
}

void tlsfp_ja3s(tlsfp_context *context, const tlsfp_server_hello *hello, char out[TLSFP_JA3_SIZE])
{
    const char *end = write_server(context, hello);
    *write_digest(&context->digests, DIGEST_JA3, context->text, end, out) = '\0';
}

void tlsfp_ja3s_text(tlsfp_context *context, const tlsfp_server_hello *hello, GString *out)
{
    g_string_append_len(out, context->text, write_server(context, hello) - context->text);
}
