/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/fields.h"

#include <arpa/inet.h>
#include <string.h>
#include <tlsfp/escape.h>
#include <tlsfp/names.h>
#include <tlsfp/writer.h>

#include "match/client_names.h"
#include "show/community_id.h"

static const int64_t NS_PER_S = 1000000000;

static void append_integer(GString *out, uint64_t value)
{
    char text[WRITE_NUMBER_MAX];
    g_string_append_len(out, text, write_number(text, value) - text);
}

char *write_address(char *at, const endpoints *ends, const uint8_t *bytes)
{
    if (ends->version != 4)
        return inet_ntop(AF_INET6, bytes, at, ADDRESS_MAX) != NULL ? at + strlen(at) : at;
    for (int i = 0; i < 4; i++) {
        at = write_number(at, bytes[i]);
        *at++ = '.';
    }
    return at - 1;
}

static void append_address(GString *out, const endpoints *ends, const uint8_t *bytes)
{
    char text[ADDRESS_MAX];
    g_string_append_len(out, text, write_address(text, ends, bytes) - text);
}

/** The names, the most specific first. */
static void append_client(GString *out, sighting *seen)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_level level;
    size_t n = client_names_of(seen, labels, &level);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            g_string_append(out, "; ");
        tlsfp_append_escaped_string(out, labels[i].name);
    }
}

static void append_level(GString *out, sighting *seen)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_level level;
    if (client_names_of(seen, labels, &level) > 0)
        g_string_append(out, tlsfp_level_name(level));
}

static void append_number(GString *out, sighting *seen)
{
    append_integer(out, seen->found->frame->number);
}

/** Seconds and nine decimals, as tshark prints them. */
static void append_time(GString *out, sighting *seen)
{
    int64_t ns = seen->found->frame->time_ns;
    g_string_append_printf(out, "%s%" G_GINT64_FORMAT ".%09" G_GINT64_FORMAT, ns < 0 ? "-" : "",
                           ABS(ns / NS_PER_S), ABS(ns % NS_PER_S));
}

static void append_src(GString *out, sighting *seen)
{
    append_address(out, seen->found->ends, seen->found->ends->src);
}

static void append_dst(GString *out, sighting *seen)
{
    append_address(out, seen->found->ends, seen->found->ends->dst);
}

static void append_src_port(GString *out, sighting *seen)
{
    append_integer(out, seen->found->ends->src_port);
}

static void append_dst_port(GString *out, sighting *seen)
{
    append_integer(out, seen->found->ends->dst_port);
}

static void append_transport(GString *out, sighting *seen)
{
    g_string_append(out, tlsfp_transport_name(seen->found->hello->transport));
}

tlsfp_span shown_name(const tlsfp_client_hello *hello)
{
    enum { LONGEST_NAME = 255 }; /* bytes; RFC 1035 2.3.4 */
    tlsfp_span name = hello->server_name;
    name.len = MIN(name.len, LONGEST_NAME);
    return name;
}

bool next_shown_protocol(tlsfp_span *list, unsigned *n, tlsfp_span *out)
{
    enum { MAX_PROTOCOLS = 32 };
    return ++*n <= MAX_PROTOCOLS && tlsfp_next_protocol(list, out);
}

static void append_sni(GString *out, sighting *seen)
{
    tlsfp_append_escaped(out, shown_name(seen->found->hello), '\0');
}

static void append_alpn(GString *out, sighting *seen)
{
    tlsfp_span list = seen->found->hello->alpn, protocol;
    for (unsigned n = 0; next_shown_protocol(&list, &n, &protocol);) {
        if (n > 1)
            g_string_append_c(out, ',');
        tlsfp_append_escaped(out, protocol, ',');
    }
}

static void append_server(GString *out, const sighting *seen, tlsfp_kind kind)
{
    if (seen->found->answer != NULL)
        tlsfp_append_server_value(seen->context, seen->found->answer, kind, out);
}

static void append_ja3s(GString *out, sighting *seen)
{
    append_server(out, seen, TLSFP_KIND_JA3S);
}

static void append_ja3s_r(GString *out, sighting *seen)
{
    append_server(out, seen, TLSFP_KIND_JA3S_R);
}

static void append_vlans(GString *out, sighting *seen)
{
    const network_tags *tags = &seen->found->ends->tags;
    for (unsigned i = 0; i < tags->n_vlans; i++)
        g_string_append_printf(out, i > 0 ? ",%u" : "%u", tags->vlans[i]);
}

static void append_vnis(GString *out, sighting *seen)
{
    const network_tags *tags = &seen->found->ends->tags;
    for (unsigned i = 0; i < tags->n_vnis; i++)
        g_string_append_printf(out, i > 0 ? ",%u" : "%u", tags->vnis[i]);
}

static void append_file(GString *out, sighting *seen)
{
    tlsfp_append_escaped_string(out, seen->file);
}

static void append_flag(GString *out, bool is_set)
{
    g_string_append(out, is_set ? "1" : "0");
}

static void append_overlap(GString *out, sighting *seen)
{
    append_flag(out, seen->found->is_overlap);
}

static void append_retry(GString *out, sighting *seen)
{
    append_flag(out, seen->found->is_retry);
}

static void append_resumption(GString *out, sighting *seen)
{
    append_flag(out, tlsfp_offers_resumption(seen->found->hello));
}

static void append_grease(GString *out, sighting *seen)
{
    append_flag(out, tlsfp_has_grease(seen->found->hello));
}

static void append_pq(GString *out, sighting *seen)
{
    append_flag(out, tlsfp_offers_post_quantum(seen->found->hello));
}

static void append_ech(GString *out, sighting *seen)
{
    append_flag(out, tlsfp_has_ech(seen->found->hello));
}

static void append_community(GString *out, sighting *seen)
{
    char text[COMMUNITY_ID_LEN];
    write_community_id(text, seen->found->ends);
    g_string_append_len(out, text, sizeof text);
}

static void append_interface(GString *out, sighting *seen)
{
    if (seen->found->frame->interface != NULL)
        tlsfp_append_escaped_string(out, seen->found->frame->interface);
}

/** A kind of fingerprint; its name is the kind's. */
#define KIND(kind)                                                                                 \
    {                                                                                              \
        NULL, NULL, kind                                                                           \
    }
#define OTHER(name, append)                                                                        \
    {                                                                                              \
        name, append, TLSFP_N_KINDS                                                                \
    }

static const char kind_prefix[] = "tlsfp.";

static const search_field fields[] = {
    KIND(TLSFP_KIND_JA4),
    KIND(TLSFP_KIND_JA4_A),
    KIND(TLSFP_KIND_JA4_B),
    KIND(TLSFP_KIND_JA4_C),
    KIND(TLSFP_KIND_JA4_BC),
    KIND(TLSFP_KIND_JA4_R),
    KIND(TLSFP_KIND_JA4_O),
    KIND(TLSFP_KIND_JA4_RO),
    KIND(TLSFP_KIND_STABLE),
    KIND(TLSFP_KIND_STABLE_R),
    KIND(TLSFP_KIND_JA3),
    KIND(TLSFP_KIND_JA3_R),
    KIND(TLSFP_KIND_JA3N),
    KIND(TLSFP_KIND_JA3N_R),
    OTHER("tlsfp.client", append_client),
    OTHER("tlsfp.level", append_level),
    OTHER("tlsfp.ja3s", append_ja3s),
    OTHER("tlsfp.ja3s_r", append_ja3s_r),
    OTHER("tlsfp.retry", append_retry),
    OTHER("tlsfp.resumption", append_resumption),
    OTHER("tlsfp.grease", append_grease),
    OTHER("tlsfp.pq", append_pq),
    OTHER("tlsfp.ech", append_ech),
    OTHER("frame.number", append_number),
    OTHER("frame.time_epoch", append_time),
    OTHER("ip.src", append_src),
    OTHER("ip.dst", append_dst),
    OTHER("srcport", append_src_port),
    OTHER("dstport", append_dst_port),
    OTHER("transport", append_transport),
    OTHER("sni", append_sni),
    OTHER("alpn", append_alpn),
    OTHER("community_id", append_community),
    OTHER("vlan.id", append_vlans),
    OTHER("vni", append_vnis),
    OTHER("file", append_file),
    OTHER("interface", append_interface),
    OTHER("overlap", append_overlap),
};

static bool has_name(const search_field *field, const char *name)
{
    size_t prefix = g_str_has_prefix(name, kind_prefix) ? strlen(kind_prefix) : 0;
    if (field->name == NULL)
        return strcmp(name + prefix, tlsfp_kind_name(field->kind)) == 0;
    return strcmp(field->name, name) == 0 ||
           (prefix == 0 && g_str_has_prefix(field->name, kind_prefix) &&
            strcmp(field->name + strlen(kind_prefix), name) == 0);
}

const search_field *field_named(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (has_name(&fields[i], name))
            return &fields[i];
    return NULL;
}

bool field_needs_names(const search_field *field)
{
    return field->append == append_client || field->append == append_level;
}

bool field_needs_answers(const search_field *field)
{
    return field->append == append_ja3s || field->append == append_ja3s_r ||
           field->append == append_retry;
}

void append_field_name(GString *out, const search_field *field)
{
    if (field->name == NULL)
        g_string_append(out, kind_prefix);
    g_string_append(out, field->name != NULL ? field->name : tlsfp_kind_name(field->kind));
}

void append_field(GString *out, const search_field *field, sighting *seen)
{
    if (field->append != NULL)
        field->append(out, seen);
    else
        sighting_append(seen, field->kind, out);
}

char *field_names(void)
{
    GString *names = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_string_append(names, i > 0 ? ", " : "");
        append_field_name(names, &fields[i]);
    }
    return g_string_free(names, FALSE);
}
