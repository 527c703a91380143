/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/escape.h>
#include <tlsfp/names.h>

#include "hello/iana.h"
#include "labels/shape.h"

enum { SHOWN_BYTES = 16 };

/** Extensions whose bodies are compared in other parts, or differ from connection to connection. */
static bool is_passed_over(uint16_t type)
{
    switch (type) {
    case EXTENSION_SUPPORTED_GROUPS:
    case EXTENSION_EC_POINT_FORMATS:
    case EXTENSION_SIGNATURE_ALGORITHMS:
    case EXTENSION_SUPPORTED_VERSIONS:
    case EXTENSION_KEY_SHARE:
    case EXTENSION_QUIC_TRANSPORT_PARAMETERS:
    case EXTENSION_QUIC_TRANSPORT_PARAMETERS_DRAFT:
    case EXTENSION_ENCRYPTED_CLIENT_HELLO:
        return true;
    default:
        return tlsfp_is_grease(type) || (type != EXTENSION_ALPN && shape_is_passing(type));
    }
}

GArray *bodies_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(shape_body));
}

void bodies_free(GArray *bodies)
{
    for (guint i = 0; i < bodies->len; i++)
        g_free((gpointer)g_array_index(bodies, shape_body, i).bytes.data);
    g_array_unref(bodies);
}

static const shape_body *find_body(const GArray *bodies, uint16_t type)
{
    for (guint i = 0; i < bodies->len; i++)
        if (g_array_index(bodies, shape_body, i).type == type)
            return &g_array_index(bodies, shape_body, i);
    return NULL;
}

void bodies_add(GArray *bodies, uint16_t type, tlsfp_span body)
{
    if (is_passed_over(type) || find_body(bodies, type) != NULL)
        return;
    uint8_t *kept = g_malloc(body.len + 1); /* never NULL */
    if (body.len > 0)
        memcpy(kept, body.data, body.len);
    const shape_body added = {type, {kept, body.len}};
    g_array_append_val(bodies, added);
}

void bodies_compare(const GArray *first, const GArray *second, GArray *out)
{
    for (guint i = 0; i < first->len; i++) {
        const shape_body *before = &g_array_index(first, shape_body, i);
        const shape_body *after = find_body(second, before->type);
        if (after == NULL || (after->bytes.len == before->bytes.len &&
                              memcmp(after->bytes.data, before->bytes.data, after->bytes.len) == 0))
            continue;
        const tlsfp_difference difference = {
            .part = TLSFP_PART_BODIES,
            .change = TLSFP_CHANGED,
            .value = before->type,
            .body = after->bytes,
            .body_before = before->bytes,
        };
        g_array_append_val(out, difference);
    }
}

/* ---- in words ---- */

/** What stands behind a length of so many bytes, as far as it is there. */
static tlsfp_span inside(tlsfp_span body, size_t size)
{
    size_t len = 0;
    if (body.len < size)
        return (tlsfp_span){NULL, 0};
    for (size_t i = 0; i < size; i++)
        len = len << 8 | body.data[i];
    return (tlsfp_span){body.data + size, MIN(len, body.len - size)};
}

static const char *compression_name(uint16_t value)
{
    static const char *const names[] = {NULL, "zlib", "brotli", "zstd"}; /* RFC 8879 7.3 */
    return value < G_N_ELEMENTS(names) ? names[value] : NULL;
}

static const char *psk_mode_name(uint16_t value)
{
    static const char *const names[] = {"psk_ke", "psk_dhe_ke"}; /* RFC 8446 4.2.9 */
    return value < G_N_ELEMENTS(names) ? names[value] : NULL;
}

/** Names, or numbers, joined by commas. */
static void append_names(GString *out, tlsfp_span list, size_t size,
                         const char *(*name_of)(uint16_t))
{
    const gsize start = out->len;
    for (; list.len >= size; list = (tlsfp_span){list.data + size, list.len - size}) {
        const uint16_t value =
            (uint16_t)(size == 1 ? list.data[0] : list.data[0] << 8 | list.data[1]);
        const char *name = name_of(value);
        g_string_append(out, out->len > start ? ", " : "");
        if (name != NULL)
            g_string_append(out, name);
        else
            g_string_append_printf(out, "0x%0*x", (int)size * 2, value);
    }
}

static void append_protocols(GString *out, tlsfp_span list)
{
    const gsize start = out->len;
    tlsfp_span protocol;
    while (tlsfp_next_protocol(&list, &protocol)) {
        g_string_append(out, out->len > start ? ", " : "");
        tlsfp_append_escaped(out, protocol, '\0');
    }
}

static void append_bytes(GString *out, tlsfp_span body)
{
    for (size_t i = 0; i < MIN(body.len, SHOWN_BYTES); i++)
        g_string_append_printf(out, "%02x", body.data[i]);
    if (body.len > SHOWN_BYTES)
        g_string_append_printf(out, "… (%zu bytes)", body.len);
}

static void append_body(GString *out, uint16_t type, tlsfp_span body)
{
    const gsize start = out->len;
    switch (type) {
    case EXTENSION_ALPN:
    case EXTENSION_APPLICATION_SETTINGS:
    case EXTENSION_APPLICATION_SETTINGS_OLD:
        append_protocols(out, inside(body, 2));
        break;
    case EXTENSION_COMPRESS_CERTIFICATE:
        append_names(out, inside(body, 1), 2, compression_name);
        break;
    case EXTENSION_PSK_KEY_EXCHANGE_MODES:
        append_names(out, inside(body, 1), 1, psk_mode_name);
        break;
    case EXTENSION_DELEGATED_CREDENTIALS:
    case EXTENSION_SIGNATURE_ALGORITHMS_CERT:
        append_names(out, inside(body, 2), 2, tlsfp_signature_algorithm_name);
        break;
    case EXTENSION_RECORD_SIZE_LIMIT: /* RFC 8449 4 */
        if (body.len == 2)
            g_string_append_printf(out, "%u", (unsigned)(body.data[0] << 8 | body.data[1]));
        break;
    default:
        break;
    }
    if (out->len == start)
        append_bytes(out, body);
    if (out->len == start)
        g_string_append(out, "nothing");
}

void bodies_append_text(const tlsfp_difference *difference, GString *out)
{
    const char *name = tlsfp_extension_name(difference->value);
    g_string_append_printf(out, "extension 0x%04x%s%s: ", difference->value,
                           name != NULL ? " " : "", name != NULL ? name : "");
    append_body(out, difference->value, difference->body);
    g_string_append(out, " instead of ");
    append_body(out, difference->value, difference->body_before);
}

unsigned bodies_touch(const tlsfp_difference *difference)
{
    if (difference->value != EXTENSION_ALPN ||
        shape_alpn_ends(inside(difference->body, 2)) ==
            shape_alpn_ends(inside(difference->body_before, 2)))
        return 0;
    return TLSFP_TOUCHES_JA4_A | TLSFP_TOUCHES_STABLE;
}
