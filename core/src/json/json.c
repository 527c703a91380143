/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/json.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"
#include "hello/extension.h"

/** Room for @p len more characters; they are to be written at once. */
static char *grow(GString *out, size_t len)
{
    const size_t old = out->len;
    g_string_set_size(out, old + len);
    return out->str + old;
}

/** Appends a literal. */
#define APPEND(out, literal) g_string_append_len(out, literal, sizeof(literal) - 1)

/** "HHHH" and a comma. */
static char *write_value(char *at, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    *at++ = '"';
    at = write_hex(at, bytes, sizeof bytes);
    *at++ = '"';
    *at++ = ',';
    return at;
}

enum { VALUE_LEN = 7 }; /* of what write_value() writes */

/** The last comma, if any, becomes the array's end. */
static void end_array(GString *out)
{
    if (out->str[out->len - 1] == ',')
        out->str[out->len - 1] = ']';
    else
        g_string_append_c(out, ']');
}

static void append_values(GString *out, tlsfp_span list)
{
    const size_t n = list.len / 2;
    g_string_append_c(out, '[');
    char *at = grow(out, n * VALUE_LEN);
    for (size_t i = 0; i < n; i++)
        at = write_value(at, value_at(list, i));
    end_array(out);
}

static void append_types(GString *out, tlsfp_span block)
{
    uint16_t type;
    tlsfp_span body;
    g_string_append_c(out, '[');
    while (take_extension(&block, &type, &body))
        write_value(grow(out, VALUE_LEN), type);
    end_array(out);
}

static void append_hex_string(GString *out, tlsfp_span bytes)
{
    char *at = grow(out, 2 * bytes.len + 2);
    *at++ = '"';
    at = write_hex(at, bytes.data, bytes.len);
    *at = '"';
}

static void append_bytes(GString *out, tlsfp_span list)
{
    tlsfp_span byte;
    g_string_append_c(out, '[');
    while (take(&list, 1, &byte)) {
        append_hex_string(out, byte);
        g_string_append_c(out, ',');
    }
    end_array(out);
}

static void append_protocols(GString *out, tlsfp_span list)
{
    tlsfp_span protocol;
    g_string_append_c(out, '[');
    while (tlsfp_next_protocol(&list, &protocol)) {
        append_hex_string(out, protocol);
        g_string_append_c(out, ',');
    }
    end_array(out);
}

void tlsfp_append_json_tls_data(const tlsfp_client_hello *hello, GString *out)
{
    const uint8_t version[] = {(uint8_t)(hello->legacy_version >> 8),
                               (uint8_t)hello->legacy_version};
    APPEND(out, "{\"protocol_version\":");
    append_hex_string(out, (tlsfp_span){version, sizeof version});
    APPEND(out, ",\"cipher_suites\":");
    append_values(out, hello->cipher_suites);
    APPEND(out, ",\"extensions\":");
    append_types(out, hello->extensions);
    APPEND(out, ",\"server_name\":");
    if (hello->server_name.data != NULL)
        append_hex_string(out, hello->server_name);
    else
        APPEND(out, "null");
    APPEND(out, ",\"ec_point_formats\":");
    append_bytes(out, hello->ec_point_formats);
    APPEND(out, ",\"supported_groups\":");
    append_values(out, hello->supported_groups);
    APPEND(out, ",\"alpn\":");
    append_protocols(out, hello->alpn);
    APPEND(out, ",\"signature_algorithms\":");
    append_values(out, hello->signature_algorithms);
    APPEND(out, ",\"supported_versions\":");
    append_values(out, hello->supported_versions);
    g_string_append_c(out, '}');
}

/** A text within a buffer that grows. */
typedef struct {
    size_t start, len;
} part;

static tlsfp_span span_of(const GString *out, part text)
{
    return (tlsfp_span){(const uint8_t *)out->str + text.start, text.len};
}

static bool is_same(const GString *out, part one, part other)
{
    return one.len == other.len &&
           memcmp(out->str + one.start, out->str + other.start, one.len) == 0;
}

/** Fingerprints hold no character that JSON escapes. */
static void append_key(GString *out, tlsfp_kind kind)
{
    g_string_append_c(out, '"');
    g_string_append(out, tlsfp_kind_name(kind));
    APPEND(out, "\":\"");
}

static part append_raw(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_kind kind,
                       GString *out)
{
    append_key(out, kind);
    part raw = {.start = out->len};
    tlsfp_append_value(context, hello, kind, out);
    raw.len = out->len - raw.start;
    APPEND(out, "\",");
    return raw;
}

static void append_hash(GString *out, tlsfp_kind kind, const char *hash)
{
    append_key(out, kind);
    g_string_append(out, hash);
    APPEND(out, "\",");
}

/** A hash is made of the raw form just written, and only where that is another one than before. */
static void append_ja3s(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    char ja3[TLSFP_JA3_SIZE];
    const part raw = append_raw(context, hello, TLSFP_KIND_JA3_R, out);
    ja3_of_raw(context, span_of(out, raw), ja3);
    append_hash(out, TLSFP_KIND_JA3, ja3);
    const part sorted = append_raw(context, hello, TLSFP_KIND_JA3N_R, out);
    if (!is_same(out, raw, sorted))
        ja3_of_raw(context, span_of(out, sorted), ja3);
    append_hash(out, TLSFP_KIND_JA3N, ja3);
}

static void append_ja4s(tlsfp_context *context, const tlsfp_client_hello *hello, GString *out)
{
    char ja4[TLSFP_JA4_SIZE], other[TLSFP_JA4_SIZE];
    const part raw = append_raw(context, hello, TLSFP_KIND_JA4_R, out);
    ja4_of_raw(span_of(out, raw), NULL, ja4);
    append_hash(out, TLSFP_KIND_JA4, ja4);
    append_key(out, TLSFP_KIND_JA4_BC);
    tlsfp_append_part(ja4, TLSFP_KIND_JA4_BC, out);
    APPEND(out, "\",");
    ja4_of_raw(span_of(out, append_raw(context, hello, TLSFP_KIND_JA4_RO, out)), NULL, other);
    append_hash(out, TLSFP_KIND_JA4_O, other);
    const part stable = append_raw(context, hello, TLSFP_KIND_STABLE_R, out);
    if (!is_same(out, raw, stable))
        ja4_of_raw(span_of(out, stable), ja4 + TLSFP_JA4_B_AT, other);
    append_hash(out, TLSFP_KIND_STABLE, is_same(out, raw, stable) ? ja4 : other);
}

void tlsfp_append_json_tls_fingerprints(tlsfp_context *context, const tlsfp_client_hello *hello,
                                        GString *out)
{
    g_string_append_c(out, '{');
    append_ja3s(context, hello, out);
    append_ja4s(context, hello, out);
    out->str[out->len - 1] = '}'; /* over the last comma */
}
