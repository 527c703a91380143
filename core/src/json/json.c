/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/json.h>

#include "fingerprint/text.h"

static json_t *hex_of(tlsfp_span bytes)
{
    char *text = g_malloc(2 * bytes.len + 1);
    size_t len = (size_t)(write_hex(text, bytes.data, bytes.len) - text);
    json_t *value = json_stringn_nocheck(text, len);
    g_free(text);
    return value;
}

static json_t *hex_of_value(uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    return hex_of((tlsfp_span){bytes, sizeof bytes});
}

/** Adds @p value, and gives @p array back; NULL, with all released, where that fails. */
static json_t *append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) == 0)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *values_of(tlsfp_span list)
{
    json_t *array = json_array();
    uint16_t value;
    while (tlsfp_next_value(&list, &value))
        array = append(array, hex_of_value(value));
    return array;
}

static json_t *bytes_of(tlsfp_span list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list.len; i++)
        array = append(array, hex_of((tlsfp_span){list.data + i, 1}));
    return array;
}

static json_t *types_of(tlsfp_span block)
{
    json_t *array = json_array();
    uint16_t type;
    tlsfp_span body;
    while (tlsfp_next_extension(&block, &type, &body))
        array = append(array, hex_of_value(type));
    return array;
}

static json_t *protocols_of(tlsfp_span list)
{
    json_t *array = json_array();
    tlsfp_span protocol;
    while (tlsfp_next_protocol(&list, &protocol))
        array = append(array, hex_of(protocol));
    return array;
}

/** Releases @p object where a part of it could not be had. */
static json_t *whole(json_t *object, bool failed)
{
    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}

json_t *tlsfp_json_tls_data(const tlsfp_client_hello *hello)
{
    const struct {
        const char *key;
        json_t *value;
    } parts[] = {
        {"protocol_version", hex_of_value(hello->legacy_version)},
        {"cipher_suites", values_of(hello->cipher_suites)},
        {"extensions", types_of(hello->extensions)},
        {"server_name", hello->server_name.data != NULL ? hex_of(hello->server_name) : json_null()},
        {"ec_point_formats", bytes_of(hello->ec_point_formats)},
        {"supported_groups", values_of(hello->supported_groups)},
        {"alpn", protocols_of(hello->alpn)},
        {"signature_algorithms", values_of(hello->signature_algorithms)},
        {"supported_versions", values_of(hello->supported_versions)},
    };
    json_t *object = json_object();
    bool failed = false;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        failed |= json_object_set_new_nocheck(object, parts[i].key, parts[i].value) != 0;
    return whole(object, failed);
}

json_t *tlsfp_json_tls_fingerprints(tlsfp_context *context, const tlsfp_client_hello *hello)
{
    static const tlsfp_kind kinds[] = {
        TLSFP_KIND_JA3_R, TLSFP_KIND_JA3,      TLSFP_KIND_JA3N_R, TLSFP_KIND_JA3N,
        TLSFP_KIND_JA4_R, TLSFP_KIND_JA4,      TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_RO,
        TLSFP_KIND_JA4_O, TLSFP_KIND_STABLE_R, TLSFP_KIND_STABLE,
    };
    json_t *object = json_object();
    GString *value = g_string_new(NULL);
    bool failed = false;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_string_truncate(value, 0);
        tlsfp_append_value(context, hello, kinds[i], value);
        failed |= json_object_set_new_nocheck(object, tlsfp_kind_name(kinds[i]),
                                              json_string_nocheck(value->str)) != 0;
    }
    g_string_free(value, TRUE);
    return whole(object, failed);
}
