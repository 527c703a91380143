/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/traits.h>
#include <tlsfp/writer.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"
#include "hello/extension.h"
#include "hello/iana.h"

/** JA4.md "TLS and DTLS Version". */
static const char *version_code(uint16_t version)
{
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    case 0xfeff:
        return "d1";
    case 0xfefd:
        return "d2";
    case 0xfefc:
        return "d3";
    default:
        return "00";
    }
}

static bool is_grease_protocol(tlsfp_span protocol)
{
    return protocol.len == 2 && is_grease((uint16_t)(protocol.data[0] << 8 | protocol.data[1]));
}

/** JA4.md "ALPN Extension Value". */
static char *write_alpn(char *at, tlsfp_span list)
{
    tlsfp_span protocol;
    do {
        if (!tlsfp_next_protocol(&list, &protocol))
            protocol.len = 0;
    } while (is_grease_protocol(protocol));
    if (protocol.len == 0) {
        *at++ = '0';
        *at++ = '0';
        return at;
    }
    uint8_t first = protocol.data[0], last = protocol.data[protocol.len - 1];
    if (g_ascii_isalnum(first) && g_ascii_isalnum(last)) {
        *at++ = (char)first;
        *at++ = (char)last;
        return at;
    }
    uint8_t ends = (uint8_t)((first & 0xf0) | (last & 0x0f));
    return write_hex(at, &ends, 1);
}

/** JA4.md "Number of Ciphers": two digits, at most 99. */
static char *write_count(char *at, size_t n)
{
    n = MIN(n, 99);
    *at++ = (char)('0' + n / 10);
    *at++ = (char)('0' + n % 10);
    return at;
}

static void write_part_a(const tlsfp_client_hello *hello, size_t n_ciphers, size_t n_extensions,
                         char *at)
{
    *at++ = (char)hello->transport;
    memcpy(at, version_code(tlsfp_highest_version(hello)), 2);
    at += 2;
    *at++ = hello->server_name.data != NULL ? 'd' : 'i';
    at = write_count(at, n_ciphers);
    at = write_count(at, n_extensions);
    write_alpn(at, hello->alpn);
}

/** JA4.md "Extension hash": without what part a holds already. Returns how many are left. */
static size_t drop_part_a(uint16_t *extensions, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (extensions[i] != EXTENSION_SERVER_NAME && extensions[i] != EXTENSION_ALPN)
            extensions[left++] = extensions[i];
    return left;
}

static bool comes_and_goes(uint16_t extension)
{
    switch (extension) {
    case EXTENSION_PADDING:
    case EXTENSION_SESSION_TICKET:
    case EXTENSION_PRE_SHARED_KEY:
    case EXTENSION_EARLY_DATA:
    case EXTENSION_COOKIE:
        return true;
    default:
        return false;
    }
}

/** Removes what the stable value leaves out. Returns how many are left. */
static size_t drop_state(uint16_t *extensions, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (!comes_and_goes(extensions[i]))
            extensions[left++] = extensions[i];
    return left;
}

/** JA4.md "Cipher hash". */
static char *write_ciphers(tlsfp_context *context, ja4_form form, char *at)
{
    const hello_lists *lists = &context->lists;
    if (form == JA4_SENT)
        return write_hex_list(at, lists->ciphers, lists->n_ciphers);
    memcpy(context->values, lists->ciphers, lists->n_ciphers * sizeof *lists->ciphers);
    sort_values(context->values, lists->n_ciphers, &context->room);
    return write_hex_list(at, context->values, lists->n_ciphers);
}

/** JA4.md "Extension hash", without the signature algorithms. Sets how many extensions part a
 * counts. */
static char *write_types(tlsfp_context *context, ja4_form form, char *at, size_t *out_count)
{
    const hello_lists *lists = &context->lists;
    size_t n = *out_count = lists->n_types;
    if (form == JA4_SENT)
        return write_hex_list(at, lists->types, n);
    memcpy(context->values, hello_lists_sorted_types(context), n * sizeof *lists->types);
    if (form == JA4_STABLE)
        n = *out_count = drop_state(context->values, n);
    return write_hex_list(at, context->values, drop_part_a(context->values, n));
}

static char *write_algorithms(tlsfp_context *context, tlsfp_span list, char *at)
{
    const size_t n = read_values(list, context->values);
    if (n > 0)
        *at++ = '_';
    return write_hex_list(at, context->values, n);
}

size_t ja4_room(const tlsfp_client_hello *hello)
{
    enum { VALUE_ROOM = 5 }; /* four digits and a separator */
    const size_t n_values = hello->cipher_suites.len / 2 + hello->extensions.len / 4 +
                            hello->signature_algorithms.len / 2;
    return TLSFP_JA4_B_AT + VALUE_ROOM * (n_values + 3);
}

ja4_text write_ja4_text(tlsfp_context *context, const tlsfp_client_hello *hello, ja4_form form,
                        char *at)
{
    size_t n_types;
    ja4_text out = {.start = at, .ciphers = at + TLSFP_JA4_B_AT};
    out.ciphers[-1] = '_';
    out.types = write_ciphers(context, form, out.ciphers) + 1;
    out.types[-1] = '_';
    out.algorithms = write_types(context, form, out.types, &n_types);
    out.end = write_algorithms(context, hello->signature_algorithms, out.algorithms);
    write_part_a(hello, context->lists.n_ciphers, n_types, out.start);
    return out;
}

ja4_text write_ja4_text_beside(tlsfp_context *context, const ja4_text *ja4, ja4_form form, char *at)
{
    enum { COUNT_AT = 6 }; /* of extensions, in part a */
    size_t n_types;
    ja4_text out = {.start = at};
    out.ciphers = write_bytes(at, ja4->start, TLSFP_JA4_B_AT);
    if (form == JA4_SENT)
        out.types = write_ciphers(context, form, out.ciphers) + 1;
    else
        out.types = write_bytes(out.ciphers, ja4->ciphers, (size_t)(ja4->types - ja4->ciphers));
    out.types[-1] = '_';
    out.algorithms = write_types(context, form, out.types, &n_types);
    write_count(out.start + COUNT_AT, n_types);
    out.end = write_bytes(out.algorithms, ja4->algorithms, (size_t)(ja4->end - ja4->algorithms));
    return out;
}

/** JA4.md "Cipher hash"; zeros for an empty list. */
static char *write_hash(tlsfp_context *context, const char *list, const char *end, char *at)
{
    if (end == list)
        return WRITE(at, "000000000000");
    return write_digest(&context->digests, DIGEST_JA4, list, end, at);
}

char *write_ja4_hash(tlsfp_context *context, const ja4_text *text, char *at)
{
    at = write_bytes(at, text->start, TLSFP_JA4_B_AT);
    at = write_hash(context, text->ciphers, text->types - 1, at);
    *at++ = '_';
    return write_hash(context, text->types, text->end, at);
}

static ja4_text write_client(tlsfp_context *context, const tlsfp_client_hello *hello, ja4_form form)
{
    hello_lists_read(context, hello);
    return write_ja4_text(context, hello, form, context->text);
}

static void hash_client(tlsfp_context *context, const tlsfp_client_hello *hello, ja4_form form,
                        char out[TLSFP_JA4_SIZE])
{
    const ja4_text text = write_client(context, hello, form);
    *write_ja4_hash(context, &text, out) = '\0';
}

static void append_client(tlsfp_context *context, const tlsfp_client_hello *hello, ja4_form form,
                          GString *out)
{
    const ja4_text text = write_client(context, hello, form);
    g_string_append_len(out, text.start, text.end - text.start);
}

void tlsfp_ja4(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_order order,
               char out[TLSFP_JA4_SIZE])
{
    hash_client(context, hello, (ja4_form)order, out);
}

void tlsfp_ja4_text(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_order order,
                    GString *out)
{
    append_client(context, hello, (ja4_form)order, out);
}

void tlsfp_stable(tlsfp_context *context, const tlsfp_client_hello *hello, char out[TLSFP_JA4_SIZE])
{
    hash_client(context, hello, JA4_STABLE, out);
}

void tlsfp_stable_text(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    append_client(context, hello, JA4_STABLE, out);
}
