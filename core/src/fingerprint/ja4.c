/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/traits.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"
#include "hello/extension.h"
#include "hello/iana.h"

enum { HASH_SIZE = TLSFP_JA4_HASH_LEN / 2 }; /* JA4.md "Cipher hash" */

/** What is written, the stable value besides JA4. */
typedef enum {
    FORM_SORTED = TLSFP_SORTED,
    FORM_ORIGINAL = TLSFP_ORIGINAL,
    FORM_STABLE,
} form;

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

/** JA4.md "Cipher hash". Returns the length of the list in the context's text. */
static size_t write_ciphers(tlsfp_context *context, const tlsfp_client_hello *hello, form wanted,
                            size_t *out_count)
{
    size_t n = read_values(hello->cipher_suites, context->values);
    if (wanted != FORM_ORIGINAL)
        sort_values(context->values, n, &context->room);
    *out_count = n;
    return (size_t)(write_hex_list(context->text, context->values, n) - context->text);
}

/** JA4.md "Extension hash". Returns the length of the lists in the context's text. */
static size_t write_extensions(tlsfp_context *context, const tlsfp_client_hello *hello, form wanted,
                               size_t *out_count)
{
    size_t n = read_extensions(hello->extensions, context->values);
    if (wanted == FORM_STABLE)
        n = drop_state(context->values, n);
    *out_count = n;
    if (wanted != FORM_ORIGINAL) {
        n = drop_part_a(context->values, n);
        sort_values(context->values, n, &context->room);
    }
    char *at = write_hex_list(context->text, context->values, n);
    size_t n_algorithms = read_values(hello->signature_algorithms, context->values);
    if (n_algorithms > 0) {
        *at++ = '_';
        at = write_hex_list(at, context->values, n_algorithms);
    }
    return (size_t)(at - context->text);
}

/** The first digits of the SHA-256 of a list, JA4.md "Cipher hash"; zeros for an empty one. */
static char *write_hash(char *at, const char *list, size_t len)
{
    uint8_t digest[32] = {0};
    if (len > 0)
        gcry_md_hash_buffer(GCRY_MD_SHA256, digest, list, len);
    return write_hex(at, digest, HASH_SIZE);
}

void ja4_of_raw(tlsfp_span raw, const char *part_b, char out[TLSFP_JA4_SIZE])
{
    const char *ciphers = (const char *)raw.data + TLSFP_JA4_B_AT;
    const char *end = memchr(ciphers, '_', raw.len - TLSFP_JA4_B_AT);
    const size_t n_ciphers = (size_t)(end - ciphers);
    memcpy(out, raw.data, TLSFP_JA4_B_AT);
    char *at = out + TLSFP_JA4_B_AT;
    if (part_b != NULL) {
        memcpy(at, part_b, TLSFP_JA4_HASH_LEN);
        at += TLSFP_JA4_HASH_LEN;
    } else {
        at = write_hash(at, ciphers, n_ciphers);
    }
    *at++ = '_';
    at = write_hash(at, end + 1, raw.len - TLSFP_JA4_B_AT - n_ciphers - 1);
    *at = '\0';
}

static void write_hashed(tlsfp_context *context, const tlsfp_client_hello *hello, form wanted,
                         char out[TLSFP_JA4_SIZE])
{
    size_t n_ciphers, n_extensions;
    char *at = out + TLSFP_JA4_A_LEN;
    *at++ = '_';
    at = write_hash(at, context->text, write_ciphers(context, hello, wanted, &n_ciphers));
    *at++ = '_';
    at = write_hash(at, context->text, write_extensions(context, hello, wanted, &n_extensions));
    *at = '\0';
    write_part_a(hello, n_ciphers, n_extensions, out);
}

static void append_raw(tlsfp_context *context, const tlsfp_client_hello *hello, form wanted,
                       GString *out)
{
    size_t n_ciphers, n_extensions;
    char part_a[TLSFP_JA4_A_LEN] = {0};
    size_t start = out->len;
    g_string_append_len(out, part_a, TLSFP_JA4_A_LEN); /* filled in below: it counts what follows */
    g_string_append_c(out, '_');
    g_string_append_len(out, context->text,
                        (gssize)write_ciphers(context, hello, wanted, &n_ciphers));
    g_string_append_c(out, '_');
    g_string_append_len(out, context->text,
                        (gssize)write_extensions(context, hello, wanted, &n_extensions));
    write_part_a(hello, n_ciphers, n_extensions, part_a);
    memcpy(out->str + start, part_a, TLSFP_JA4_A_LEN);
}

void tlsfp_ja4(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_order order,
               char out[TLSFP_JA4_SIZE])
{
    write_hashed(context, hello, (form)order, out);
}

void tlsfp_ja4_text(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_order order,
                    GString *out)
{
    append_raw(context, hello, (form)order, out);
}

void tlsfp_stable(tlsfp_context *context, const tlsfp_client_hello *hello, char out[TLSFP_JA4_SIZE])
{
    write_hashed(context, hello, FORM_STABLE, out);
}

void tlsfp_stable_text(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    append_raw(context, hello, FORM_STABLE, out);
}
