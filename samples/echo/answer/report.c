/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/report.h"

#include <tlsfp/json.h>
#include <tlsfp/names.h>
#include <tlsfp/reader.h>

#include "answer/json_out.h"
#include "answer/layers_report.h"

enum { USUAL_LEN = 8 * 1024 }; /* of a report, in bytes; it may be longer */

static void append_names_of(GString *out, tlsfp_span list, const char *(*name_of)(uint16_t value))
{
    uint16_t value;
    g_string_append_c(out, '[');
    while (tlsfp_next_value(&list, &value)) {
        json_item(out);
        json_text(out, name_of(value));
    }
    g_string_append_c(out, ']');
}

static void append_extension_names(GString *out, tlsfp_span block)
{
    uint16_t type;
    tlsfp_span body;
    g_string_append_c(out, '[');
    while (tlsfp_next_extension(&block, &type, &body)) {
        json_item(out);
        json_text(out, tlsfp_extension_name(type));
    }
    g_string_append_c(out, ']');
}

static void append_format_names(GString *out, tlsfp_span list)
{
    /* RFC 8422 5.1.2 */
    static const char *const formats[] = {"uncompressed", "ansiX962_compressed_prime",
                                          "ansiX962_compressed_char2"};
    tlsfp_span format;
    g_string_append_c(out, '[');
    while (take(&list, 1, &format)) {
        const uint8_t value = get_u8(format, 0);
        json_item(out);
        json_text(out, value < G_N_ELEMENTS(formats) ? formats[value] : NULL);
    }
    g_string_append_c(out, ']');
}

static void append_protocols(GString *out, tlsfp_span list)
{
    tlsfp_span protocol;
    g_string_append_c(out, '[');
    while (tlsfp_next_protocol(&list, &protocol)) {
        json_item(out);
        json_wire(out, protocol);
    }
    g_string_append_c(out, ']');
}

static void append_names(GString *out, const tlsfp_client_hello *hello)
{
    g_string_append_c(out, '{');
    json_put_text(out, "protocol_version", tlsfp_version_name(hello->legacy_version));
    json_key(out, "cipher_suites");
    append_names_of(out, hello->cipher_suites, tlsfp_cipher_suite_name);
    json_key(out, "extensions");
    append_extension_names(out, hello->extensions);
    json_put_wire(out, "server_name", hello->server_name);
    json_key(out, "ec_point_formats");
    append_format_names(out, hello->ec_point_formats);
    json_key(out, "supported_groups");
    append_names_of(out, hello->supported_groups, tlsfp_group_name);
    json_key(out, "alpn");
    append_protocols(out, hello->alpn);
    json_key(out, "signature_algorithms");
    append_names_of(out, hello->signature_algorithms, tlsfp_signature_algorithm_name);
    json_key(out, "supported_versions");
    append_names_of(out, hello->supported_versions, tlsfp_version_name);
    g_string_append_c(out, '}');
}

static void append_record_version(GString *out, uint16_t version)
{
    char digits[8];
    g_snprintf(digits, sizeof digits, "%04x", version);
    json_put_text(out, "record_version", digits);
}

static void append_connection(GString *out, const client_info *client)
{
    const bool is_quic = client->quic_version != 0;
    g_string_append_c(out, '{');
    json_put_text(out, "version", client->version);
    json_put_text(out, "cipher", client->cipher);
    json_put_text(out, "group", client->group);
    json_put_text(out, "alpn", client->alpn);
    json_put_bool(out, "resumed", client->resumed);
    json_put_bool(out, "retried", client->retried);
    if (!is_quic)
        append_record_version(out, client->record_version);
    json_put_text(out, "client_address", *client->address != '\0' ? client->address : NULL);
    json_put_number(out, "client_port", client->port);
    if (is_quic) {
        json_key(out, "quic");
        report_append_quic(out, client);
    }
    g_string_append_c(out, '}');
}

static void append_client(GString *out, const client_info *client)
{
    json_key(out, "client");
    g_string_append_c(out, '[');
    for (size_t i = 0; i < client->n_names; i++) {
        json_item(out);
        json_text(out, client->names[i].name);
    }
    g_string_append_c(out, ']');
    json_put_text(out, "level",
                  client->n_names > 0 ? tlsfp_level_name(client_level(client)) : NULL);
}

static void append_line(GString *out, unsigned depth)
{
    g_string_append_c(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        g_string_append(out, "  ");
}

/** Copies a string with its quotes; returns where it ends. */
static const char *copy_string(GString *out, const char *at)
{
    const char *end = at + 1;
    while (*end != '"')
        end += *end == '\\' ? 2 : 1;
    g_string_append_len(out, at, end + 1 - at);
    return end + 1;
}

/** The same JSON with a line for each value, for people; frees @p compact. */
static GString *indent(GString *compact)
{
    GString *out = g_string_sized_new(2 * compact->len);
    unsigned depth = 0;
    for (const char *at = compact->str; *at != '\0';) {
        if (*at == '"') {
            at = copy_string(out, at);
            continue;
        }
        const bool opens = *at == '{' || *at == '[', closes = *at == '}' || *at == ']';
        const bool is_empty = opens && (at[1] == '}' || at[1] == ']');
        if (closes)
            append_line(out, --depth);
        g_string_append_c(out, *at);
        if (is_empty)
            g_string_append_c(out, *++at);
        else if (opens)
            append_line(out, ++depth);
        else if (*at == ',')
            append_line(out, depth);
        else if (*at == ':')
            g_string_append_c(out, ' ');
        at++;
    }
    g_string_free(compact, TRUE);
    return out;
}

GBytes *report_end(GString *report, bool indented)
{
    GString *out = indented ? indent(report) : report;
    g_string_append_c(out, '\n');
    return g_string_free_to_bytes(out);
}

/** The members that /tls and the "tls" of /all share. */
static void append_tls(GString *out, findings *found)
{
    const tlsfp_client_hello *hello = &found->client->hello;
    const GString *fingerprints = findings_fingerprints(found);
    json_key(out, "tls_data");
    tlsfp_append_json_tls_data(hello, out);
    json_key(out, "tls_fingerprints");
    g_string_append_len(out, fingerprints->str, (gssize)fingerprints->len);
    json_key(out, "connection");
    append_connection(out, found->client);
    json_key(out, "names");
    append_names(out, hello);
}

GBytes *report_json(findings *found, bool indented)
{
    GString *out = g_string_sized_new(USUAL_LEN);
    g_string_append_c(out, '{');
    append_tls(out, found);
    if (found->client->named)
        append_client(out, found->client);
    g_string_append_c(out, '}');
    return report_end(out, indented);
}

static void append_differences(GString *out, const GArray *differences)
{
    GString *text = g_string_new(NULL);
    g_string_append_c(out, '[');
    for (guint i = 0; i < differences->len; i++) {
        tlsfp_difference_text(&g_array_index(differences, tlsfp_difference, i),
                              g_string_truncate(text, 0));
        json_item(out);
        json_text(out, text->str);
    }
    g_string_append_c(out, ']');
    g_string_free(text, TRUE);
}

static void append_nearest(GString *out, findings *found)
{
    const tlsfp_client *client = findings_nearest(found);
    json_key(out, "nearest");
    if (client == NULL) {
        g_string_append(out, "null");
        return;
    }
    g_string_append_c(out, '{');
    json_put_text(out, "name", client->name);
    json_put_text(out, "family", client->family);
    json_put_number(out, "distance", found->nearest.distance);
    json_key(out, "differences");
    append_differences(out, found->differences);
    g_string_append_c(out, '}');
}

static void append_claim(GString *out, findings *found, const char *user_agent)
{
    json_key(out, "claim");
    if (found->known == NULL || *user_agent == '\0') {
        g_string_append(out, "null");
        return;
    }
    GString *product = g_string_new(NULL), *why = g_string_new(NULL);
    const tlsfp_claim verdict = findings_judge(found, user_agent, why);
    tlsfp_claim_product(user_agent, product);
    g_string_append_c(out, '{');
    json_put_text(out, "product", product->len > 0 ? product->str : NULL);
    json_put_text(out, "verdict", tlsfp_claim_name(verdict));
    json_put_text(out, "why", why->str);
    g_string_append_c(out, '}');
    g_string_free(product, TRUE);
    g_string_free(why, TRUE);
}

GBytes *report_all(findings *found, const http_request *request, bool indented)
{
    GString *out = g_string_sized_new(USUAL_LEN);
    g_string_append(out, "{\"tls\":{");
    append_tls(out, found);
    g_string_append_c(out, '}');
    json_key(out, "http");
    report_append_http(out, found->facts, request);
    json_key(out, "quic");
    if (found->client->quic_version != 0)
        report_append_quic(out, found->client);
    else
        g_string_append(out, "null");
    json_key(out, "tcp");
    report_append_tcp(out, found->client);
    append_client(out, found->client);
    append_nearest(out, found);
    append_claim(out, found, request->user_agent);
    g_string_append_c(out, '}');
    return report_end(out, indented);
}
