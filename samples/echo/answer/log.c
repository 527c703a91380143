/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/date.h"

/** Fingerprints, empty without a hello. */
typedef struct {
    char ja4[TLSFP_JA4_SIZE];
    char ja3[TLSFP_JA3_SIZE];
    char *server_name; /* or NULL */
} traits;

static traits traits_of(const client *who, tlsfp_context *context)
{
    traits found = {"", "", NULL};
    tlsfp_client_hello hello;
    if (tlsfp_parse(who->hello, TLSFP_TLS, &hello) != TLSFP_OK)
        return found;
    tlsfp_ja4(context, &hello, TLSFP_SORTED, found.ja4);
    tlsfp_ja3(context, &hello, found.ja3);
    if (hello.server_name.data != NULL)
        found.server_name =
            g_utf8_make_valid((const char *)hello.server_name.data, (gssize)hello.server_name.len);
    return found;
}

/** One write for each line: lines of several threads stay whole. */
static void write_line(GString *line)
{
    g_string_append_c(line, '\n');
    const char *at = line->str;
    size_t left = line->len;
    while (left > 0) {
        const ssize_t n = write(STDOUT_FILENO, at, left);
        if (n < 0 && errno != EINTR)
            break; /* nobody reads: serving matters more */
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
    g_string_free(line, TRUE);
}

static GString *begin_text(const client *who, const traits *found)
{
    GString *line = g_string_new(NULL);
    date_append(line);
    g_string_append_printf(line, " %s %u %s %s", who->address, who->port,
                           found->ja4[0] != '\0' ? found->ja4 : "-",
                           found->ja3[0] != '\0' ? found->ja3 : "-");
    return line;
}

/** Appends a text from the wire, in quotes, on one line whatever it holds. */
static void append_quoted(GString *line, const char *text)
{
    char *escaped = g_strescape(text, NULL);
    g_string_append_printf(line, " \"%s\"", escaped);
    g_free(escaped);
}

static json_t *begin_json(const char *event, const client *who, const traits *found)
{
    GString *time = g_string_new(NULL);
    date_append(time);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:i, s:s?, s:s?, s:s?}", "time", time->str, "event", event,
                  "client_address", who->address, "client_port", (int)who->port, /**/
                  "ja4", found->ja4[0] != '\0' ? found->ja4 : NULL,              /**/
                  "ja3", found->ja3[0] != '\0' ? found->ja3 : NULL,              /**/
                  "server_name", found->server_name);
    g_string_free(time, TRUE);
    return object;
}

static void end_json(json_t *object, json_t *more)
{
    json_object_update(object, more);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(more);
    json_decref(object);
    write_line(g_string_new(text));
    free(text);
}

void log_handshake(log_format format, const client *who, tlsfp_context *context)
{
    if (format == LOG_NONE)
        return;
    traits found = traits_of(who, context);
    if (format == LOG_JSON) {
        end_json(begin_json("handshake", who, &found),
                 json_pack("{s:s, s:s, s:s?, s:b, s:b}", "version", who->version, "cipher",
                           who->cipher, "alpn", who->alpn, "resumed", who->resumed, "retried",
                           who->retried));
    } else {
        GString *line = begin_text(who, &found);
        g_string_append_printf(line, " handshake %s %s %s", who->version, who->cipher,
                               who->alpn != NULL ? who->alpn : "-");
        append_quoted(line, found.server_name != NULL ? found.server_name : "");
        write_line(line);
    }
    g_free(found.server_name);
}

void log_failure(log_format format, const client *who, tlsfp_context *context, const char *reason)
{
    if (format == LOG_NONE)
        return;
    traits found = traits_of(who, context);
    if (format == LOG_JSON) {
        end_json(begin_json("failure", who, &found), json_pack("{s:s}", "reason", reason));
    } else {
        GString *line = begin_text(who, &found);
        g_string_append(line, " failure");
        append_quoted(line, reason);
        write_line(line);
    }
    g_free(found.server_name);
}

static json_t *wire_text(const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    json_t *value = json_string(valid);
    g_free(valid);
    return value;
}

void log_request(log_format format, const client *who, tlsfp_context *context, const request *asked,
                 unsigned status)
{
    if (format == LOG_NONE)
        return;
    traits found = traits_of(who, context);
    if (format == LOG_JSON) {
        end_json(begin_json("request", who, &found),
                 json_pack("{s:o, s:o, s:i, s:o}", "method", wire_text(asked->method_name),
                           "target", wire_text(asked->target), "status", (int)status, "user_agent",
                           wire_text(asked->user_agent)));
    } else {
        GString *line = begin_text(who, &found);
        g_string_append_printf(line, " request %u", status);
        append_quoted(line, asked->method_name);
        append_quoted(line, asked->target);
        append_quoted(line, asked->user_agent);
        write_line(line);
    }
    g_free(found.server_name);
}
