/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/record.h"

#include <stdlib.h>
#include <string.h>

#include "add/object.h"

enum { NS_DIGITS = 9 };

fingerprints fingerprints_new(void)
{
    return (fingerprints){.ja3n = g_string_new(NULL), .ja3n_r = g_string_new(NULL)};
}

void fingerprints_clear(fingerprints *found)
{
    g_string_free(found->ja3n, TRUE);
    g_string_free(found->ja3n_r, TRUE);
}

static int by_number(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/** Appends a list of decimal numbers, sorted. */
static void append_sorted(const char *list, const char *end, GString *out)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    while (list < end) {
        char *after;
        const uint16_t value = (uint16_t)strtoul(list, &after, 10);
        g_array_append_val(values, value);
        list = after < end ? after + 1 : end;
    }
    if (values->len > 0)
        qsort(values->data, values->len, sizeof(uint16_t), by_number);
    for (guint i = 0; i < values->len; i++)
        g_string_append_printf(out, "%s%u", i > 0 ? "-" : "", g_array_index(values, uint16_t, i));
    g_array_unref(values);
}

static const char *find_comma(const char *text, const char *end)
{
    return text != NULL ? memchr(text, ',', (size_t)(end - text)) : NULL;
}

static tlsfp_span span_of(const GString *text)
{
    return (tlsfp_span){(const uint8_t *)text->str, text->len};
}

/** ja3n: JA3 with the extensions sorted by number. */
static void make_ja3n(fingerprints *found)
{
    const char *text = (const char *)found->values[TLSFP_KIND_JA3_R].data;
    const char *end = text + found->values[TLSFP_KIND_JA3_R].len;
    const char *ciphers = find_comma(text, end);
    const char *types = ciphers != NULL ? find_comma(ciphers + 1, end) : NULL;
    const char *groups = types != NULL ? find_comma(types + 1, end) : NULL;
    if (groups == NULL)
        return;
    g_string_truncate(found->ja3n_r, 0);
    g_string_append_len(found->ja3n_r, text, types + 1 - text);
    append_sorted(types + 1, groups, found->ja3n_r);
    g_string_append_len(found->ja3n_r, groups, end - groups);
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, found->ja3n_r->str,
                                               (gssize)found->ja3n_r->len);
    g_string_assign(found->ja3n, hash);
    g_free(hash);
    found->values[TLSFP_KIND_JA3N_R] = span_of(found->ja3n_r);
    found->values[TLSFP_KIND_JA3N] = span_of(found->ja3n);
}

/** The kind that a key names; TLSFP_N_CLIENT_KINDS where it names none of a ClientHello. */
static tlsfp_kind kind_of_key(tlsfp_span key)
{
    unsigned kind = 0;
    for (; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        const char *name = tlsfp_kind_name((tlsfp_kind)kind);
        if (strlen(name) == key.len && memcmp(name, key.data, key.len) == 0)
            break;
    }
    return (tlsfp_kind)kind;
}

/** Finds the values, and takes their quotes off. */
static const char *find_values(tlsfp_span object, tlsfp_span out[TLSFP_N_CLIENT_KINDS])
{
    tlsfp_span key, value;
    member_result result = MEMBER_BROKEN;
    memset(out, 0, TLSFP_N_CLIENT_KINDS * sizeof *out);
    if (!object_begin(&object))
        return "its fingerprints are no object";
    while ((result = object_next(&object, &key, &value)) == MEMBER_NEXT) {
        const tlsfp_kind found = kind_of_key(key);
        if (found == TLSFP_N_CLIENT_KINDS || span_is(value, "null"))
            continue;
        if (value.data[0] != '"')
            return "a fingerprint is not what its key says";
        out[found] = (tlsfp_span){value.data + 1, value.len - 2};
    }
    return result == MEMBER_BROKEN ? "its fingerprints are no JSON" : NULL;
}

static void complete(fingerprints *found)
{
    if (found->values[TLSFP_KIND_JA3_R].data != NULL &&
        (found->values[TLSFP_KIND_JA3N].data == NULL ||
         found->values[TLSFP_KIND_JA3N_R].data == NULL))
        make_ja3n(found);
}

const char *fingerprints_read(tlsfp_span object, fingerprints *out)
{
    const char *why = find_values(object, out->values);
    for (unsigned i = 0; why == NULL && i < TLSFP_N_CLIENT_KINDS; i++)
        if (out->values[i].data != NULL && !tlsfp_kind_fits_bytes((tlsfp_kind)i, out->values[i]))
            why = "a fingerprint is not what its key says";
    if (why == NULL && out->values[TLSFP_KIND_JA4].data == NULL)
        why = "there is no JA4";
    if (why == NULL)
        complete(out);
    return why;
}

static bool is_within(const uint8_t *at, tlsfp_span object)
{
    return object.data <= at && at < object.data + object.len;
}

fingerprint_places fingerprints_places(const fingerprints *found, tlsfp_span object)
{
    fingerprint_places places = {.values = {{0, 0}}};
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++) {
        const tlsfp_span value = found->values[i];
        if (value.data == NULL || !is_within(value.data, object))
            continue; /* computed values are computed again */
        places.values[i].at = (uint32_t)(value.data - object.data);
        places.values[i].len = (uint32_t)value.len;
    }
    return places;
}

void fingerprints_at(tlsfp_span object, const fingerprint_places *places, fingerprints *out)
{
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        out->values[i] =
            places->values[i].len > 0
                ? (tlsfp_span){object.data + places->values[i].at, places->values[i].len}
                : (tlsfp_span){NULL, 0};
    complete(out);
}

/* ---- lines ---- */

/** The members that matter. */
typedef struct {
    tlsfp_span time, src, sni, fingerprints, client_address, server_name, event, user_agent, ja4;
} members;

static record_result read_members(tlsfp_span line, members *out)
{
    const struct {
        const char *name;
        size_t len;
        tlsfp_span *place;
    } places[] = {
#define MEMBER(name, place) {name, sizeof name - 1, &out->place}
        MEMBER("time", time),
        MEMBER("src", src),
        MEMBER("sni", sni),
        MEMBER("tls_fingerprints", fingerprints),
        MEMBER("client_address", client_address),
        MEMBER("server_name", server_name),
        MEMBER("event", event),
        MEMBER("user_agent", user_agent),
        MEMBER("ja4", ja4),
#undef MEMBER
    };
    tlsfp_span in = line, key, value;
    member_result result;
    if (!object_begin(&in))
        return RECORD_BROKEN;
    while ((result = object_next(&in, &key, &value)) == MEMBER_NEXT)
        for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
            if (key.len == places[i].len && memcmp(key.data, places[i].name, key.len) == 0)
                *places[i].place = value;
    for (size_t i = 0; result == MEMBER_END && i < in.len; i++)
        if (!g_ascii_isspace(in.data[i]))
            return RECORD_BROKEN;
    return result == MEMBER_END ? RECORD_FINE : RECORD_BROKEN;
}

static bool two_digits(const char **at, char before, int *out)
{
    const char *text = *at;
    if (before != '\0' && *text++ != before)
        return false;
    if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]))
        return false;
    *out = (text[0] - '0') * 10 + text[1] - '0';
    *at = text + 2;
    return true;
}

/** Days since 1970 of a date, Howard Hinnant's days_from_civil. */
static int64_t days_of(int year, int month, int day)
{
    year -= month <= 2;
    const int era = year / 400, of_era = year - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

/** RFC 3339 in UTC, with or without a fraction, as nanoseconds since 1970. */
static bool read_time(const char *text, int64_t *out)
{
    int century, year, month, day, hour, minute, second;
    if (!two_digits(&text, '\0', &century) || !two_digits(&text, '\0', &year) ||
        !two_digits(&text, '-', &month) || !two_digits(&text, '-', &day) ||
        !two_digits(&text, 'T', &hour) || !two_digits(&text, ':', &minute) ||
        !two_digits(&text, ':', &second) || month < 1 || month > 12 || day < 1 || day > 31 ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t ns = 0;
    if (*text == '.') {
        int n = 0;
        for (text++; g_ascii_isdigit(*text); text++)
            if (n++ < NS_DIGITS)
                ns = ns * 10 + (*text - '0');
        for (; n < NS_DIGITS; n++)
            ns *= 10;
    }
    if (strcmp(text, "Z") != 0 && strcmp(text, "+00:00") != 0)
        return false;
    const int64_t days = days_of(century * 100 + year, month, day);
    *out = ((days * 24 + hour) * 60 + minute) * 60 + second;
    if (*out > INT64_MAX / 1000000000 - 1 || *out < INT64_MIN / 1000000000 + 1)
        return false;
    *out = *out * 1000000000 + ns;
    return true;
}

static bool is_null(tlsfp_span value)
{
    return value.data == NULL || span_is(value, "null");
}

static bool is_blank_line(tlsfp_span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!g_ascii_isspace(line.data[i]))
            return false;
    return true;
}

/** Takes a value that may be missing: then it is empty. */
static bool take_optional(tlsfp_span value, GString *room)
{
    if (!is_null(value))
        return text_of_value(value, room);
    g_string_truncate(room, 0);
    return true;
}

/** tlsfp-echo --log json: its fingerprints are members of the line. */
static record_result read_echo_line(const members *found, tlsfp_span line, record_room *room,
                                    record *out)
{
    out->mixed = is_null(found->fingerprints);
    out->fingerprints = out->mixed ? line : found->fingerprints;
    if (is_null(found->ja4))
        return RECORD_NOTHING;
    if (!span_is(found->event, "\"request\""))
        return RECORD_FINE;
    if (!take_optional(found->user_agent, room->agent))
        return RECORD_BROKEN;
    out->agent = room->agent->str;
    return RECORD_FINE;
}

record_result record_read(tlsfp_span line, const pseudonym_key *key, record_room *room, record *out,
                          const char **out_why)
{
    members found = {.time = {NULL, 0}};
    record_result result = RECORD_FINE;
    if (is_blank_line(line))
        return RECORD_NOTHING;
    *out_why = "it is no JSON object";
    if (read_members(line, &found) != RECORD_FINE)
        return RECORD_BROKEN;
    const bool echo = found.event.data != NULL;
    record read = {.fingerprints = found.fingerprints};
    *out_why = "it is neither from tlsfp --json nor from tlsfp-echo --log json";
    if (echo)
        result = read_echo_line(&found, line, room, &read);
    else if (is_null(found.fingerprints))
        return RECORD_BROKEN;
    if (result != RECORD_FINE)
        return result;
    *out_why = "its time is not as in 2026-01-31T23:59:59Z";
    if (!text_of_value(found.time, room->text) || !read_time(room->text->str, &read.time_ns))
        return RECORD_BROKEN;
    *out_why = "it has no address of a client";
    if (!text_of_value(echo ? found.client_address : found.src, room->text) ||
        !address_text(room->text->str, key, read.address))
        return RECORD_BROKEN;
    *out_why = "its server name is no text";
    if (!take_optional(echo ? found.server_name : found.sni, room->server))
        return RECORD_BROKEN;
    read.server = room->server->str;
    *out = read;
    return RECORD_FINE;
}
