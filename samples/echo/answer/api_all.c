/* SPDX-License-Identifier: BSD-3-Clause */
/** @file /api/all: the keys and forms of tls.peet.ws (github.com/pagpeter/TrackMe,
 * types/structs.go), which scripts that test clients read. */
#include <string.h>
#include <tlsfp/escape.h>
#include <tlsfp/hello.h>
#include <tlsfp/names.h>
#include <tlsfp/traits.h>

#include "answer/json_out.h"
#include "answer/report.h"
#include "layers/http3_settings.h"
#include "layers/quic_parameters.h"
#include "layers/tcp_syn.h"

enum { USUAL_LEN = 8 * 1024, MAX_NAME = 128 };

typedef const char *(*namer)(uint16_t value);

/** "TLS_AES_128_GCM_SHA256", "X25519 (29)", "TLS_GREASE (0x1A1A)". */
static void name_value(char out[MAX_NAME], uint16_t value, const char *name, bool numbered)
{
    if (tlsfp_is_grease(value))
        g_snprintf(out, MAX_NAME, "TLS_GREASE (0x%04X)", value);
    else if (name == NULL)
        g_snprintf(out, MAX_NAME, "0x%04X", value);
    else
        g_snprintf(out, MAX_NAME, numbered ? "%s (%u)" : "%s", name, value);
}

static void append_values(GString *out, const char *key, tlsfp_span list, namer name_of,
                          bool numbered)
{
    uint16_t value;
    char text[MAX_NAME];
    json_key(out, key);
    g_string_append_c(out, '[');
    while (tlsfp_next_value(&list, &value)) {
        name_value(text, value, name_of(value), numbered);
        json_item(out);
        json_text(out, text);
    }
    g_string_append_c(out, ']');
}

static void append_protocols(GString *out, tlsfp_span list)
{
    tlsfp_span protocol;
    json_key(out, "protocols");
    g_string_append_c(out, '[');
    while (tlsfp_next_protocol(&list, &protocol)) {
        json_item(out);
        json_wire(out, protocol);
    }
    g_string_append_c(out, ']');
}

/** What is known of an extension's body; its bytes else. */
static void append_body(GString *out, const tlsfp_client_hello *hello, uint16_t type,
                        tlsfp_span body)
{
    enum { SERVER_NAME = 0, GROUPS = 10, SIGNATURES = 13, ALPN = 16, VERSIONS = 43 };
    switch (type) {
    case SERVER_NAME:
        json_key(out, "server_name");
        json_wire(out, hello->server_name);
        return;
    case GROUPS:
        append_values(out, "supported_groups", hello->supported_groups, tlsfp_group_name, true);
        return;
    case SIGNATURES:
        append_values(out, "signature_algorithms", hello->signature_algorithms,
                      tlsfp_signature_algorithm_name, false);
        return;
    case ALPN:
        append_protocols(out, hello->alpn);
        return;
    case VERSIONS:
        append_values(out, "versions", hello->supported_versions, tlsfp_version_name, false);
        return;
    default:
        json_key(out, "data");
        json_hex(out, body);
    }
}

static void append_extensions(GString *out, const tlsfp_client_hello *hello)
{
    tlsfp_span block = hello->extensions, body;
    uint16_t type;
    char text[MAX_NAME];
    json_key(out, "extensions");
    g_string_append_c(out, '[');
    while (tlsfp_next_extension(&block, &type, &body)) {
        const char *name = tlsfp_extension_name(type);
        name_value(text, type, name, true);
        json_item(out);
        g_string_append_c(out, '{');
        json_put_text(out, "name", text);
        append_body(out, hello, type, body);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void put_decimal(GString *out, const char *key, unsigned number)
{
    char text[16];
    g_snprintf(text, sizeof text, "%u", number);
    json_put_text(out, key, text);
}

/** The version that OpenSSL or GnuTLS calls by this name, as on the wire. */
static unsigned negotiated(const char *version)
{
    static const struct {
        const char *name;
        unsigned value;
    } versions[] = {
        {"TLSv1.3", 0x0304}, {"TLSv1.2", 0x0303}, {"TLSv1.1", 0x0302}, {"TLSv1", 0x0301}};
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        if (g_strcmp0(version, versions[i].name) == 0)
            return versions[i].value;
    return 0;
}

static void put_value(GString *out, const char *key, findings *found, tlsfp_kind kind)
{
    json_key(out, key);
    json_wire(out, findings_value(found, kind));
}

static void append_parameters(GString *out, const tlsfp_client_hello *hello)
{
    tlsfp_span list = quic_parameters_of(hello);
    quic_parameter parameter;
    json_key(out, "quic_transport_parameters");
    g_string_append_c(out, '[');
    while (quic_next_parameter(&list, &parameter)) {
        const char *name = quic_parameter_name(parameter.id);
        json_item(out);
        g_string_append_c(out, '{');
        json_put_number(out, "id", parameter.id);
        json_put_text(out, "name",
                      quic_parameter_is_grease(parameter.id) ? "GREASE"
                      : name != NULL                         ? name
                                                             : "unknown");
        json_key(out, "value");
        json_hex(out, parameter.value);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void append_tls(GString *out, findings *found)
{
    const client_info *client = found->client;
    const tlsfp_client_hello *hello = &client->hello;
    json_key(out, "tls");
    g_string_append_c(out, '{');
    append_values(out, "ciphers", hello->cipher_suites, tlsfp_cipher_suite_name, false);
    append_extensions(out, hello);
    put_decimal(out, "tls_version_record", hello->legacy_version);
    put_decimal(out, "tls_version_negotiated", negotiated(client->version));
    put_value(out, "ja3", found, TLSFP_KIND_JA3_R);
    put_value(out, "ja3_hash", found, TLSFP_KIND_JA3);
    put_value(out, "ja4", found, TLSFP_KIND_JA4);
    put_value(out, "ja4_r", found, TLSFP_KIND_JA4_R);
    if (client->quic_version != 0)
        append_parameters(out, hello);
    json_key(out, "client_random");
    json_hex(out, hello->random);
    json_key(out, "session_id");
    json_hex(out, hello->session_id);
    g_string_append_c(out, '}');
}

/* -- HTTP */

/** ["name: value", ...] */
static void append_fields(GString *out, const GString *fields)
{
    tlsfp_span list = fields_list(fields);
    const char *name, *value;
    GString *line = g_string_new(NULL);
    json_key(out, "headers");
    g_string_append_c(out, '[');
    while (fields_next(&list, &name, &value)) {
        g_string_printf(line, "%s: %s", name, value);
        json_item(out);
        json_wire(out, (tlsfp_span){(const uint8_t *)line->str, line->len});
    }
    g_string_append_c(out, ']');
    g_string_free(line, TRUE);
}

static void append_flags(GString *out, const http2_frame *frame)
{
    static const struct {
        unsigned flag;
        bool of_settings;
        const char *text;
    } flags[] = {
        {FLAG_ACK, true, "Ack (0x1)"},
        {FLAG_END_STREAM, false, "EndStream (0x1)"},
        {FLAG_END_HEADERS, false, "EndHeaders (0x4)"},
        {FLAG_PADDED, false, "Padded (0x8)"},
        {FLAG_PRIORITY, false, "Priority (0x20)"},
    };
    const bool is_settings = frame->type == FRAME_SETTINGS;
    json_key(out, "flags");
    g_string_append_c(out, '[');
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if ((frame->flags & flags[i].flag) != 0 && flags[i].of_settings == is_settings) {
            json_item(out);
            json_text(out, flags[i].text);
        }
    g_string_append_c(out, ']');
}

static void append_settings(GString *out, tlsfp_span payload)
{
    uint16_t id;
    uint32_t value;
    char text[64];
    json_key(out, "settings");
    g_string_append_c(out, '[');
    while (http2_next_setting(&payload, &id, &value)) {
        const char *name = http2_setting_name(id);
        if (name != NULL)
            g_snprintf(text, sizeof text, "%s = %u", name, value);
        else
            g_snprintf(text, sizeof text, "UNKNOWN_SETTING_%u = %u", id, value);
        json_item(out);
        json_text(out, text);
    }
    g_string_append_c(out, ']');
}

static void append_priority(GString *out, const http2_priority *priority)
{
    json_key(out, "priority");
    g_string_append_c(out, '{');
    json_put_number(out, "weight", priority->weight);
    json_put_number(out, "depends_on", priority->depends_on);
    json_put_number(out, "exclusive", priority->exclusive);
    g_string_append_c(out, '}');
}

static void append_frame(GString *out, const http2_frame *frame, const GString *first)
{
    uint32_t increment;
    http2_priority priority;
    const char *name = http2_frame_name(frame->type);
    json_item(out);
    g_string_append_c(out, '{');
    json_put_text(out, "frame_type", name != NULL ? name : "UNKNOWN");
    if (frame->stream != 0)
        json_put_number(out, "stream_id", frame->stream);
    json_put_number(out, "length", frame->len);
    if (frame->type == FRAME_SETTINGS)
        append_settings(out, frame->payload);
    if (http2_window_increment(frame, &increment))
        json_put_number(out, "increment", increment);
    if (frame->type == FRAME_HEADERS)
        append_fields(out, first);
    if (frame->flags != 0)
        append_flags(out, frame);
    if (http2_frame_priority(frame, &priority))
        append_priority(out, &priority);
    g_string_append_c(out, '}');
}

static void put_fingerprint(GString *out, const GString *text)
{
    json_put_text(out, "akamai_fingerprint", text->str);
    json_put_md5(out, "akamai_fingerprint_hash", text->str);
}

static void append_http2(GString *out, const http_facts *facts, const GString *order)
{
    tlsfp_span list = http2_frames_list(&facts->frames);
    http2_frame frame;
    GString *text = g_string_new(NULL);
    http2_append_akamai(&facts->frames, order->str, text);
    json_key(out, "http2");
    g_string_append_c(out, '{');
    put_fingerprint(out, text);
    json_key(out, "sent_frames");
    g_string_append_c(out, '[');
    while (http2_next_frame(&list, &frame))
        append_frame(out, &frame, facts->first);
    g_string_append(out, "]}");
    g_string_free(text, TRUE);
}

static void append_http3(GString *out, const http_facts *facts, const GString *order)
{
    tlsfp_span list = facts->settings != NULL
                          ? (tlsfp_span){facts->settings->data, facts->settings->len}
                          : (tlsfp_span){NULL, 0};
    uint64_t id, value;
    GString *text = g_string_new(NULL);
    http3_append_fingerprint(list, order->str, text);
    json_key(out, "http3");
    g_string_append_c(out, '{');
    put_fingerprint(out, text);
    json_key(out, "settings");
    g_string_append_c(out, '[');
    while (http3_next_setting(&list, &id, &value)) {
        const char *name = http3_setting_name(id);
        json_item(out);
        g_string_append_c(out, '{');
        json_put_number(out, "id", id);
        json_put_text(out, "name",
                      http3_setting_is_grease(id) ? "GREASE"
                      : name != NULL              ? name
                                                  : "UNKNOWN");
        json_put_number(out, "value", value);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
    append_fields(out, facts->first);
    g_string_append_c(out, '}');
    g_string_free(text, TRUE);
}

static void append_http(GString *out, const http_facts *facts, const http_request *request)
{
    GString *order = g_string_new(NULL);
    fields_append_pseudo_order(facts->first, order);
    if (facts->version == 2) {
        append_http2(out, facts, order);
    } else if (facts->version == 3) {
        append_http3(out, facts, order);
    } else {
        json_key(out, "http1");
        g_string_append_c(out, '{');
        append_fields(out, request->fields);
        g_string_append_c(out, '}');
    }
    g_string_free(order, TRUE);
}

static void append_tcpip(GString *out, const client_info *client)
{
    tcp_syn syn;
    json_key(out, "tcpip");
    g_string_append(out, "{");
    if (tcp_syn_parse((tlsfp_span){client->syn, client->n_syn}, &syn)) {
        json_put_number(out, "cap_length", client->n_syn);
        json_put_number(out, "dst_port", syn.destination_port);
        json_put_number(out, "src_port", syn.source_port);
        g_string_append(out, ",\"ip\":{");
        json_put_number(out, "id", syn.id);
        json_put_number(out, "ttl", syn.ttl);
        json_put_number(out, "ip_version", syn.ip_version);
        json_put_text(out, "src_ip", client->address);
        g_string_append(out, "},\"tcp\":{");
        json_put_number(out, "mss", syn.mss);
        json_put_number(out, "seq", syn.sequence);
        json_put_number(out, "window", syn.window);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, '}');
}

static void put_client(GString *out, const client_info *client)
{
    char *place = g_strdup_printf(strchr(client->address, ':') != NULL ? "[%s]:%u" : "%s:%u",
                                  client->address, client->port);
    json_put_text(out, "ip", place);
    g_free(place);
}

GBytes *report_api_all(findings *found, const http_request *request, bool indented)
{
    static const char *const versions[] = {"HTTP/1.0", "HTTP/1.1", "h2", "h3"};
    const unsigned version = found->facts->version;
    GString *out = g_string_sized_new(USUAL_LEN);
    g_string_append_c(out, '{');
    put_client(out, found->client);
    json_put_text(out, "http_version", versions[version > 1 ? version : request->old ? 0 : 1]);
    json_put_text(out, "method", request->method_name);
    if (request->user_agent[0] != '\0') {
        json_key(out, "user_agent");
        json_wire(out,
                  (tlsfp_span){(const uint8_t *)request->user_agent, strlen(request->user_agent)});
    }
    append_tls(out, found);
    append_http(out, found->facts, request);
    append_tcpip(out, found->client);
    g_string_append_c(out, '}');
    return report_end(out, indented);
}
