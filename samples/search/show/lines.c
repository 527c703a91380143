/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/lines.h"

#include <string.h>
#include <time.h>
#include <tlsfp/escape.h>
#include <tlsfp/json.h>
#include <tlsfp/names.h>
#include <tlsfp/traits.h>

#include "match/client_names.h"
#include "show/community_id.h"

static const int64_t NS_PER_S = 1000000000;

void append_fields(GString *out, const GPtrArray *fields, sighting *seen)
{
    for (guint i = 0; i < fields->len; i++) {
        if (i > 0)
            g_string_append_c(out, '\t');
        append_field(out, g_ptr_array_index(fields, i), seen);
    }
}

void append_header(GString *out, const GPtrArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        if (i > 0)
            g_string_append_c(out, '\t');
        append_field_name(out, g_ptr_array_index(fields, i));
    }
}

/** A number of @p n_digits decimal digits. */
static char *write_digits(char *at, unsigned value, size_t n_digits)
{
    for (size_t i = n_digits; i > 0; i--, value /= 10)
        at[i - 1] = (char)('0' + value % 10);
    return at + n_digits;
}

/** Years of more than four digits do not occur: a time is 64 bits of nanoseconds. */
static void append_time(GString *out, int64_t time_ns)
{
    int64_t ns = time_ns % NS_PER_S;
    time_t s = (time_t)(time_ns / NS_PER_S);
    struct tm parts;
    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    gmtime_r(&s, &parts);
    char text[] = "\"0000-00-00T00:00:00.000000000Z\"";
    write_digits(text + 1, (unsigned)(parts.tm_year + 1900), 4);
    write_digits(text + 6, (unsigned)(parts.tm_mon + 1), 2);
    write_digits(text + 9, (unsigned)parts.tm_mday, 2);
    write_digits(text + 12, (unsigned)parts.tm_hour, 2);
    write_digits(text + 15, (unsigned)parts.tm_min, 2);
    write_digits(text + 18, (unsigned)parts.tm_sec, 2);
    write_digits(text + 21, (unsigned)ns, 9);
    g_string_append_len(out, text, sizeof text - 1);
}

static tlsfp_span span_of(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

static void append_quoted_address(GString *out, const endpoints *ends, const uint8_t *bytes)
{
    g_string_append_c(out, '"');
    append_address(out, ends, bytes);
    g_string_append_c(out, '"');
}

static void append_protocols(GString *out, tlsfp_span list)
{
    tlsfp_span protocol;
    if (list.data == NULL) {
        g_string_append(out, "null");
        return;
    }
    g_string_append_c(out, '[');
    for (unsigned n = 0; next_shown_protocol(&list, &n, &protocol);) {
        if (n > 1)
            g_string_append_c(out, ',');
        tlsfp_append_json_escaped(out, protocol);
    }
    g_string_append_c(out, ']');
}

/** With lists of names only, so that JSON without them stays as it is. */
static void append_client(GString *out, sighting *seen)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_level level;
    if (seen->names == NULL || (seen->names->own == NULL && seen->names->installed == NULL))
        return;
    size_t n = client_names_of(seen, labels, &level);
    g_string_append(out, ",\"client\":[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        tlsfp_append_json_string(out, labels[i].name);
    }
    g_string_append(out, "],\"level\":");
    if (n > 0)
        tlsfp_append_json_string(out, tlsfp_level_name(level));
    else
        g_string_append(out, "null");
}

/** A key and true or false; @p key with its comma and colon. */
static void append_flag(GString *out, const char *key, bool is_set)
{
    g_string_append(out, key);
    g_string_append(out, is_set ? "true" : "false");
}

static void append_traits(GString *out, const tlsfp_client_hello *hello)
{
    append_flag(out, ",\"resumption\":", tlsfp_offers_resumption(hello));
    append_flag(out, ",\"grease\":", tlsfp_has_grease(hello));
    append_flag(out, ",\"pq\":", tlsfp_offers_post_quantum(hello));
    append_flag(out, ",\"ech\":", tlsfp_has_ech(hello));
}

/** With --answers only, so that lines without it do not wait. */
static void append_answer(GString *out, sighting *seen)
{
    const tlsfp_server_hello *answer = seen->found->answer;
    append_flag(out, ",\"retry\":", seen->found->is_retry);
    if (answer == NULL) {
        g_string_append(out, ",\"ja3s\":null,\"ja3s_r\":null");
        return;
    }
    g_string_append(out, ",\"ja3s\":\"");
    tlsfp_append_server_value(seen->context, answer, TLSFP_KIND_JA3S, out);
    g_string_append(out, "\",\"ja3s_r\":\"");
    tlsfp_append_server_value(seen->context, answer, TLSFP_KIND_JA3S_R, out);
    g_string_append_c(out, '"');
}

/** What other tools call the connection, and identifiers of networks, where there are any. */
static void append_tags(GString *out, const endpoints *ends)
{
    const network_tags *tags = &ends->tags;
    g_string_append(out, ",\"community_id\":\"");
    append_community_id(out, ends);
    g_string_append_c(out, '"');
    for (unsigned i = 0; i < tags->n_vlans; i++) {
        g_string_append(out, i == 0 ? ",\"vlan\":[" : ",");
        append_integer(out, tags->vlans[i]);
    }
    g_string_append(out, tags->n_vlans > 0 ? "]" : "");
    for (unsigned i = 0; i < tags->n_vnis; i++) {
        g_string_append(out, i == 0 ? ",\"vni\":[" : ",");
        append_integer(out, tags->vnis[i]);
    }
    g_string_append(out, tags->n_vnis > 0 ? "]" : "");
}

/** Where and when the hello was found. */
static void append_place(GString *out, sighting *seen)
{
    const found_hello *found = seen->found;
    const endpoints *ends = found->ends;
    g_string_append(out, "{\"time\":");
    append_time(out, found->frame->time_ns);
    g_string_append(out, ",\"frame\":");
    append_integer(out, found->frame->number);
    g_string_append(out, ",\"file\":");
    tlsfp_append_json_escaped(out, span_of(seen->file));
    if (found->frame->interface != NULL) {
        g_string_append(out, ",\"interface\":");
        tlsfp_append_json_escaped(out, span_of(found->frame->interface));
    }
    g_string_append(out, ",\"src\":");
    append_quoted_address(out, ends, ends->src);
    g_string_append(out, ",\"dst\":");
    append_quoted_address(out, ends, ends->dst);
    g_string_append(out, ",\"srcport\":");
    append_integer(out, ends->src_port);
    g_string_append(out, ",\"dstport\":");
    append_integer(out, ends->dst_port);
}

void append_json(GString *out, sighting *seen, bool with_answer)
{
    const tlsfp_client_hello *hello = seen->found->hello;
    append_place(out, seen);
    g_string_append(out, ",\"transport\":");
    tlsfp_append_json_string(out, tlsfp_transport_name(hello->transport));
    g_string_append(out, ",\"sni\":");
    if (hello->server_name.data != NULL)
        tlsfp_append_json_escaped(out, shown_name(hello));
    else
        g_string_append(out, "null");
    g_string_append(out, ",\"alpn\":");
    append_protocols(out, hello->alpn);
    g_string_append(out, ",\"tls_data\":");
    tlsfp_append_json_tls_data(hello, out);
    g_string_append(out, ",\"tls_fingerprints\":");
    tlsfp_append_json_tls_fingerprints(seen->context, hello, out);
    append_traits(out, hello);
    append_tags(out, seen->found->ends);
    if (seen->found->is_overlap)
        append_flag(out, ",\"overlap\":", true);
    if (with_answer)
        append_answer(out, seen);
    append_client(out, seen);
    g_string_append_c(out, '}');
}
