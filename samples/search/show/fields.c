/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/fields.h"

#include <arpa/inet.h>
#include <string.h>
#include <tlsfp/escape.h>

#include "match/client_names.h"

static const int64_t NS_PER_S = 1000000000;

const char *transport_name(tlsfp_transport transport)
{
    switch (transport) {
    case TLSFP_QUIC:
        return "quic";
    case TLSFP_DTLS:
        return "dtls";
    case TLSFP_TLS:
    default:
        return "tls";
    }
}

void append_address(GString *out, const endpoints *ends, const uint8_t *bytes)
{
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(ends->version == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text) != NULL)
        g_string_append(out, text);
}

static void append_ja3(GString *out, sighting *seen)
{
    g_string_append_len(out, sighting_ja3(seen), JA3_LEN);
}

static void append_ja3_r(GString *out, sighting *seen)
{
    tlsfp_ja3_text(seen->context, seen->found->hello, out);
}

static void append_ja4(GString *out, sighting *seen)
{
    g_string_append_len(out, sighting_ja4(seen), JA4_LEN);
}

static void append_ja4_a(GString *out, sighting *seen)
{
    g_string_append_len(out, sighting_ja4(seen) + JA4_A_AT, JA4_A_LEN);
}

static void append_ja4_b(GString *out, sighting *seen)
{
    g_string_append_len(out, sighting_ja4(seen) + JA4_B_AT, JA4_B_LEN);
}

static void append_ja4_c(GString *out, sighting *seen)
{
    g_string_append_len(out, sighting_ja4(seen) + JA4_C_AT, JA4_C_LEN);
}

static void append_ja4_r(GString *out, sighting *seen)
{
    tlsfp_ja4_text(seen->context, seen->found->hello, TLSFP_SORTED, out);
}

static void append_ja4_o(GString *out, sighting *seen)
{
    g_string_append_len(out, sighting_ja4_o(seen), JA4_LEN);
}

static void append_ja4_ro(GString *out, sighting *seen)
{
    tlsfp_ja4_text(seen->context, seen->found->hello, TLSFP_ORIGINAL, out);
}

static void append_stable(GString *out, sighting *seen)
{
    char stable[TLSFP_JA4_SIZE];
    tlsfp_stable(seen->context, seen->found->hello, stable);
    g_string_append_len(out, stable, JA4_LEN);
}

static void append_stable_r(GString *out, sighting *seen)
{
    tlsfp_stable_text(seen->context, seen->found->hello, out);
}

/** The names, the most specific first, joined as tshark does. */
static void append_client(GString *out, sighting *seen)
{
    tlsfp_label labels[MAX_NAMES];
    tlsfp_level level;
    size_t n = client_names_of(seen, labels, &level);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        tlsfp_append_escaped_string(out, labels[i].name);
    }
}

static void append_level(GString *out, sighting *seen)
{
    tlsfp_label labels[MAX_NAMES];
    tlsfp_level level;
    if (client_names_of(seen, labels, &level) > 0)
        g_string_append(out, tlsfp_level_name(level));
}

static void append_number(GString *out, sighting *seen)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, seen->found->frame->number);
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
    g_string_append_printf(out, "%u", seen->found->ends->src_port);
}

static void append_dst_port(GString *out, sighting *seen)
{
    g_string_append_printf(out, "%u", seen->found->ends->dst_port);
}

static void append_transport(GString *out, sighting *seen)
{
    g_string_append(out, transport_name(seen->found->hello->transport));
}

static void append_sni(GString *out, sighting *seen)
{
    tlsfp_append_escaped(out, seen->found->hello->server_name, '\0');
}

static void append_alpn(GString *out, sighting *seen)
{
    tlsfp_span list = seen->found->hello->alpn, protocol;
    for (bool first = true; tlsfp_next_protocol(&list, &protocol); first = false) {
        if (!first)
            g_string_append_c(out, ',');
        tlsfp_append_escaped(out, protocol, ',');
    }
}

static void append_file(GString *out, sighting *seen)
{
    tlsfp_append_escaped_string(out, seen->file);
}

static void append_interface(GString *out, sighting *seen)
{
    if (seen->found->frame->interface != NULL)
        tlsfp_append_escaped_string(out, seen->found->frame->interface);
}

static const field fields[] = {
    {"tlsfp.ja4", append_ja4},
    {"tlsfp.ja4_a", append_ja4_a},
    {"tlsfp.ja4_b", append_ja4_b},
    {"tlsfp.ja4_c", append_ja4_c},
    {"tlsfp.ja4_r", append_ja4_r},
    {"tlsfp.ja4_o", append_ja4_o},
    {"tlsfp.ja4_ro", append_ja4_ro},
    {"tlsfp.stable", append_stable},
    {"tlsfp.stable_r", append_stable_r},
    {"tlsfp.ja3", append_ja3},
    {"tlsfp.ja3_r", append_ja3_r},
    {"tlsfp.client", append_client},
    {"tlsfp.level", append_level},
    {"frame.number", append_number},
    {"frame.time_epoch", append_time},
    {"ip.src", append_src},
    {"ip.dst", append_dst},
    {"srcport", append_src_port},
    {"dstport", append_dst_port},
    {"transport", append_transport},
    {"sni", append_sni},
    {"alpn", append_alpn},
    {"file", append_file},
    {"interface", append_interface},
};

const field *field_named(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

char *field_names(void)
{
    GString *names = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", fields[i].name);
    return g_string_free(names, FALSE);
}
