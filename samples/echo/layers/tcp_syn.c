/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/tcp_syn.h"

#include <tlsfp/reader.h>

enum {
    IPV4_LEN = 20,
    IPV6_LEN = 40,
    TCP_LEN = 20,
    PROTOCOL_TCP = 6,
    EXTENSION_HOP_BY_HOP = 0, /* RFC 8200 4 */
    EXTENSION_ROUTING = 43,
    EXTENSION_FRAGMENT = 44,
    EXTENSION_DESTINATION = 60,
    ECN_BITS = 3,         /* RFC 3168 5 */
    FRAGMENT_DF = 0x4000, /* RFC 791 3.1 */
    FRAGMENT_RESERVED = 0x8000,
    FLOW_BITS = 0xfffff, /* RFC 8200 3 */
    FLAG_PUSH = 0x08,    /* RFC 9293 3.1 */
    FLAG_ACK = 0x10,
    FLAG_URGENT = 0x20,
    FLAGS_ECN = 0x1c0, /* ECE, CWR, and NS before them (RFC 3540) */
    MAX_SCALE = 14,    /* RFC 7323 2.3 */
    MAX_DISTANCE = 35, /* p0f's config.h; more is no plausible distance */
    MIN_MSS = 100,     /* p0f looks for no multiple of less */
    USUAL_MTU = 1500,
    TIMESTAMPS_LEN = 12, /* in a segment, padded */
};

static void note(tcp_syn *syn, unsigned quirk, bool there)
{
    if (there)
        syn->quirks |= quirk;
}

/* -- IP */

static bool take_ipv4(tlsfp_span *in, tcp_syn *out)
{
    tlsfp_span header, options;
    if (!take(in, IPV4_LEN, &header) || get_u8(header, 9) != PROTOCOL_TCP)
        return false;
    const unsigned len = (get_u8(header, 0) & 0xf) * 4u, fragment = get_u16(header, 6);
    if (len < IPV4_LEN || !take(in, len - IPV4_LEN, &options))
        return false;
    out->ttl = get_u8(header, 8);
    out->id = get_u16(header, 4);
    out->ip_options_len = len - IPV4_LEN;
    out->headers_len = len;
    note(out, QUIRK_ECN, (get_u8(header, 1) & ECN_BITS) != 0);
    note(out, QUIRK_RESERVED, (fragment & FRAGMENT_RESERVED) != 0);
    note(out, QUIRK_DF, (fragment & FRAGMENT_DF) != 0);
    note(out, QUIRK_ID_SET, (fragment & FRAGMENT_DF) != 0 && out->id != 0);
    note(out, QUIRK_ID_ZERO, (fragment & FRAGMENT_DF) == 0 && out->id == 0);
    return true;
}

static bool is_extension(uint8_t next)
{
    return next == EXTENSION_HOP_BY_HOP || next == EXTENSION_ROUTING ||
           next == EXTENSION_FRAGMENT || next == EXTENSION_DESTINATION;
}

static bool pass_extensions(tlsfp_span *in, uint8_t next, tcp_syn *out)
{
    tlsfp_span start;
    while (is_extension(next)) {
        if (!take(in, 8, &start))
            return false;
        const uint64_t more = next == EXTENSION_FRAGMENT ? 0 : get_u8(start, 1) * 8u;
        if (!pass(in, more))
            return false;
        out->headers_len += 8 + (unsigned)more;
        next = get_u8(start, 0);
    }
    return next == PROTOCOL_TCP;
}

static bool take_ipv6(tlsfp_span *in, tcp_syn *out)
{
    tlsfp_span header;
    if (!take(in, IPV6_LEN, &header))
        return false;
    out->ttl = get_u8(header, 7);
    out->flow = get_u32(header, 0) & FLOW_BITS;
    out->headers_len = IPV6_LEN;
    note(out, QUIRK_FLOW, out->flow != 0);
    note(out, QUIRK_ECN, ((get_u16(header, 0) >> 4) & ECN_BITS) != 0);
    return pass_extensions(in, get_u8(header, 6), out);
}

/** Bytes of the packet, as IP's header says. */
static unsigned total_len(tlsfp_span ip, uint8_t version)
{
    return version == 4 ? get_u16(ip, 2) : IPV6_LEN + (unsigned)get_u16(ip, 4);
}

/* -- TCP */

static void take_timestamps(tlsfp_span body, tcp_syn *out)
{
    out->has_timestamps = true;
    out->timestamp = get_u32(body, 0);
    note(out, QUIRK_TIME_ZERO, out->timestamp == 0);
    note(out, QUIRK_ECHO_SET, get_u32(body, 4) != 0);
}

/** Notes what an option says; false where its length is not the one that this kind has. */
static bool read_option(uint8_t kind, tlsfp_span body, tcp_syn *out)
{
    if (kind == TCP_OPTION_SACK_PERMITTED)
        return body.len == 0;
    if (kind == TCP_OPTION_MSS) {
        out->has_mss = body.len == 2;
        out->mss = out->has_mss ? get_u16(body, 0) : 0;
        return out->has_mss;
    }
    if (kind == TCP_OPTION_SCALE) {
        out->has_scale = body.len == 1;
        out->scale = out->has_scale ? get_u8(body, 0) : 0;
        note(out, QUIRK_SCALE_LARGE, out->scale > MAX_SCALE);
        return out->has_scale;
    }
    if (kind == TCP_OPTION_TIMESTAMPS && body.len == 8)
        take_timestamps(body, out);
    return kind != TCP_OPTION_TIMESTAMPS || body.len == 8;
}

static void read_padding(tlsfp_span rest, tcp_syn *out)
{
    out->n_padding = (unsigned)rest.len;
    for (size_t i = 0; i < rest.len; i++)
        note(out, QUIRK_AFTER_END, rest.data[i] != 0);
}

static bool take_option(tlsfp_span *list, uint8_t kind, tcp_syn *out)
{
    uint8_t len;
    tlsfp_span body;
    if (!take_u8(list, &len) || len < 2 || !take(list, len - 2u, &body))
        return false;
    note(out, QUIRK_OPTIONS_BAD, !read_option(kind, body, out));
    return true;
}

static void read_options(tlsfp_span list, tcp_syn *out)
{
    uint8_t kind;
    while (out->n_kinds < TCP_MAX_OPTIONS && take_u8(&list, &kind)) {
        out->kinds[out->n_kinds++] = kind;
        if (kind == TCP_OPTION_END) {
            read_padding(list, out);
            return;
        }
        if (kind != TCP_OPTION_NOP && !take_option(&list, kind, out)) {
            out->quirks |= QUIRK_OPTIONS_BAD;
            return;
        }
    }
}

static bool take_tcp(tlsfp_span *in, tcp_syn *out)
{
    tlsfp_span header, options;
    if (!take(in, TCP_LEN, &header))
        return false;
    const unsigned len = (get_u8(header, 12) >> 4) * 4u, flags = get_u16(header, 12) & 0xfff;
    if (len < TCP_LEN || !take(in, len - TCP_LEN, &options))
        return false;
    const bool acknowledges = (flags & FLAG_ACK) != 0, is_urgent = (flags & FLAG_URGENT) != 0;
    out->source_port = get_u16(header, 0);
    out->destination_port = get_u16(header, 2);
    out->sequence = get_u32(header, 4);
    out->window = get_u16(header, 14);
    out->headers_len += len;
    note(out, QUIRK_ECN, (flags & FLAGS_ECN) != 0);
    note(out, QUIRK_SEQUENCE_ZERO, out->sequence == 0);
    note(out, QUIRK_ACK_SET, !acknowledges && get_u32(header, 8) != 0);
    note(out, QUIRK_ACK_ZERO, acknowledges && get_u32(header, 8) == 0);
    note(out, QUIRK_URGENT_SET, !is_urgent && get_u16(header, 18) != 0);
    note(out, QUIRK_URGENT_FLAG, is_urgent);
    note(out, QUIRK_PUSH, (flags & FLAG_PUSH) != 0);
    read_options(options, out);
    return true;
}

bool tcp_syn_parse(tlsfp_span headers, tcp_syn *out)
{
    const tlsfp_span ip = headers;
    if (headers.len == 0)
        return false;
    tcp_syn found = {.ip_version = get_u8(headers, 0) >> 4};
    if (found.ip_version != 4 && found.ip_version != 6)
        return false;
    if (!(found.ip_version == 4 ? take_ipv4 : take_ipv6)(&headers, &found) ||
        !take_tcp(&headers, &found))
        return false;
    found.has_payload = total_len(ip, found.ip_version) > found.headers_len;
    *out = found;
    return true;
}

/* -- texts */

const char *tcp_option_name(uint8_t kind)
{
    static const char *const names[] = {
        [TCP_OPTION_END] = "eol",
        [TCP_OPTION_NOP] = "nop",
        [TCP_OPTION_MSS] = "mss",
        [TCP_OPTION_SCALE] = "ws",
        [TCP_OPTION_SACK_PERMITTED] = "sok",
        [TCP_OPTION_SACK] = "sack",
        [TCP_OPTION_TIMESTAMPS] = "ts",
    };
    return kind < G_N_ELEMENTS(names) ? names[kind] : NULL;
}

/** The initial TTL is taken to be the next usual one: guess_dist() in p0f's fp_tcp.c. */
static unsigned distance_of(unsigned ttl)
{
    return (ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl;
}

/** Appends the window as a multiple of MSS or MTU, if it is one: detect_win_multi() there. */
static void append_window(const tcp_syn *syn, GString *out)
{
    const bool is_6 = syn->ip_version == 6;
    const unsigned mss = syn->mss, ip_4 = IPV4_LEN + TCP_LEN, ip_6 = IPV6_LEN + TCP_LEN;
    const struct {
        unsigned divisor;
        bool applies;
        const char *name;
    } tries[] = {
        {mss, true, "mss"},
        {mss - TIMESTAMPS_LEN, syn->timestamp != 0, "mss"},
        {USUAL_MTU - ip_4, true, "mss"},
        {USUAL_MTU - ip_4 - TIMESTAMPS_LEN, true, "mss"},
        {USUAL_MTU - ip_6, is_6, "mss"},
        {USUAL_MTU - ip_6 - TIMESTAMPS_LEN, is_6, "mss"},
        {mss + ip_4, true, "mtu"},
        {mss + syn->headers_len, true, "mtu"},
        {mss + ip_6, is_6, "mtu"},
        {USUAL_MTU, true, "mtu"},
    };
    for (size_t i = 0; syn->window > 0 && mss >= MIN_MSS && i < G_N_ELEMENTS(tries); i++)
        if (tries[i].applies && syn->window % tries[i].divisor == 0) {
            g_string_append_printf(out, "%s*%u", tries[i].name, syn->window / tries[i].divisor);
            return;
        }
    g_string_append_printf(out, "%u", syn->window);
}

static void append_layout(const tcp_syn *syn, GString *out)
{
    for (unsigned i = 0; i < syn->n_kinds; i++) {
        const char *name = tcp_option_name(syn->kinds[i]);
        g_string_append(out, i > 0 ? "," : "");
        if (syn->kinds[i] == TCP_OPTION_END)
            g_string_append_printf(out, "%s+%u", name, syn->n_padding);
        else if (name != NULL)
            g_string_append(out, name);
        else
            g_string_append_printf(out, "?%u", syn->kinds[i]);
    }
}

static void append_quirks(const tcp_syn *syn, GString *out)
{
    static const char *const names[] = {"df",   "id+",  "id-",  "ecn",   "0+",    "flow",
                                        "seq-", "ack+", "ack-", "uptr+", "urgf+", "pushf+",
                                        "ts1-", "ts2+", "opt+", "exws",  "bad"};
    const char *separator = "";
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if ((syn->quirks & 1u << i) != 0) {
            g_string_append(out, separator);
            g_string_append(out, names[i]);
            separator = ",";
        }
}

void tcp_syn_append_p0f(const tcp_syn *syn, GString *out)
{
    const unsigned distance = distance_of(syn->ttl);
    g_string_append_printf(out, "%u:%u+", syn->ip_version, syn->ttl);
    if (distance > MAX_DISTANCE)
        g_string_append_c(out, '?');
    else
        g_string_append_printf(out, "%u", distance);
    g_string_append_printf(out, ":%u:%u:", syn->ip_options_len, syn->mss);
    append_window(syn, out);
    g_string_append_printf(out, ",%u:", syn->scale);
    append_layout(syn, out);
    g_string_append_c(out, ':');
    append_quirks(syn, out);
    g_string_append(out, syn->has_payload ? ":+" : ":0");
}

void tcp_syn_append_muonfp(const tcp_syn *syn, GString *out)
{
    g_string_append_printf(out, "%u:", syn->window);
    for (unsigned i = 0; i < syn->n_kinds; i++)
        g_string_append_printf(out, i > 0 ? "-%u" : "%u", syn->kinds[i]);
    g_string_append_c(out, ':');
    if (syn->has_mss)
        g_string_append_printf(out, "%u", syn->mss);
    g_string_append_c(out, ':');
    if (syn->has_scale)
        g_string_append_printf(out, "%u", syn->scale);
}
