/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/lines.h"

#include <time.h>
#include <tlsfp/escape.h>
#include <tlsfp/json.h>
#include <tlsfp/names.h>
#include <tlsfp/traits.h>
#include <tlsfp/writer.h>

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
static char *write_time(char *at, int64_t time_ns)
{
    enum { S_PER_DAY = 24 * 60 * 60, EPOCH = 719163 }; /* 1970-01-01, in days from 0001-01-01 = 1 */
    const int64_t day_ns = S_PER_DAY * NS_PER_S;
    int64_t day = time_ns / day_ns - (time_ns % day_ns < 0), ns = time_ns - day * day_ns;
    unsigned s = (unsigned)(ns / NS_PER_S);
    GDate date; /* gmtime_r() takes a lock */
    g_date_clear(&date, 1);
    g_date_set_julian(&date, (guint32)(day + EPOCH));
    static const char form[] = "0000-00-00T00:00:00.000000000Z";
    write_bytes(at, form, sizeof form - 1);
    write_digits(at, g_date_get_year(&date), 4);
    write_digits(at + 5, (unsigned)g_date_get_month(&date), 2);
    write_digits(at + 8, g_date_get_day(&date), 2);
    write_digits(at + 11, s / 3600, 2);
    write_digits(at + 14, s / 60 % 60, 2);
    write_digits(at + 17, s % 60, 2);
    write_digits(at + 20, (unsigned)(ns % NS_PER_S), 9);
    return at + sizeof form - 1;
}

static tlsfp_span span_of(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
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
#define WRITE_FLAG(at, key, is_set) ((is_set) ? WRITE(at, key "true") : WRITE(at, key "false"))

static char *write_traits(char *at, const tlsfp_client_hello *hello)
{
    at = WRITE_FLAG(at, ",\"resumption\":", tlsfp_offers_resumption(hello));
    at = WRITE_FLAG(at, ",\"grease\":", tlsfp_has_grease(hello));
    at = WRITE_FLAG(at, ",\"pq\":", tlsfp_offers_post_quantum(hello));
    return WRITE_FLAG(at, ",\"ech\":", tlsfp_has_ech(hello));
}

/** With --answers only, so that lines without it do not wait. */
static void append_answer(GString *out, sighting *seen)
{
    const tlsfp_server_hello *answer = seen->found->answer;
    g_string_append(out, seen->found->is_retry ? ",\"retry\":true" : ",\"retry\":false");
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
static char *write_tags(char *at, const endpoints *ends)
{
    const network_tags *tags = &ends->tags;
    at = WRITE(at, ",\"community_id\":\"");
    at = write_community_id(at, ends);
    *at++ = '"';
    for (unsigned i = 0; i < tags->n_vlans; i++) {
        at = i == 0 ? WRITE(at, ",\"vlan\":[") : WRITE(at, ",");
        at = write_number(at, tags->vlans[i]);
    }
    if (tags->n_vlans > 0)
        *at++ = ']';
    for (unsigned i = 0; i < tags->n_vnis; i++) {
        at = i == 0 ? WRITE(at, ",\"vni\":[") : WRITE(at, ",");
        at = write_number(at, tags->vnis[i]);
    }
    if (tags->n_vnis > 0)
        *at++ = ']';
    return at;
}

/* Room for what stands between texts of any length. */
enum {
    PLACE_ROOM = 64 + WRITE_NUMBER_MAX,
    ENDS_ROOM = 128 + 2 * ADDRESS_MAX + 2 * WRITE_NUMBER_MAX,
    END_ROOM = 256 + COMMUNITY_ID_LEN + 2 * MAX_TAGS * (WRITE_NUMBER_MAX + 1),
};

/** When and in which file the hello was found. */
static void append_place(GString *out, const sighting *seen)
{
    const frame *packet = seen->found->frame;
    char *at = write_begin(out, PLACE_ROOM);
    at = WRITE(at, "{\"time\":\"");
    at = write_time(at, packet->time_ns);
    at = WRITE(at, "\",\"frame\":");
    at = write_number(at, packet->number);
    write_end(out, WRITE(at, ",\"file\":"));
    tlsfp_append_json_escaped(out, span_of(seen->file));
    if (packet->interface != NULL) {
        g_string_append(out, ",\"interface\":");
        tlsfp_append_json_escaped(out, span_of(packet->interface));
    }
}

static char *write_ends(char *at, const endpoints *ends)
{
    at = WRITE(at, ",\"src\":\"");
    at = write_address(at, ends, ends->src);
    at = WRITE(at, "\",\"dst\":\"");
    at = write_address(at, ends, ends->dst);
    at = WRITE(at, "\",\"srcport\":");
    at = write_number(at, ends->src_port);
    at = WRITE(at, ",\"dstport\":");
    return write_number(at, ends->dst_port);
}

/** Who sent it to whom, and for whom. */
static void append_connection(GString *out, const sighting *seen)
{
    const tlsfp_client_hello *hello = seen->found->hello;
    const char *transport = tlsfp_transport_name(hello->transport);
    char *at = write_ends(write_begin(out, ENDS_ROOM), seen->found->ends);
    at = WRITE(at, ",\"transport\":\"");
    at = write_bytes(at, transport, strlen(transport));
    at = WRITE(at, "\",\"sni\":");
    const bool has_name = hello->server_name.data != NULL;
    write_end(out, has_name ? at : WRITE(at, "null"));
    if (has_name)
        tlsfp_append_json_escaped(out, shown_name(hello));
    g_string_append(out, ",\"alpn\":");
    append_protocols(out, hello->alpn);
}

void append_json(GString *out, sighting *seen, bool with_answer)
{
    const tlsfp_client_hello *hello = seen->found->hello;
    append_place(out, seen);
    append_connection(out, seen);
    g_string_append(out, ",\"tls_data\":");
    tlsfp_append_json_tls_data(hello, out);
    g_string_append(out, ",\"tls_fingerprints\":");
    tlsfp_append_json_tls_fingerprints(seen->context, hello, out);
    char *at = write_traits(write_begin(out, END_ROOM), hello);
    at = write_tags(at, seen->found->ends);
    write_end(out, seen->found->is_overlap ? WRITE(at, ",\"overlap\":true") : at);
    if (with_answer)
        append_answer(out, seen);
    append_client(out, seen);
    g_string_append_c(out, '}');
}
