/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/lines.h"

#include <time.h>
#include <tlsfp/escape.h>
#include <tlsfp/json.h>
#include <tlsfp/names.h>

#include "match/client_names.h"

enum { USUAL_LEN = 8 * 1024 }; /* of an object in JSON, in bytes; it may be longer */

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

/** What @p text holds, which is UTF-8, as a JSON string. */
static json_t *string_of(const GString *text)
{
    return json_stringn_nocheck(text->str, text->len);
}

static json_t *escaped(GString *room, tlsfp_span text)
{
    g_string_truncate(room, 0);
    tlsfp_append_escaped(room, text, '\0');
    return string_of(room);
}

static json_t *time_of(GString *room, int64_t time_ns)
{
    int64_t ns = time_ns % NS_PER_S;
    time_t s = (time_t)(time_ns / NS_PER_S);
    struct tm broken_down;
    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    gmtime_r(&s, &broken_down);
    g_string_printf(room, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", broken_down.tm_year + 1900,
                    broken_down.tm_mon + 1, broken_down.tm_mday, broken_down.tm_hour,
                    broken_down.tm_min, broken_down.tm_sec, (int)ns);
    return string_of(room);
}

static json_t *address_of(GString *room, const endpoints *ends, const uint8_t *bytes)
{
    g_string_truncate(room, 0);
    append_address(room, ends, bytes);
    return string_of(room);
}

static json_t *file_of(GString *room, const char *file)
{
    g_string_truncate(room, 0);
    tlsfp_append_escaped_string(room, file);
    return string_of(room);
}

static json_t *protocols_of(GString *room, tlsfp_span list)
{
    tlsfp_span protocol;
    if (list.data == NULL)
        return json_null();
    json_t *array = json_array();
    while (tlsfp_next_protocol(&list, &protocol))
        json_array_append_new(array, escaped(room, protocol));
    return array;
}

/** With lists of names only, so that JSON without them stays as it is. */
static void add_client(json_t *object, sighting *seen)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_level level;
    if (seen->names == NULL || (seen->names->own == NULL && seen->names->installed == NULL))
        return;
    size_t n = client_names_of(seen, labels, &level);
    json_t *names = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(names, json_string_nocheck(labels[i].name));
    json_object_set_new_nocheck(object, "client", names);
    json_object_set_new_nocheck(object, "level",
                                n > 0 ? json_string_nocheck(tlsfp_level_name(level)) : json_null());
}

static json_t *object_of(sighting *seen)
{
    const found_hello *found = seen->found;
    const endpoints *ends = found->ends;
    const tlsfp_client_hello *hello = found->hello;
    GString *room = g_string_new(NULL);
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "time", time_of(room, found->frame->time_ns));
    json_object_set_new_nocheck(object, "frame", json_integer((json_int_t)found->frame->number));
    json_object_set_new_nocheck(object, "file", file_of(room, seen->file));
    if (found->frame->interface != NULL)
        json_object_set_new_nocheck(object, "interface", file_of(room, found->frame->interface));
    json_object_set_new_nocheck(object, "src", address_of(room, ends, ends->src));
    json_object_set_new_nocheck(object, "dst", address_of(room, ends, ends->dst));
    json_object_set_new_nocheck(object, "srcport", json_integer(ends->src_port));
    json_object_set_new_nocheck(object, "dstport", json_integer(ends->dst_port));
    json_object_set_new_nocheck(object, "transport",
                                json_string_nocheck(tlsfp_transport_name(hello->transport)));
    json_object_set_new_nocheck(object, "sni",
                                hello->server_name.data != NULL ? escaped(room, hello->server_name)
                                                                : json_null());
    json_object_set_new_nocheck(object, "alpn", protocols_of(room, hello->alpn));
    json_object_set_new_nocheck(object, "tls_data", tlsfp_json_tls_data(hello));
    json_object_set_new_nocheck(object, "tls_fingerprints",
                                tlsfp_json_tls_fingerprints(seen->context, hello));
    add_client(object, seen);
    g_string_free(room, TRUE);
    return object;
}

static void append_dumped(GString *out, const json_t *object)
{
    size_t start = out->len, room = MAX(out->allocated_len - start - 1, USUAL_LEN);
    g_string_set_size(out, start + room);
    size_t len = json_dumpb(object, out->str + start, room, JSON_COMPACT);
    if (len > room) { /* it wrote nothing of use */
        g_string_set_size(out, start + len);
        json_dumpb(object, out->str + start, len, JSON_COMPACT);
    }
    g_string_set_size(out, start + len);
}

void append_json(GString *out, sighting *seen)
{
    json_t *object = object_of(seen);
    append_dumped(out, object);
    json_decref(object);
}
