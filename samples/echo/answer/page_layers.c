/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/page_layers.h"

#include <string.h>

#include "layers/http3_settings.h"
#include "layers/quic_parameters.h"
#include "layers/tcp_syn.h"

static void put(GString *out, const char *html)
{
    g_string_append(out, html);
}

static void put_text(GString *out, const char *text)
{
    page_append_text(out, (tlsfp_span){(const uint8_t *)text, strlen(text)});
}

static void put_fact(GString *out, const char *name, const char *value)
{
    put(out, "<div><dt>");
    put(out, name);
    put(out, "</dt><dd>");
    put_text(out, value);
    put(out, "</dd></div>");
}

static void put_number(GString *out, const char *name, bool there, uint64_t number)
{
    char text[24] = "not sent";
    if (there)
        g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, number);
    put_fact(out, name, text);
}

/** A fingerprint with a button to copy it. */
static void put_form(GString *out, const char *name, const char *about, const char *value)
{
    g_string_append_printf(out, "<dt>%s <small>%s</small></dt>\n<dd data-copy=\"%s\"><code>", name,
                           about, name);
    put_text(out, value);
    put(out, "</code></dd>\n");
}

static void begin_section(GString *out, const char *id, const char *title)
{
    g_string_append_printf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

/* -- known clients */

const char *page_difference(const page_subject *subject, tlsfp_part part, uint16_t value)
{
    if (findings_nearest(subject->found) == NULL)
        return NULL;
    const GArray *all = subject->found->differences;
    for (guint i = 0; i < all->len; i++) {
        const tlsfp_difference *difference = &g_array_index(all, tlsfp_difference, i);
        if (difference->part == part && difference->value == value &&
            difference->change == TLSFP_ADDED)
            return "added";
        if (difference->part == part && difference->value == value &&
            difference->change == TLSFP_MOVED)
            return "elsewhere";
    }
    return NULL;
}

static void put_differences(GString *out, const GArray *differences)
{
    GString *text = g_string_new(NULL);
    put(out, "<ul class=\"differences\">");
    for (guint i = 0; i < differences->len; i++) {
        tlsfp_difference_text(&g_array_index(differences, tlsfp_difference, i),
                              g_string_truncate(text, 0));
        put(out, "<li>");
        put_text(out, text->str);
        put(out, "</li>");
    }
    put(out, "</ul>\n");
    g_string_free(text, TRUE);
}

static void put_nearest(GString *out, const page_subject *subject, const tlsfp_client *client)
{
    const bool same = subject->found->differences->len == 0;
    put(out, same                            ? "<p>Nothing in its hello tells it from <strong>"
             : subject->client->n_names == 0 ? "<p>No list names this client. The nearest known "
                                               "client is <strong>"
                                             : "<p>The nearest known client is <strong>");
    put_text(out, client->name);
    if (same)
        put(out, "</strong>.</p>\n");
    else
        g_string_append_printf(out, "</strong>, at a distance of %u. What differs in yours:</p>\n",
                               subject->found->nearest.distance);
    if (!same)
        put_differences(out, subject->found->differences);
}

static void put_claim(GString *out, const page_subject *subject)
{
    const char *agent = subject->request->user_agent;
    if (*agent == '\0')
        return;
    GString *product = g_string_new(NULL), *why = g_string_new(NULL);
    const tlsfp_claim verdict = findings_judge(subject->found, agent, why);
    tlsfp_claim_product(agent, product);
    put(out, "<p>By its User-Agent it is ");
    put_text(out, product->len > 0 ? product->str : "something else");
    put(out, verdict == TLSFP_CLAIM_FITS           ? ". That <strong>fits</strong>: "
             : verdict == TLSFP_CLAIM_DOES_NOT_FIT ? ". That <strong>does not fit</strong>: "
                                                   : ". Whether that fits is not known: ");
    put_text(out, why->str);
    put(out, ".</p>\n");
    g_string_free(product, TRUE);
    g_string_free(why, TRUE);
}

void page_put_known(GString *out, const page_subject *subject)
{
    const tlsfp_client *client = findings_nearest(subject->found);
    if (client == NULL)
        return;
    begin_section(out, "known", "Whom it looks like");
    put_nearest(out, subject, client);
    put_claim(out, subject);
    put(out, "</section>\n\n");
}

/* -- HTTP */

static void put_setting(GString *out, uint64_t id, const char *name, uint64_t value, bool grease)
{
    g_string_append_printf(out, "<tr%s><td>%" G_GUINT64_FORMAT "</td><td>",
                           grease ? " class=\"grease\"" : "", id);
    put(out, grease ? "GREASE" : name != NULL ? name : "no name known");
    g_string_append_printf(out, "</td><td class=\"size\">%" G_GUINT64_FORMAT "</td></tr>", value);
}

static void put_frames(GString *out, const http_facts *facts)
{
    tlsfp_span list = http2_frames_list(&facts->frames);
    http2_frame frame;
    uint32_t increment, value;
    uint16_t id;
    put(out, "<table><caption>Frames <small>up to its first request</small></caption>");
    while (http2_next_frame(&list, &frame)) {
        const char *name = http2_frame_name(frame.type);
        g_string_append_printf(out, "<tr><td>%u</td><td>%s</td><td class=\"size\">", frame.stream,
                               name != NULL ? name : "no name known");
        if (http2_window_increment(&frame, &increment))
            g_string_append_printf(out, "+%u", increment);
        else
            g_string_append_printf(out, "%u B", frame.len);
        put(out, "</td></tr>");
    }
    put(out, "</table>\n<table><caption>Settings</caption>");
    list = http2_frames_list(&facts->frames);
    while (http2_next_frame(&list, &frame))
        while (frame.type == FRAME_SETTINGS && http2_next_setting(&frame.payload, &id, &value))
            put_setting(out, id, http2_setting_name(id), value, false);
    put(out, "</table>\n");
}

static tlsfp_span settings_of(const http_facts *facts)
{
    return facts->settings != NULL ? (tlsfp_span){facts->settings->data, facts->settings->len}
                                   : (tlsfp_span){NULL, 0};
}

static void put_http3_settings(GString *out, tlsfp_span list)
{
    uint64_t id, value;
    put(out, "<table><caption>Settings</caption>");
    while (http3_next_setting(&list, &id, &value))
        put_setting(out, id, http3_setting_name(id), value, http3_setting_is_grease(id));
    put(out, "</table>\n");
}

static void put_fields(GString *out, const GString *fields)
{
    tlsfp_span list = fields_list(fields);
    const char *name, *value;
    unsigned n = 0;
    put(out, "<table><caption>Fields of this request <small>in their order</small></caption>");
    while (fields_next(&list, &name, &value)) {
        g_string_append_printf(out, "<tr><td>%u</td><td>", ++n);
        put_text(out, name);
        put(out, "</td></tr>");
    }
    if (n == 0)
        put(out, "<tr><td class=\"none\">none</td></tr>");
    put(out, "</table>\n");
}

static void put_fingerprint(GString *out, const http_facts *facts)
{
    GString *order = g_string_new(NULL), *text = g_string_new(NULL);
    fields_append_pseudo_order(facts->first, order);
    if (facts->version == 2)
        http2_append_akamai(&facts->frames, order->str, text);
    else
        http3_append_fingerprint(settings_of(facts), order->str, text);
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, text->str, -1);
    put(out, "<dl class=\"forms\">\n");
    if (facts->version == 2)
        put_form(out, "Akamai", "settings, window, priorities, pseudo-header fields", text->str);
    else
        put_form(out, "HTTP/3", "settings, pseudo-header fields", text->str);
    put_form(out, facts->version == 2 ? "Akamai hash" : "HTTP/3 hash", "its MD5", hash);
    put(out, "</dl>\n");
    g_free(hash);
    g_string_free(order, TRUE);
    g_string_free(text, TRUE);
}

void page_put_http(GString *out, const page_subject *subject)
{
    const http_facts *facts = subject->found->facts;
    static const char *const titles[] = {"HTTP/1.1", "HTTP/1.1", "HTTP/2", "HTTP/3"};
    begin_section(out, "http", subject->request->old ? "HTTP/1.0" : titles[facts->version]);
    if (facts->version > 1)
        put_fingerprint(out, facts);
    put(out, "<div class=\"lists\">\n<div>\n");
    if (facts->version == 2)
        put_frames(out, facts);
    else if (facts->version == 3)
        put_http3_settings(out, settings_of(facts));
    put(out, facts->version > 1 ? "</div>\n<div>\n" : "");
    put_fields(out, subject->request->fields);
    put(out, "</div>\n</div>\n</section>\n\n");
}

/* -- TCP */

static void put_options(GString *out, const tcp_syn *syn)
{
    static const char *const names[] = {"end of the list",
                                        "no operation",
                                        "maximum segment size",
                                        "window scale",
                                        "SACK permitted",
                                        "SACK",
                                        NULL,
                                        NULL,
                                        "timestamps"};
    put(out, "<div class=\"lists\">\n<table><caption>Options <small>in their order</small>"
             "</caption>");
    for (unsigned i = 0; i < syn->n_kinds; i++) {
        const unsigned kind = syn->kinds[i];
        const char *name = kind < G_N_ELEMENTS(names) ? names[kind] : NULL;
        g_string_append_printf(out, "<tr><td>%u</td><td>%s</td></tr>", kind,
                               name != NULL ? name : "no name known");
    }
    if (syn->n_kinds == 0)
        put(out, "<tr><td class=\"none\">none</td></tr>");
    put(out, "</table>\n</div>\n");
}

static void put_tcp(GString *out, const tcp_syn *syn)
{
    GString *p0f = g_string_new(NULL), *muonfp = g_string_new(NULL);
    tcp_syn_append_p0f(syn, p0f);
    tcp_syn_append_muonfp(syn, muonfp);
    begin_section(out, "tcp", "TCP");
    put(out, "<p class=\"note\">The packet that opened the connection, a SYN, as your system sent "
             "it.</p>\n<dl class=\"forms\">\n");
    put_form(out, "p0f", "as p0f 3 prints it", p0f->str);
    put_form(out, "MuonFP", "window, options, segment size, window scale", muonfp->str);
    put(out, "</dl>\n<dl class=\"facts\">");
    put_number(out, syn->ip_version == 4 ? "Time to live, on arrival" : "Hop limit, on arrival",
               true, syn->ttl);
    put_number(out, "Window", true, syn->window);
    put_number(out, "Maximum segment size", syn->has_mss, syn->mss);
    put_number(out, "Window scale", syn->has_scale, syn->scale);
    put(out, "</dl>\n");
    put_options(out, syn);
    put(out, "</section>\n\n");
    g_string_free(p0f, TRUE);
    g_string_free(muonfp, TRUE);
}

/* -- QUIC */

static void put_hex(GString *out, tlsfp_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        g_string_append_printf(out, "%02x", bytes.data[i]);
}

static void put_parameter(GString *out, const quic_parameter *parameter)
{
    const bool grease = quic_parameter_is_grease(parameter->id);
    const char *name = quic_parameter_name(parameter->id);
    uint64_t number;
    g_string_append_printf(out, "<tr%s><td>%" G_GINT64_MODIFIER "x</td><td>",
                           grease ? " class=\"grease\"" : "", parameter->id);
    put(out, grease ? "GREASE" : name != NULL ? name : "no name known");
    put(out, "</td><td class=\"value\">");
    if (quic_parameter_number(parameter, &number))
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, number);
    else if (parameter->value.len > 0)
        put_hex(out, parameter->value);
    else
        put(out, "set");
    put(out, "</td></tr>");
}

static void put_quic(GString *out, const client_info *client)
{
    tlsfp_span list = quic_parameters_of(&client->hello);
    quic_parameter parameter;
    const char *version = quic_version_name(client->quic_version);
    begin_section(out, "quic", "QUIC");
    put(out, "<dl class=\"facts\">");
    put_fact(out, "Version", version != NULL ? version : "no name known");
    put_fact(out, "Had to show its address (Retry)", client->quic_retry ? "yes" : "no");
    put_fact(out, "Early data (0-RTT)",
             client_offers_early_data(client) ? "offered, refused" : "not offered");
    put(out, "</dl>\n<div class=\"lists\">\n<table><caption>Transport parameters <small>in your "
             "client’s order</small></caption>");
    while (quic_next_parameter(&list, &parameter))
        put_parameter(out, &parameter);
    put(out, "</table>\n</div>\n</section>\n\n");
}

void page_put_transport(GString *out, const page_subject *subject)
{
    const client_info *client = subject->client;
    tcp_syn syn;
    if (client->quic_version != 0)
        put_quic(out, client);
    else if (tcp_syn_parse((tlsfp_span){client->syn, client->n_syn}, &syn))
        put_tcp(out, &syn);
}
