/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/log.h"

#include <string.h>
#include <tlsfp/escape.h>
#include <unistd.h>

#include "answer/json_out.h"
#include "http/date.h"

enum {
    QUEUE_SIZE = 1024 * 1024, /* bytes of lines that wait for the reader */
    LONGEST_NAME = 255,       /* bytes; RFC 1035 2.3.4 */
};

static tlsfp_span span_of(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

/** The server's name that the client asked for, cut; without data where there is none. */
static tlsfp_span server_name_of(const client_info *client)
{
    tlsfp_span name = client->parsed ? client->hello.server_name : (tlsfp_span){NULL, 0};
    name.len = MIN(name.len, LONGEST_NAME);
    return name;
}

static void end_line(const event_log *log, GString *line)
{
    log_writer_add(log->writer, line);
    g_string_free(line, TRUE);
}

/* -- text */

static void append_quoted(GString *line, tlsfp_span text)
{
    g_string_append(line, " \"");
    tlsfp_append_escaped(line, text, '"');
    g_string_append_c(line, '"');
}

static void append_word(GString *line, const char *word)
{
    g_string_append_c(line, ' ');
    g_string_append(line, word != NULL && *word != '\0' ? word : "-");
}

/** @param client NULL where the line is about several. */
static GString *begin_text(const client_info *client, const char *event)
{
    GString *line = g_string_new(NULL);
    date_append(line);
    if (client != NULL)
        g_string_append_printf(line, " %s %u", *client->address != '\0' ? client->address : "-",
                               client->port);
    else
        g_string_append(line, " - -");
    append_word(line, client != NULL ? client->ja4 : NULL);
    append_word(line, client != NULL ? client->ja3 : NULL);
    append_word(line, event);
    return line;
}

/* -- JSON */

/** A text of ours; null where it is empty, as what is not known is. */
static void put_text(GString *line, const char *key, const char *text)
{
    json_put_text(line, key, text != NULL && *text != '\0' ? text : NULL);
}

static GString *begin_json(const client_info *client, const char *event)
{
    GString *line = g_string_new("{\"time\":\"");
    date_append(line);
    g_string_append_c(line, '"');
    put_text(line, "event", event);
    if (client == NULL)
        return line;
    put_text(line, "client_address", client->address);
    json_put_number(line, "client_port", client->port);
    put_text(line, "ja4", client->ja4);
    put_text(line, "ja3", client->ja3);
    json_put_wire(line, "server_name", server_name_of(client));
    return line;
}

/* -- events */

void log_handshake(const event_log *log, const client_info *client)
{
    if (log->format == LOG_NONE)
        return;
    GString *line;
    if (log->format == LOG_JSON) {
        line = begin_json(client, "handshake");
        put_text(line, "version", client->version);
        put_text(line, "cipher", client->cipher);
        put_text(line, "alpn", client->alpn);
        json_put_bool(line, "resumed", client->resumed);
        json_put_bool(line, "retried", client->retried);
        g_string_append_c(line, '}');
    } else {
        line = begin_text(client, "handshake");
        append_word(line, client->version);
        append_word(line, client->cipher);
        append_word(line, client->alpn);
        append_quoted(line, server_name_of(client));
    }
    end_line(log, line);
}

void log_failure(const event_log *log, const client_info *client, const char *reason)
{
    if (log->format == LOG_NONE)
        return;
    GString *line;
    if (log->format == LOG_JSON) {
        line = begin_json(client, "failure");
        put_text(line, "reason", reason);
        g_string_append_c(line, '}');
    } else {
        line = begin_text(client, "failure");
        append_quoted(line, span_of(reason));
    }
    end_line(log, line);
}

void log_request(const event_log *log, const client_info *client, const http_request *request,
                 unsigned status)
{
    if (log->format == LOG_NONE)
        return;
    GString *line;
    if (log->format == LOG_JSON) {
        line = begin_json(client, "request");
        json_put_wire(line, "method", span_of(request->method_name));
        json_put_wire(line, "target", span_of(request->target));
        json_put_number(line, "status", status);
        json_put_wire(line, "user_agent", span_of(request->user_agent));
        g_string_append_c(line, '}');
    } else {
        line = begin_text(client, "request");
        g_string_append_printf(line, " %u", status);
        append_quoted(line, span_of(request->method_name));
        append_quoted(line, span_of(request->target));
        append_quoted(line, span_of(request->user_agent));
    }
    end_line(log, line);
}

/** @param reason NULL where the event says it. */
static GString *make_count(log_format format, const char *event, uint64_t n, const char *reason)
{
    GString *line;
    if (format == LOG_JSON) {
        line = begin_json(NULL, event);
        json_put_number(line, "count", n);
        if (reason != NULL)
            put_text(line, "reason", reason);
        g_string_append_c(line, '}');
    } else {
        line = begin_text(NULL, event);
        g_string_append_printf(line, " %" G_GUINT64_FORMAT, n);
        if (reason != NULL)
            append_quoted(line, span_of(reason));
    }
    return line;
}

void log_refused(const event_log *log, uint64_t n_connections, const char *reason)
{
    if (log->format != LOG_NONE)
        end_line(log, make_count(log->format, "refused", n_connections, reason));
}

static void append_count(GString *out, GString *line)
{
    g_string_append_len(out, line->str, (gssize)line->len);
    g_string_free(line, TRUE);
}

static void append_dropped_text(GString *out, uint64_t n)
{
    append_count(out, make_count(LOG_TEXT, "dropped", n, NULL));
}

static void append_dropped_json(GString *out, uint64_t n)
{
    append_count(out, make_count(LOG_JSON, "dropped", n, NULL));
}

void event_log_begin(event_log *out, log_format format)
{
    *out = (event_log){.format = format};
    if (format != LOG_NONE)
        out->writer =
            log_writer_new(STDOUT_FILENO, QUEUE_SIZE,
                           format == LOG_JSON ? append_dropped_json : append_dropped_text);
}

void event_log_end(event_log *log)
{
    log_writer_free(log->writer);
    *log = (event_log){LOG_NONE, NULL};
}
