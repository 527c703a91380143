/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http1.h"

#include <string.h>

#include "http/head_parser.h"

enum { NAME_KEPT = 64, VALUE_KEPT = 1024 };

/** A head while it is read. */
typedef struct {
    request asked;
    size_t n_name, n_value, n_target;
    bool complete;
    char name[NAME_KEPT];
    char value[VALUE_KEPT];
    char target[REQUEST_TEXT];
} head;

struct http1 {
    head_parser parser;
    size_t max_head, n_head;
    head *current; /* NULL between two requests */
};

/** What does not fit is cut. */
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

static void finish_field(head *now)
{
    if (now->n_name > 0)
        request_add_field(&now->asked, span_of(now->name, now->n_name),
                          span_of(now->value, now->n_value));
    now->n_name = now->n_value = 0;
}

static int on_target(head_parser *parser, const char *text, size_t len)
{
    head *now = ((http1 *)parser->data)->current;
    keep(now->target, sizeof now->target, &now->n_target, text, len);
    return 0;
}

static int on_name(head_parser *parser, const char *text, size_t len)
{
    head *now = ((http1 *)parser->data)->current;
    if (now->n_value > 0)
        finish_field(now);
    keep(now->name, sizeof now->name, &now->n_name, text, len);
    return 0;
}

static int on_value(head_parser *parser, const char *text, size_t len)
{
    head *now = ((http1 *)parser->data)->current;
    keep(now->value, sizeof now->value, &now->n_value, text, len);
    return 0;
}

static int on_head_end(head_parser *parser)
{
    head *now = ((http1 *)parser->data)->current;
    const char *method = head_parser_method(parser);
    if (parser->http_major != 1)
        return HEAD_PARSER_REFUSE;
    finish_field(now);
    request_set_method(&now->asked, span_of(method, strlen(method)));
    request_set_target(&now->asked, span_of(now->target, now->n_target));
    now->asked.has_body = head_parser_has_body(parser);
    now->asked.keep_alive = head_parser_keeps_alive(parser) && !now->asked.has_body;
    now->asked.old = parser->http_minor == 0;
    return HEAD_PARSER_NO_BODY;
}

/** The parser stops after each request. */
static int on_request_end(head_parser *parser)
{
    ((http1 *)parser->data)->current->complete = true;
    return head_parser_pause(parser);
}

static const head_parser_settings settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_head_end,
    .on_message_complete = on_request_end,
};

http1 *http1_new(size_t max_head)
{
    http1 *one = g_new0(http1, 1);
    one->max_head = max_head;
    head_parser_init(&one->parser, &settings);
    one->parser.data = one;
    return one;
}

void http1_free(http1 *one)
{
    if (one == NULL)
        return;
    g_free(one->current);
    g_free(one);
}

bool http1_in_head(const http1 *one)
{
    return one->n_head > 0;
}

static http1_status finish(http1 *one, request *out)
{
    *out = one->current->asked;
    g_clear_pointer(&one->current, g_free);
    one->n_head = 0;
    return HTTP1_REQUEST;
}

http1_status http1_take(http1 *one, tlsfp_span *input, request *out)
{
    if (input->len == 0)
        return HTTP1_MORE;
    if (one->current == NULL)
        one->current = g_new0(head, 1);
    const size_t room = one->max_head - one->n_head;
    const tlsfp_span now = {input->data, MIN(input->len, room)};
    size_t n_read;
    const head_parser_result result = head_parser_read(&one->parser, &settings, now, &n_read);
    *input = (tlsfp_span){input->data + n_read, input->len - n_read};
    one->n_head += n_read;
    if (one->current->complete)
        return finish(one, out);
    if (result == HEAD_PARSER_BAD_METHOD)
        return HTTP1_UNKNOWN_METHOD;
    if (result == HEAD_PARSER_BAD)
        return HTTP1_MALFORMED;
    return one->n_head == one->max_head ? HTTP1_TOO_LARGE : HTTP1_MORE;
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

/** Nothing where @p value is NULL. */
static void append_field(GString *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    g_string_append(out, name);
    g_string_append(out, value);
}

void http1_write(GString *out, const answer *given, const request *asked, bool last,
                 const char *date)
{
    gsize len;
    const char *body = g_bytes_get_data(given->body, &len);
    g_string_append(out, "HTTP/1.1 ");
    append_number(out, given->status);
    append_field(out, " ", given->reason);
    append_field(out, "\r\nServer: tlsfp-echo\r\nDate: ", date);
    append_field(out, "\r\nContent-Type: ", given->type);
    g_string_append(out, "\r\nContent-Length: ");
    append_number(out, len);
    append_field(out, "\r\nCache-Control: ", given->cache);
    append_field(out, "\r\nAllow: ", given->allow);
    append_field(out, "\r\nContent-Security-Policy: ", given->policy);
    append_field(out, "\r\nX-Content-Type-Options: ", "nosniff");
    append_field(out, "\r\nReferrer-Policy: ", "no-referrer");
    append_field(out, "\r\nConnection: ", last ? "close" : asked->old ? "keep-alive" : NULL);
    g_string_append(out, "\r\n\r\n");
    if (asked->method != METHOD_HEAD)
        g_string_append_len(out, body, (gssize)len);
}
