/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/date.h"

/** The server's name that the client asked for, or NULL; to be freed with g_free(). */
static char *server_name_of(const client_info *client)
{
    const tlsfp_span name = client->hello.server_name;
    return client->parsed && name.data != NULL
               ? g_utf8_make_valid((const char *)name.data, (gssize)name.len)
               : NULL;
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

static GString *begin_text(const client_info *client)
{
    GString *line = g_string_new(NULL);
    date_append(line);
    g_string_append_printf(line, " %s %u %s %s", client->address, client->port,
                           client->ja4[0] != '\0' ? client->ja4 : "-",
                           client->ja3[0] != '\0' ? client->ja3 : "-");
    return line;
}

/** Appends a text from the wire, in quotes, on one line whatever it holds. */
static void append_quoted(GString *line, const char *text)
{
    char *escaped = g_strescape(text, NULL);
    g_string_append_printf(line, " \"%s\"", escaped);
    g_free(escaped);
}

static json_t *begin_json(const char *event, const client_info *client)
{
    GString *time = g_string_new(NULL);
    char *name = server_name_of(client);
    date_append(time);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:i, s:s?, s:s?, s:s?}", "time", time->str, "event", event,
                  "client_address", client->address, "client_port", (int)client->port, "ja4",
                  client->ja4[0] != '\0' ? client->ja4 : NULL, "ja3",
                  client->ja3[0] != '\0' ? client->ja3 : NULL, "server_name", name);
    g_string_free(time, TRUE);
    g_free(name);
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

void log_handshake(log_format format, const client_info *client)
{
    if (format == LOG_NONE)
        return;
    if (format == LOG_JSON) {
        end_json(begin_json("handshake", client),
                 json_pack("{s:s, s:s, s:s?, s:b, s:b}", "version", client->version, "cipher",
                           client->cipher, "alpn", client->alpn, "resumed", client->resumed,
                           "retried", client->retried));
    } else {
        GString *line = begin_text(client);
        g_string_append_printf(line, " handshake %s %s %s", client->version, client->cipher,
                               client->alpn != NULL ? client->alpn : "-");
        char *name = server_name_of(client);
        append_quoted(line, name != NULL ? name : "");
        g_free(name);
        write_line(line);
    }
}

void log_failure(log_format format, const client_info *client, const char *reason)
{
    if (format == LOG_NONE)
        return;
    if (format == LOG_JSON) {
        end_json(begin_json("failure", client), json_pack("{s:s}", "reason", reason));
    } else {
        GString *line = begin_text(client);
        g_string_append(line, " failure");
        append_quoted(line, reason);
        write_line(line);
    }
}

static json_t *wire_text(const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    json_t *value = json_string(valid);
    g_free(valid);
    return value;
}

void log_request(log_format format, const client_info *client, const http_request *request,
                 unsigned status)
{
    if (format == LOG_NONE)
        return;
    if (format == LOG_JSON) {
        end_json(begin_json("request", client),
                 json_pack("{s:o, s:o, s:i, s:o}", "method", wire_text(request->method_name),
                           "target", wire_text(request->target), "status", (int)status,
                           "user_agent", wire_text(request->user_agent)));
    } else {
        GString *line = begin_text(client);
        g_string_append_printf(line, " request %u", status);
        append_quoted(line, request->method_name);
        append_quoted(line, request->target);
        append_quoted(line, request->user_agent);
        write_line(line);
    }
}
