/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http1.h"

#include <string.h>

#include "http/head_parser.h"

enum { NAME_KEPT = 64, VALUE_KEPT = 1024 };

/** The head that is being read. */
typedef struct {
    http_request request;
    size_t n_name, n_value, n_target;
    bool complete;
    char name[NAME_KEPT];
    char value[VALUE_KEPT];
    char target[REQUEST_TEXT];
} head_fields;

struct http1_reader {
    head_parser parser;
    size_t max_head, n_head;
    head_fields *current; /* NULL between requests */
};

/** Appends, cut to what fits. */
static void keep(char *room, size_t size, size_t *n, const char *text, size_t len)
{
    const size_t fits = MIN(len, size - *n);
    memcpy(room + *n, text, fits);
    *n += fits;
}

static tlsfp_span span_of(const char *text, size_t len)
{
    return (tlsfp_span){(const uint8_t *)text, len};
}

static void finish_field(head_fields *head)
{
    if (head->n_name > 0)
        request_add_field(&head->request, span_of(head->name, head->n_name),
                          span_of(head->value, head->n_value));
    head->n_name = head->n_value = 0;
}

static int on_target(head_parser *parser, const char *text, size_t len)
{
    head_fields *head = ((http1_reader *)parser->data)->current;
    keep(head->target, sizeof head->target, &head->n_target, text, len);
    return 0;
}

static int on_name(head_parser *parser, const char *text, size_t len)
{
    head_fields *head = ((http1_reader *)parser->data)->current;
    if (head->n_value > 0)
        finish_field(head);
    keep(head->name, sizeof head->name, &head->n_name, text, len);
    return 0;
}

static int on_value(head_parser *parser, const char *text, size_t len)
{
    head_fields *head = ((http1_reader *)parser->data)->current;
    keep(head->value, sizeof head->value, &head->n_value, text, len);
    return 0;
}

static int on_head_end(head_parser *parser)
{
    head_fields *head = ((http1_reader *)parser->data)->current;
    const char *method = head_parser_method(parser);
    if (parser->http_major != 1)
        return HEAD_PARSER_REFUSE;
    finish_field(head);
    request_set_method(&head->request, span_of(method, strlen(method)));
    request_set_target(&head->request, span_of(head->target, head->n_target));
    head->request.has_body = head_parser_has_body(parser);
    head->request.keep_alive = head_parser_keeps_alive(parser) && !head->request.has_body;
    head->request.old = parser->http_minor == 0;
    return HEAD_PARSER_NO_BODY;
}

/** Stops the parser after each request. */
static int on_request_end(head_parser *parser)
{
    ((http1_reader *)parser->data)->current->complete = true;
    return head_parser_pause(parser);
}

static const head_parser_settings settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_head_end,
    .on_message_complete = on_request_end,
};

http1_reader *http1_new(size_t max_head)
{
    http1_reader *reader = g_new0(http1_reader, 1);
    reader->max_head = max_head;
    head_parser_init(&reader->parser, &settings);
    reader->parser.data = reader;
    return reader;
}

void http1_free(http1_reader *reader)
{
    if (reader == NULL)
        return;
    g_free(reader->current);
    g_free(reader);
}

bool http1_in_head(const http1_reader *reader)
{
    return reader->n_head > 0;
}

static http1_status finish(http1_reader *reader, http_request *out)
{
    *out = reader->current->request;
    g_clear_pointer(&reader->current, g_free);
    reader->n_head = 0;
    return HTTP1_REQUEST;
}

http1_status http1_take(http1_reader *reader, tlsfp_span *input, http_request *out)
{
    if (input->len == 0)
        return HTTP1_MORE;
    if (reader->current == NULL)
        reader->current = g_new0(head_fields, 1);
    const size_t room = reader->max_head - reader->n_head;
    const tlsfp_span piece = {input->data, MIN(input->len, room)};
    size_t n_read;
    const head_parser_result result = head_parser_read(&reader->parser, &settings, piece, &n_read);
    *input = (tlsfp_span){input->data + n_read, input->len - n_read};
    reader->n_head += n_read;
    if (reader->current->complete)
        return finish(reader, out);
    if (result == HEAD_PARSER_BAD_METHOD)
        return HTTP1_UNKNOWN_METHOD;
    if (result == HEAD_PARSER_BAD)
        return HTTP1_MALFORMED;
    return reader->n_head == reader->max_head ? HTTP1_TOO_LARGE : HTTP1_MORE;
}

static void append_number(GString *out, size_t number)
{
    char digits[24];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    g_string_append(out, at);
}

/** Appends nothing where @p value is NULL. */
static void append_field(GString *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    g_string_append(out, name);
    g_string_append(out, value);
}

void http1_write(GString *out, const http_answer *answer, const http_request *request, bool last,
                 const char *date)
{
    gsize len;
    const char *body = g_bytes_get_data(answer->body, &len);
    g_string_append(out, "HTTP/1.1 ");
    append_number(out, answer->status);
    append_field(out, " ", answer->reason);
    append_field(out, "\r\nServer: tlsfp-echo\r\nDate: ", date);
    append_field(out, "\r\nContent-Type: ", answer->type);
    g_string_append(out, "\r\nContent-Length: ");
    append_number(out, len);
    append_field(out, "\r\nCache-Control: ", answer->cache);
    append_field(out, "\r\nAllow: ", answer->allow);
    append_field(out, "\r\nContent-Security-Policy: ", answer->policy);
    append_field(out, "\r\nX-Content-Type-Options: ", "nosniff");
    append_field(out, "\r\nReferrer-Policy: ", "no-referrer");
    append_field(out, "\r\nConnection: ", last ? "close" : request->old ? "keep-alive" : NULL);
    g_string_append(out, "\r\n\r\n");
    if (request->method != METHOD_HEAD)
        g_string_append_len(out, body, (gssize)len);
}
