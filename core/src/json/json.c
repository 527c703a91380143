/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/json.h>
#include <tlsfp/writer.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"
#include "hello/extension.h"

/* -- What the client sent */

/* What one value, byte or name of an array takes at most, beside the digits of a name. */
enum { VALUE_ROOM = 7, BYTE_ROOM = 5, NAME_ROOM = 3 };

/** The last comma, if any, becomes the array's end. */
static char *end_array(char *at)
{
    if (at[-1] == ',')
        at--;
    *at++ = ']';
    return at;
}

/** "HHHH" and a comma. */
static char *write_value(char *at, uint16_t value)
{
    *at++ = '"';
    at = write_hex_value(at, value);
    return WRITE(at, "\",");
}

static char *write_values(char *at, tlsfp_span list)
{
    const size_t n = list.len / 2;
    *at++ = '[';
    for (size_t i = 0; i < n; i++)
        at = write_value(at, value_at(list, i));
    return end_array(at);
}

static char *write_types(char *at, tlsfp_span block)
{
    uint16_t type;
    tlsfp_span body;
    *at++ = '[';
    while (take_extension(&block, &type, &body))
        at = write_value(at, type);
    return end_array(at);
}

static char *write_hex_string(char *at, tlsfp_span bytes)
{
    *at++ = '"';
    at = write_hex(at, bytes.data, bytes.len);
    *at++ = '"';
    return at;
}

static char *write_each_byte(char *at, tlsfp_span list)
{
    tlsfp_span byte;
    *at++ = '[';
    while (take(&list, 1, &byte)) {
        at = write_hex_string(at, byte);
        *at++ = ',';
    }
    return end_array(at);
}

static char *write_protocols(char *at, tlsfp_span list)
{
    tlsfp_span protocol;
    *at++ = '[';
    while (tlsfp_next_protocol(&list, &protocol)) {
        at = write_hex_string(at, protocol);
        *at++ = ',';
    }
    return end_array(at);
}

static size_t data_room(const tlsfp_client_hello *hello)
{
    enum { KEYS_ROOM = 256 }; /* keys, brackets and the version */
    const size_t n_values = hello->cipher_suites.len / 2 + hello->extensions.len / 4 +
                            hello->supported_groups.len / 2 + hello->signature_algorithms.len / 2 +
                            hello->supported_versions.len / 2;
    return KEYS_ROOM + VALUE_ROOM * n_values + BYTE_ROOM * hello->ec_point_formats.len +
           2 * hello->server_name.len + (2 + NAME_ROOM) * hello->alpn.len;
}

static char *write_data(char *at, const tlsfp_client_hello *hello)
{
    at = WRITE(at, "{\"protocol_version\":");
    at = write_value(at, hello->legacy_version);
    at = WRITE(at, "\"cipher_suites\":");
    at = write_values(at, hello->cipher_suites);
    at = WRITE(at, ",\"extensions\":");
    at = write_types(at, hello->extensions);
    at = WRITE(at, ",\"server_name\":");
    if (hello->server_name.data != NULL)
        at = write_hex_string(at, hello->server_name);
    else
        at = WRITE(at, "null");
    at = WRITE(at, ",\"ec_point_formats\":");
    at = write_each_byte(at, hello->ec_point_formats);
    at = WRITE(at, ",\"supported_groups\":");
    at = write_values(at, hello->supported_groups);
    at = WRITE(at, ",\"alpn\":");
    at = write_protocols(at, hello->alpn);
    at = WRITE(at, ",\"signature_algorithms\":");
    at = write_values(at, hello->signature_algorithms);
    at = WRITE(at, ",\"supported_versions\":");
    at = write_values(at, hello->supported_versions);
    return WRITE(at, "}");
}

void tlsfp_append_json_tls_data(const tlsfp_client_hello *hello, GString *out)
{
    write_end(out, write_data(write_begin(out, data_room(hello)), hello));
}

/* -- Fingerprints, which hold no character that JSON escapes */

static char *write_ja3s(tlsfp_context *context, const tlsfp_client_hello *hello, char *at)
{
    at = WRITE(at, "\"ja3_r\":\"");
    const ja3_text sent = write_ja3_text(context, hello, JA3_SENT, at);
    at = WRITE(sent.end, "\",\"ja3\":\"");
    at = write_ja3_hash(context, &sent, at);
    at = WRITE(at, "\",\"ja3n_r\":\"");
    const ja3_text sorted = write_ja3n_text_beside(context, &sent, at);
    at = WRITE(sorted.end, "\",\"ja3n\":\"");
    return write_ja3_hash(context, &sorted, at);
}

/** Transport and version, and parts b and c. */
static char *write_ja4_bc(const char *ja4, char *at)
{
    at = write_bytes(at, ja4, TLSFP_JA4_VERSION_LEN);
    return write_bytes(at, ja4 + TLSFP_JA4_A_LEN, TLSFP_JA4_LEN - TLSFP_JA4_A_LEN);
}

static char *write_ja4s(tlsfp_context *context, const tlsfp_client_hello *hello, char *at)
{
    at = WRITE(at, "\",\"ja4_r\":\"");
    const ja4_text sorted = write_ja4_text(context, hello, JA4_SORTED, at);
    at = WRITE(sorted.end, "\",\"ja4\":\"");
    const char *ja4 = at;
    at = write_ja4_hash(context, &sorted, at);
    at = WRITE(at, "\",\"ja4_bc\":\"");
    at = write_ja4_bc(ja4, at);
    at = WRITE(at, "\",\"ja4_ro\":\"");
    const ja4_text sent = write_ja4_text_beside(context, &sorted, JA4_SENT, at);
    at = WRITE(sent.end, "\",\"ja4_o\":\"");
    at = write_ja4_hash(context, &sent, at);
    at = WRITE(at, "\",\"stable_r\":\"");
    const ja4_text stable = write_ja4_text_beside(context, &sorted, JA4_STABLE, at);
    at = WRITE(stable.end, "\",\"stable\":\"");
    return write_ja4_hash(context, &stable, at);
}

static size_t fingerprints_room(const tlsfp_client_hello *hello)
{
    enum {
        KEYS_ROOM = 160,
        HASHES_ROOM = 2 * TLSFP_JA3_LEN + 4 * TLSFP_JA4_LEN, /* ja4_bc is shorter than ja4 */
    };
    return KEYS_ROOM + HASHES_ROOM + 2 * ja3_room(hello) + 3 * ja4_room(hello);
}

void tlsfp_append_json_tls_fingerprints(tlsfp_context *context, const tlsfp_client_hello *hello,
                                        GString *out)
{
    char *at = write_begin(out, fingerprints_room(hello));
    hello_lists_read(context, hello);
    at = WRITE(at, "{");
    at = write_ja3s(context, hello, at);
    at = write_ja4s(context, hello, at);
    write_end(out, WRITE(at, "\"}"));
}
