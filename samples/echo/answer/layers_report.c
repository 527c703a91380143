/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/layers_report.h"

#include <tlsfp/reader.h>

#include "answer/json_out.h"
#include "layers/http3_settings.h"
#include "layers/quic_parameters.h"
#include "layers/tcp_syn.h"

/* -- HTTP */

static void append_field_names(GString *out, const GString *fields, bool pseudo)
{
    tlsfp_span list = fields_list(fields);
    const char *name, *value;
    g_string_append_c(out, '[');
    while (fields_next(&list, &name, &value))
        if ((name[0] == ':') == pseudo) {
            json_item(out);
            json_text(out, name);
        }
    g_string_append_c(out, ']');
}

static void append_settings(GString *out, tlsfp_span payload)
{
    uint16_t id;
    uint32_t value;
    json_key(out, "settings");
    g_string_append_c(out, '[');
    while (http2_next_setting(&payload, &id, &value)) {
        json_item(out);
        g_string_append_c(out, '{');
        json_put_number(out, "id", id);
        json_put_text(out, "name", http2_setting_name(id));
        json_put_number(out, "value", value);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void append_priority(GString *out, const http2_priority *priority)
{
    json_key(out, "priority");
    g_string_append_c(out, '{');
    json_put_bool(out, "exclusive", priority->exclusive);
    json_put_number(out, "depends_on", priority->depends_on);
    json_put_number(out, "weight", priority->weight);
    g_string_append_c(out, '}');
}

static void append_frame(GString *out, const http2_frame *frame)
{
    uint32_t increment;
    http2_priority priority;
    json_item(out);
    g_string_append_c(out, '{');
    json_put_number(out, "type", frame->type);
    json_put_text(out, "name", http2_frame_name(frame->type));
    json_put_number(out, "length", frame->len);
    json_put_number(out, "flags", frame->flags);
    json_put_number(out, "stream", frame->stream);
    if (frame->type == FRAME_SETTINGS && (frame->flags & FLAG_ACK) == 0)
        append_settings(out, frame->payload);
    if (http2_window_increment(frame, &increment))
        json_put_number(out, "increment", increment);
    if (http2_frame_priority(frame, &priority))
        append_priority(out, &priority);
    g_string_append_c(out, '}');
}

static void append_http2(GString *out, const http_facts *facts)
{
    tlsfp_span list = http2_frames_list(&facts->frames);
    http2_frame frame;
    GString *text = g_string_new(NULL), *order = g_string_new(NULL);
    fields_append_pseudo_order(facts->first, order);
    http2_append_akamai(&facts->frames, order->str, text);
    json_put_text(out, "akamai", text->str);
    json_put_md5(out, "akamai_hash", text->str);
    json_key(out, "frames");
    g_string_append_c(out, '[');
    while (http2_next_frame(&list, &frame))
        append_frame(out, &frame);
    g_string_append_c(out, ']');
    g_string_free(text, TRUE);
    g_string_free(order, TRUE);
}

static tlsfp_span settings_of(const http_facts *facts)
{
    return facts->settings != NULL ? (tlsfp_span){facts->settings->data, facts->settings->len}
                                   : (tlsfp_span){NULL, 0};
}

static void append_http3_settings(GString *out, tlsfp_span list)
{
    uint64_t id, value;
    json_key(out, "settings");
    g_string_append_c(out, '[');
    while (http3_next_setting(&list, &id, &value)) {
        json_item(out);
        g_string_append_c(out, '{');
        json_put_number(out, "id", id);
        json_put_text(out, "name", http3_setting_name(id));
        json_put_number(out, "value", value);
        json_put_bool(out, "grease", http3_setting_is_grease(id));
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void append_http3(GString *out, const http_facts *facts)
{
    GString *text = g_string_new(NULL), *order = g_string_new(NULL);
    fields_append_pseudo_order(facts->first, order);
    http3_append_fingerprint(settings_of(facts), order->str, text);
    json_put_text(out, "fingerprint", text->str);
    json_put_md5(out, "fingerprint_hash", text->str);
    append_http3_settings(out, settings_of(facts));
    g_string_free(text, TRUE);
    g_string_free(order, TRUE);
}

static const char *version_of(const http_facts *facts, const http_request *request)
{
    if (facts->version > 1)
        return facts->version == 2 ? "HTTP/2" : "HTTP/3";
    return request->old ? "HTTP/1.0" : "HTTP/1.1";
}

void report_append_http(GString *out, const http_facts *facts, const http_request *request)
{
    g_string_append_c(out, '{');
    json_put_text(out, "version", version_of(facts, request));
    json_put_text(out, "method", request->method_name);
    if (facts->version == 2)
        append_http2(out, facts);
    if (facts->version == 3)
        append_http3(out, facts);
    if (facts->version > 1) {
        json_key(out, "pseudo_headers");
        append_field_names(out, request->fields, true);
    }
    json_key(out, "headers");
    append_field_names(out, request->fields, false);
    g_string_append_c(out, '}');
}

/* -- TCP */

static void append_options(GString *out, const tcp_syn *syn)
{
    json_key(out, "options");
    g_string_append_c(out, '[');
    for (unsigned i = 0; i < syn->n_kinds; i++) {
        json_item(out);
        g_string_append_c(out, '{');
        json_put_number(out, "kind", syn->kinds[i]);
        json_put_text(out, "name", tcp_option_name(syn->kinds[i]));
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

/** A number, or null where the client sent none. */
static void put_optional(GString *out, const char *key, bool there, uint64_t number)
{
    json_key(out, key);
    if (there)
        json_number(out, number);
    else
        g_string_append(out, "null");
}

void report_append_tcp(GString *out, const client_info *client)
{
    tcp_syn syn;
    if (!tcp_syn_parse((tlsfp_span){client->syn, client->n_syn}, &syn)) {
        g_string_append(out, "null");
        return;
    }
    GString *p0f = g_string_new(NULL), *muonfp = g_string_new(NULL);
    tcp_syn_append_p0f(&syn, p0f);
    tcp_syn_append_muonfp(&syn, muonfp);
    g_string_append_c(out, '{');
    json_put_text(out, "p0f", p0f->str);
    json_put_text(out, "muonfp", muonfp->str);
    json_put_number(out, "ip_version", syn.ip_version);
    json_put_number(out, "ttl", syn.ttl);
    json_put_number(out, "window", syn.window);
    put_optional(out, "mss", syn.has_mss, syn.mss);
    put_optional(out, "window_scale", syn.has_scale, syn.scale);
    append_options(out, &syn);
    g_string_append_c(out, '}');
    g_string_free(p0f, TRUE);
    g_string_free(muonfp, TRUE);
}

/* -- QUIC */

static void append_versions(GString *out, tlsfp_span list)
{
    tlsfp_span version;
    g_string_append_c(out, '[');
    while (take(&list, sizeof(uint32_t), &version)) {
        json_item(out);
        json_hex(out, version);
    }
    g_string_append_c(out, ']');
}

static void append_parameter(GString *out, const quic_parameter *parameter)
{
    uint64_t number;
    json_item(out);
    g_string_append_c(out, '{');
    json_put_number(out, "id", parameter->id);
    json_put_text(out, "name", quic_parameter_name(parameter->id));
    json_put_bool(out, "grease", quic_parameter_is_grease(parameter->id));
    json_key(out, "value");
    if (quic_parameter_number(parameter, &number))
        json_number(out, number);
    else if (quic_parameter_kind(parameter->id) == QUIC_VALUE_FLAG && parameter->value.len == 0)
        json_bool(out, true);
    else if (quic_parameter_kind(parameter->id) == QUIC_VALUE_VERSIONS)
        append_versions(out, parameter->value);
    else
        json_hex(out, parameter->value);
    g_string_append_c(out, '}');
}

void report_append_quic(GString *out, const client_info *client)
{
    tlsfp_span list = quic_parameters_of(&client->hello);
    quic_parameter parameter;
    g_string_append_c(out, '{');
    json_key(out, "version");
    g_string_append_printf(out, "\"%08x\"", client->quic_version);
    json_put_text(out, "version_name", quic_version_name(client->quic_version));
    json_put_bool(out, "retry", client->quic_retry);
    json_put_text(out, "early_data", client_offers_early_data(client) ? "refused" : "not offered");
    json_key(out, "transport_parameters");
    g_string_append_c(out, '[');
    while (quic_next_parameter(&list, &parameter))
        append_parameter(out, &parameter);
    g_string_append(out, "]}");
}
