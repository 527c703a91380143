/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/page_parts.h"

#include <stdlib.h>
#include <string.h>
#include <tlsfp/escape.h>
#include <tlsfp/names.h>
#include <tlsfp/traits.h>

#include "answer/page_assets.h"
#include "answer/page_layers.h"

/* The places in JA4's part a: JA4.md "JA4 Algorithm". */
enum { AT_VERSION = 1, AT_NAME = 3, AT_CIPHERS = 4, AT_EXTENSIONS = 6, AT_ALPN = 8 };

typedef const char *(*namer)(uint16_t value);

static void put(GString *out, const char *html)
{
    g_string_append(out, html);
}

void page_append_text(GString *out, tlsfp_span text)
{
    GString *visible = g_string_new(NULL);
    tlsfp_append_escaped(visible, text, 0);
    char *escaped = g_markup_escape_text(visible->str, (gssize)visible->len);
    put(out, escaped);
    g_free(escaped);
    g_string_free(visible, TRUE);
}

static tlsfp_span span_of(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

static void put_text(GString *out, const char *text)
{
    page_append_text(out, span_of(text));
}

static void put_span(GString *out, tlsfp_span html)
{
    g_string_append_len(out, (const char *)html.data, (gssize)html.len);
}

/* -- fingerprints */

static void put_style(GString *out, const page_subject *subject)
{
    (void)subject;
    put_span(out, page_style);
}

static void put_script(GString *out, const page_subject *subject)
{
    (void)subject;
    put_span(out, page_script);
}

/** Appends a raw form that may wrap after its separators. */
static void put_lists(GString *out, tlsfp_span raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        g_string_append_c(out, (char)raw.data[i]);
        if (raw.data[i] == ',' || raw.data[i] == '_')
            put(out, "<wbr>");
    }
}

/** The value of a kind; it holds only digits, letters and separators (JA4.md "ALPN
 * Extension Value"). */
static void put_kind(GString *out, const page_subject *subject, tlsfp_kind kind)
{
    if (tlsfp_kind_is_part(kind))
        tlsfp_append_part(subject->client->ja4, kind, out);
    else
        put_lists(out, findings_value(subject->found, kind));
}

/* -- counts */

static void put_count(GString *out, size_t n, const char *one, const char *many)
{
    g_string_append_printf(out, "%" G_GSIZE_FORMAT " %s", n, n == 1 ? one : many);
}

/** A two-digit count of the JA4; 99 stands for 99 and more. */
static void put_digits(GString *out, const char *digits, const char *one, const char *many)
{
    const char text[] = {digits[0], digits[1], '\0'};
    if (strcmp(text, "99") == 0)
        put(out, "at least ");
    put_count(out, (size_t)strtoul(text, NULL, 10), one, many);
}

static void put_ja4_n_ciphers(GString *out, const page_subject *subject)
{
    put_digits(out, subject->client->ja4 + AT_CIPHERS, "cipher suite", "cipher suites");
}

static void put_ja4_n_extensions(GString *out, const page_subject *subject)
{
    put_digits(out, subject->client->ja4 + AT_EXTENSIONS, "extension", "extensions");
}

/** @param grease whether GREASE counts. */
static size_t count_values(tlsfp_span list, bool grease)
{
    size_t n = 0;
    uint16_t value;
    while (tlsfp_next_value(&list, &value))
        n += grease || !tlsfp_is_grease(value);
    return n;
}

static size_t count_extensions(tlsfp_span block, bool grease)
{
    size_t n = 0;
    uint16_t type;
    tlsfp_span body;
    while (tlsfp_next_extension(&block, &type, &body))
        n += grease || !tlsfp_is_grease(type);
    return n;
}

static void put_ja4_n_signatures(GString *out, const page_subject *subject)
{
    put_count(out, count_values(subject->client->hello.signature_algorithms, false),
              "signature algorithm", "signature algorithms");
}

static void put_n_values(GString *out, tlsfp_span list)
{
    g_string_append_printf(out, "%" G_GSIZE_FORMAT, count_values(list, true));
}

static void put_n_ciphers(GString *out, const page_subject *subject)
{
    put_n_values(out, subject->client->hello.cipher_suites);
}

static void put_n_extensions(GString *out, const page_subject *subject)
{
    g_string_append_printf(out, "%" G_GSIZE_FORMAT,
                           count_extensions(subject->client->hello.extensions, true));
}

static void put_n_groups(GString *out, const page_subject *subject)
{
    put_n_values(out, subject->client->hello.supported_groups);
}

static void put_n_signatures(GString *out, const page_subject *subject)
{
    put_n_values(out, subject->client->hello.signature_algorithms);
}

static void put_n_versions(GString *out, const page_subject *subject)
{
    put_n_values(out, subject->client->hello.supported_versions);
}

/* -- part a, letter by letter */

static void put_letters(GString *out, const char *letters, size_t n)
{
    put(out, "<tr><th scope=\"row\">");
    page_append_text(out, (tlsfp_span){(const uint8_t *)letters, n});
    put(out, "</th><td>");
}

static void put_meaning(GString *out, const char *letters, size_t n, const char *meaning)
{
    put_letters(out, letters, n);
    put_text(out, meaning);
    put(out, "</td></tr>");
}

static void put_version_row(GString *out, const page_subject *subject)
{
    const char *name = tlsfp_version_name(tlsfp_highest_version(&subject->client->hello));
    put_letters(out, subject->client->ja4 + AT_VERSION, 2);
    put(out, "at best it speaks ");
    put_text(out, name != NULL ? name : "a version without a name");
    put(out, "</td></tr>");
}

static void put_alpn_row(GString *out, const page_subject *subject)
{
    tlsfp_span list = subject->client->hello.alpn, first;
    put_letters(out, subject->client->ja4 + AT_ALPN, 2);
    if (strncmp(subject->client->ja4 + AT_ALPN, "00", 2) != 0 &&
        tlsfp_next_protocol(&list, &first)) {
        put(out, "first and last letter of the protocol that it would like most, ALPN");
    } else {
        put(out, "it names no application protocol (ALPN)");
    }
    put(out, "</td></tr>");
}

static void put_ja4_a_rows(GString *out, const page_subject *subject)
{
    const char *ja4 = subject->client->ja4;
    put_meaning(out, ja4, 1, subject->client->quic_version != 0 ? "TLS in QUIC" : "TLS over TCP");
    put_version_row(out, subject);
    put_meaning(out, ja4 + AT_NAME, 1,
                ja4[AT_NAME] == 'd' ? "it names the server it wants (SNI)"
                                    : "it does not name the server it wants (no SNI)");
    put_meaning(out, ja4 + AT_CIPHERS, 2, "cipher suites");
    put_meaning(out, ja4 + AT_EXTENSIONS, 2, "extensions");
    put_alpn_row(out, subject);
}

/* -- what was agreed */

static void put_fact(GString *out, const char *name, const char *value)
{
    put(out, "<div><dt>");
    put(out, name);
    put(out, "</dt><dd>");
    put_text(out, value);
    put(out, "</dd></div>");
}

static void put_server_name(GString *out, const tlsfp_client_hello *hello)
{
    put(out, "<div><dt>Server name asked for</dt><dd>");
    if (hello->server_name.data == NULL)
        put(out, "none");
    else
        page_append_text(out, hello->server_name);
    put(out, "</dd></div>");
}

static void put_record_version(GString *out, uint16_t version)
{
    const char *name = tlsfp_version_name(version);
    char text[48];
    g_snprintf(text, sizeof text, "%04x%s%s", version, name != NULL ? ", " : "",
               name != NULL ? name : "");
    put_fact(out, "Version of its first record", text);
}

static void put_agreed(GString *out, const page_subject *subject)
{
    const client_info *client = subject->client;
    put_fact(out, "Version", client->version);
    put_fact(out, "Cipher suite", client->cipher);
    put_fact(out, "Key exchange group", client->group != NULL ? client->group : "none");
    put_fact(out, "Application protocol (ALPN)", client->alpn != NULL ? client->alpn : "none");
    put_server_name(out, &subject->client->hello);
    put_fact(out, "Resumed a session", client->resumed ? "yes" : "no");
    put_fact(out, "Asked for another key share",
             client->retried ? "yes (HelloRetryRequest)" : "no");
    if (client->quic_version == 0)
        put_record_version(out, client->record_version);
    put_fact(out, "Your address", *client->address != '\0' ? client->address : "a Unix socket");
}

/* -- tables */

/** Where the nearest known client differs, the row says so. */
static void begin_row(GString *out, const page_subject *subject, tlsfp_part part, uint16_t value,
                      const char *name)
{
    const char *difference =
        tlsfp_is_grease(value) ? "grease" : page_difference(subject, part, value);
    if (difference != NULL)
        g_string_append_printf(out, "<tr class=\"%s\">", difference);
    else
        put(out, "<tr>");
    g_string_append_printf(out, "<td>%04x</td><td>", value);
    put_lists(out, span_of(name != NULL ? name : "no name known")); /* no name needs escaping */
    put(out, "</td>");
}

static void put_none(GString *out)
{
    put(out, "<tr><td class=\"none\">none</td></tr>");
}

/** What only the nearest known client sends. */
static void put_missing(GString *out, const page_subject *subject, tlsfp_part part, namer name_of)
{
    const GArray *all =
        findings_nearest(subject->found) != NULL ? subject->found->differences : NULL;
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const tlsfp_difference *difference = &g_array_index(all, tlsfp_difference, i);
        if (difference->part != part || difference->change != TLSFP_MISSING)
            continue;
        const char *name = name_of(difference->value);
        g_string_append_printf(out, "<tr class=\"missing\"><td>%04x</td><td>", difference->value);
        put_lists(out, span_of(name != NULL ? name : "no name known"));
        put(out, part == TLSFP_PART_EXTENSIONS ? "</td><td></td></tr>" : "</td></tr>");
    }
}

static void put_values(GString *out, const page_subject *subject, tlsfp_span list, tlsfp_part part,
                       namer name_of)
{
    uint16_t value;
    if (count_values(list, true) == 0)
        put_none(out);
    while (tlsfp_next_value(&list, &value)) {
        begin_row(out, subject, part, value, name_of(value));
        put(out, "</tr>");
    }
    put_missing(out, subject, part, name_of);
}

static void put_ciphers(GString *out, const page_subject *subject)
{
    put_values(out, subject, subject->client->hello.cipher_suites, TLSFP_PART_CIPHER_SUITES,
               tlsfp_cipher_suite_name);
}

static void put_groups(GString *out, const page_subject *subject)
{
    put_values(out, subject, subject->client->hello.supported_groups, TLSFP_PART_GROUPS,
               tlsfp_group_name);
}

static void put_signatures(GString *out, const page_subject *subject)
{
    put_values(out, subject, subject->client->hello.signature_algorithms,
               TLSFP_PART_SIGNATURE_ALGORITHMS, tlsfp_signature_algorithm_name);
}

static void put_versions(GString *out, const page_subject *subject)
{
    put_values(out, subject, subject->client->hello.supported_versions, TLSFP_PART_VERSIONS,
               tlsfp_version_name);
}

static void put_extensions(GString *out, const page_subject *subject)
{
    tlsfp_span block = subject->client->hello.extensions, body;
    uint16_t type;
    if (count_extensions(block, true) == 0)
        put_none(out);
    while (tlsfp_next_extension(&block, &type, &body)) {
        begin_row(out, subject, TLSFP_PART_EXTENSIONS, type, tlsfp_extension_name(type));
        g_string_append_printf(out, "<td class=\"size\">%" G_GSIZE_FORMAT " B</td></tr>", body.len);
    }
    put_missing(out, subject, TLSFP_PART_EXTENSIONS, tlsfp_extension_name);
}

static void put_protocols(GString *out, const page_subject *subject)
{
    tlsfp_span list = subject->client->hello.alpn, protocol;
    if (list.len == 0)
        put_none(out);
    while (tlsfp_next_protocol(&list, &protocol)) {
        put(out, "<tr><td>");
        page_append_text(out, protocol);
        put(out, "</td></tr>");
    }
}

static void put_grease_note(GString *out, const page_subject *subject)
{
    put(out, tlsfp_has_grease(&subject->client->hello)
                 ? "GREASE is a value chosen at random (RFC 8701), so that servers stay used to "
                   "what they do not know; fingerprints leave it out."
                 : "There is no GREASE (RFC 8701), the random values that browsers send so that "
                   "servers stay used to what they do not know.");
}

/** A paragraph with the client's names, if any. */
static void put_client(GString *out, const page_subject *subject)
{
    const client_info *client = subject->client;
    for (size_t i = 0; i < client->n_names; i++) {
        g_string_append(out, i == 0 ? "<p class=\"client\">Known as " : "; ");
        put_text(out, client->names[i].name);
    }
    if (client->n_names > 0)
        g_string_append(out, "</p>");
}

static void put_difference_note(GString *out, const page_subject *subject)
{
    if (findings_nearest(subject->found) != NULL && subject->found->differences->len > 0)
        put(out, " What differs from the nearest known client is marked.");
}

static void put_transport_link(GString *out, const page_subject *subject)
{
    if (subject->client->quic_version != 0)
        put(out, "<a href=\"#quic\">QUIC</a>");
    else if (subject->client->n_syn > 0)
        put(out, "<a href=\"#tcp\">TCP</a>");
}

static void put_host(GString *out, const page_subject *subject)
{
    put_text(out, subject->host);
}

static const struct {
    const char *name;
    void (*append)(GString *out, const page_subject *subject);
} parts[] = {
    {"agreed", put_agreed},
    {"ciphers", put_ciphers},
    {"client", put_client},
    {"difference_note", put_difference_note},
    {"extensions", put_extensions},
    {"grease_note", put_grease_note},
    {"groups", put_groups},
    {"host", put_host},
    {"http", page_put_http},
    {"known", page_put_known},
    {"transport", page_put_transport},
    {"transport_link", put_transport_link},
    {"ja4_a_rows", put_ja4_a_rows},
    {"ja4_n_ciphers", put_ja4_n_ciphers},
    {"ja4_n_extensions", put_ja4_n_extensions},
    {"ja4_n_signatures", put_ja4_n_signatures},
    {"n_ciphers", put_n_ciphers},
    {"n_extensions", put_n_extensions},
    {"n_groups", put_n_groups},
    {"n_signatures", put_n_signatures},
    {"n_versions", put_n_versions},
    {"protocols", put_protocols},
    {"script", put_script},
    {"signatures", put_signatures},
    {"style", put_style},
    {"versions", put_versions},
};

bool page_append_part(GString *out, tlsfp_span name, const page_subject *subject)
{
    tlsfp_kind kind;
    char *text = g_strndup((const char *)name.data, name.len);
    const bool is_kind = tlsfp_kind_named(text, &kind) && kind < TLSFP_N_CLIENT_KINDS;
    g_free(text);
    if (is_kind)
        put_kind(out, subject, kind);
    for (size_t i = 0; i < G_N_ELEMENTS(parts) && !is_kind; i++)
        if (strlen(parts[i].name) == name.len && memcmp(parts[i].name, name.data, name.len) == 0) {
            parts[i].append(out, subject);
            return true;
        }
    return is_kind;
}
