/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/record.h"

#include <stdlib.h>
#include <string.h>

#include "add/object.h"

enum {
    JA4_LEN = 36,
    JA3_LEN = 32,
    PART_A_LEN = 10,
    NS_DIGITS = 9,
};

static bool is_ja4(const char *text, size_t len)
{
    if (len != JA4_LEN || strchr("tqd", text[0]) == NULL || strchr("di", text[3]) == NULL)
        return false;
    for (size_t i = 0; i < len; i++) {
        const bool separator = i == 10 || i == 23;
        if (separator ? text[i] != '_'
                      : !(i < PART_A_LEN ? g_ascii_isalnum(text[i]) : g_ascii_isxdigit(text[i])))
            return false;
    }
    return true;
}

static bool is_ja3(const char *text, size_t len)
{
    return len == JA3_LEN && strspn(text, "0123456789abcdef") == len;
}

static bool is_raw(const char *text, size_t len)
{
    return len > PART_A_LEN && text[PART_A_LEN] == '_' &&
           strspn(text + PART_A_LEN, "0123456789abcdef,_") == len - PART_A_LEN;
}

static bool is_value(kind of, const GString *text)
{
    switch (of) {
    case KIND_JA4:
    case KIND_STABLE:
    case KIND_JA4_O:
        return is_ja4(text->str, text->len);
    case KIND_JA3:
        return is_ja3(text->str, text->len);
    case KIND_JA3_R:
        return strspn(text->str, "0123456789,-") == text->len;
    default:
        return is_raw(text->str, text->len);
    }
}

fingerprints fingerprints_new(void)
{
    fingerprints found = {{NULL}, {NULL}};
    for (size_t i = 0; i < N_KINDS; i++)
        found.room[i] = g_string_new(NULL);
    return found;
}

void fingerprints_clear(fingerprints *found)
{
    for (size_t i = 0; i < N_KINDS; i++)
        g_string_free(found->room[i], TRUE);
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

/** ja3n: JA3 with the extensions sorted by number. */
static void make_ja3n(fingerprints *found)
{
    const char *ciphers = strchr(found->of[KIND_JA3_R], ',');
    const char *types = ciphers != NULL ? strchr(ciphers + 1, ',') : NULL;
    const char *groups = types != NULL ? strchr(types + 1, ',') : NULL;
    if (groups == NULL)
        return;
    GString *text = found->room[KIND_JA3N_R];
    g_string_truncate(text, 0);
    g_string_append_len(text, found->of[KIND_JA3_R], types + 1 - found->of[KIND_JA3_R]);
    append_sorted(types + 1, groups, text);
    g_string_append(text, groups);
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, text->str, (gssize)text->len);
    g_string_assign(found->room[KIND_JA3N], hash);
    g_free(hash);
    found->of[KIND_JA3N_R] = text->str;
    found->of[KIND_JA3N] = found->room[KIND_JA3N]->str;
}

static size_t kind_named(tlsfp_span key)
{
    static const char *const names[N_GIVEN_KINDS] = {
        [KIND_JA4] = "ja4",     [KIND_JA4_R] = "ja4_r",       [KIND_STABLE] = "stable",
        [KIND_JA3] = "ja3",     [KIND_STABLE_R] = "stable_r", [KIND_JA3_R] = "ja3_r",
        [KIND_JA4_O] = "ja4_o", [KIND_JA4_RO] = "ja4_ro",
    };
    for (size_t i = 0; i < N_GIVEN_KINDS; i++)
        if (span_is(key, names[i]))
            return i;
    return N_KINDS;
}

const char *fingerprints_read(tlsfp_span object, fingerprints *out)
{
    tlsfp_span key, value;
    member_result result = MEMBER_BROKEN;
    memset(out->of, 0, sizeof out->of);
    if (!object_begin(&object))
        return "its fingerprints are no object";
    while ((result = object_next(&object, &key, &value)) == MEMBER_NEXT) {
        const size_t found = kind_named(key);
        if (found == N_KINDS || span_is(value, "null"))
            continue;
        if (!text_of_value(value, out->room[found]) || !is_value((kind)found, out->room[found]))
            return "a fingerprint is not what its key says";
        out->of[found] = out->room[found]->str;
    }
    if (result == MEMBER_BROKEN)
        return "its fingerprints are no JSON";
    if (out->of[KIND_JA4] == NULL)
        return "there is no JA4";
    if (out->of[KIND_JA3_R] != NULL)
        make_ja3n(out);
    return NULL;
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
        tlsfp_span *place;
    } places[] = {
        {"time", &out->time},
        {"src", &out->src},
        {"sni", &out->sni},
        {"tls_fingerprints", &out->fingerprints},
        {"client_address", &out->client_address},
        {"server_name", &out->server_name},
        {"event", &out->event},
        {"user_agent", &out->user_agent},
        {"ja4", &out->ja4},
    };
    tlsfp_span in = line, key, value;
    member_result result;
    if (!object_begin(&in))
        return RECORD_BROKEN;
    while ((result = object_next(&in, &key, &value)) == MEMBER_NEXT)
        for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
            if (span_is(key, places[i].name))
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
