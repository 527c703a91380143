/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/report.h"

#include <stdlib.h>
#include <tlsfp/json.h>
#include <tlsfp/names.h>

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *wire_text(tlsfp_span bytes)
{
    char *text = g_utf8_make_valid((const char *)bytes.data, (gssize)bytes.len);
    json_t *value = json_string(text);
    g_free(text);
    return value;
}

static json_t *names_of(tlsfp_span list, const char *(*name_of)(uint16_t value))
{
    json_t *array = json_array();
    uint16_t value;
    while (tlsfp_next_value(&list, &value))
        json_array_append_new(array, text_or_null(name_of(value)));
    return array;
}

static json_t *extension_names_of(tlsfp_span block)
{
    json_t *array = json_array();
    uint16_t type;
    tlsfp_span body;
    while (tlsfp_next_extension(&block, &type, &body))
        json_array_append_new(array, text_or_null(tlsfp_extension_name(type)));
    return array;
}

static json_t *format_names_of(tlsfp_span list)
{
    /* RFC 8422 5.1.2 */
    static const char *const formats[] = {"uncompressed", "ansiX962_compressed_prime",
                                          "ansiX962_compressed_char2"};
    json_t *array = json_array();
    for (size_t i = 0; i < list.len; i++) {
        const uint8_t value = list.data[i];
        const bool known = value < G_N_ELEMENTS(formats);
        json_array_append_new(array, text_or_null(known ? formats[value] : NULL));
    }
    return array;
}

static json_t *protocols_of(tlsfp_span list)
{
    json_t *array = json_array();
    tlsfp_span protocol;
    while (tlsfp_next_protocol(&list, &protocol))
        json_array_append_new(array, wire_text(protocol));
    return array;
}

static json_t *names(const tlsfp_client_hello *hello)
{
    const tlsfp_span server_name = hello->server_name;
    json_t *all = json_object();
    json_object_set_new(all, "protocol_version",
                        text_or_null(tlsfp_version_name(hello->legacy_version)));
    json_object_set_new(all, "cipher_suites",
                        names_of(hello->cipher_suites, tlsfp_cipher_suite_name));
    json_object_set_new(all, "extensions", extension_names_of(hello->extensions));
    json_object_set_new(all, "server_name",
                        server_name.data != NULL ? wire_text(server_name) : json_null());
    json_object_set_new(all, "ec_point_formats", format_names_of(hello->ec_point_formats));
    json_object_set_new(all, "supported_groups",
                        names_of(hello->supported_groups, tlsfp_group_name));
    json_object_set_new(all, "alpn", protocols_of(hello->alpn));
    json_object_set_new(all, "signature_algorithms",
                        names_of(hello->signature_algorithms, tlsfp_signature_algorithm_name));
    json_object_set_new(all, "supported_versions",
                        names_of(hello->supported_versions, tlsfp_version_name));
    return all;
}

static json_t *connection(const client_info *client)
{
    char record_version[5];
    g_snprintf(record_version, sizeof record_version, "%04x", client->record_version);
    return json_pack("{s:s, s:s, s:s?, s:s?, s:b, s:b, s:s, s:s, s:i}", "version", client->version,
                     "cipher", client->cipher, "group", client->group, "alpn", client->alpn,
                     "resumed", client->resumed, "retried", client->retried, "record_version",
                     record_version, "client_address", client->address, "client_port",
                     (int)client->port);
}

/** Only where there are lists of names. */
static void add_client(json_t *report, const client_info *client)
{
    if (!client->named)
        return;
    json_t *names = json_array();
    for (size_t i = 0; i < client->n_names; i++)
        json_array_append_new(names, json_string(client->names[i].name));
    const char *level = client->n_names > 0 ? tlsfp_level_name(client_level(client)) : NULL;
    json_object_set_new(report, "client", names);
    json_object_set_new(report, "level", text_or_null(level));
}

GBytes *report_json(const client_info *client, tlsfp_context *context, bool indented)
{
    const tlsfp_client_hello *hello = &client->hello;
    json_t *report = json_object();
    json_object_set_new(report, "tls_data", tlsfp_json_tls_data(hello));
    json_object_set_new(report, "tls_fingerprints", tlsfp_json_tls_fingerprints(context, hello));
    json_object_set_new(report, "connection", connection(client));
    json_object_set_new(report, "names", names(hello));
    add_client(report, client);
    char *text = json_dumps(report, indented ? JSON_INDENT(2) : JSON_COMPACT);
    json_decref(report);
    GString *line = g_string_new(text);
    g_string_append_c(line, '\n');
    free(text);
    return g_string_free_to_bytes(line);
}
