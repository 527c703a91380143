/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http1.h"

#include <string.h>
#include <tlsfp/reader.h>

#include "http/answer_fields.h"
#include "http/head.h"

struct http1_reader {
    size_t max_head;
    GByteArray *part; /* the head that is incomplete; NULL between requests */
    size_t n_lines;   /* of it; empty lines in front do not count */
    size_t n_line;    /* bytes of its last line */
    bool after_cr;    /* that line ends with CR so far */
    bool checked;     /* the request line was */
    unsigned refusal;
};

http1_reader *http1_new(size_t max_head)
{
    http1_reader *reader = g_new0(http1_reader, 1);
    reader->max_head = max_head;
    return reader;
}

static void begin_head(http1_reader *reader)
{
    g_clear_pointer(&reader->part, g_byte_array_unref);
    reader->n_lines = reader->n_line = 0;
    reader->after_cr = reader->checked = false;
}

void http1_free(http1_reader *reader)
{
    if (reader == NULL)
        return;
    begin_head(reader);
    g_free(reader);
}

bool http1_in_head(const http1_reader *reader)
{
    return reader->part != NULL;
}

unsigned http1_refusal(const http1_reader *reader)
{
    return reader->refusal;
}

static http1_status refuse(http1_reader *reader, unsigned status)
{
    reader->refusal = status;
    return HTTP1_REFUSED;
}

static bool is_request_line(tlsfp_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (!head_may_begin(bytes.data[i]))
            return false;
    return true;
}

/** Ends a line; returns whether it is the empty one after the head. */
static bool end_line(http1_reader *reader)
{
    const bool empty = reader->n_line == (reader->after_cr ? 1 : 0);
    reader->n_line = 0;
    reader->after_cr = false;
    reader->n_lines += !empty;
    return empty && reader->n_lines > 0;
}

static void add_to_line(http1_reader *reader, tlsfp_span bytes)
{
    reader->n_line += bytes.len;
    if (bytes.len > 0)
        reader->after_cr = bytes.data[bytes.len - 1] == '\r';
}

/**
 * Looks for the end of the head, which may have begun before @p bytes.
 * @return bytes up to it; 0 where it is not there, or @p out_wrong says that this is no request.
 */
static size_t find_end(http1_reader *reader, tlsfp_span bytes, bool *out_wrong)
{
    for (size_t at = 0; at < bytes.len;) {
        const uint8_t *end = memchr(bytes.data + at, '\n', bytes.len - at);
        const size_t stop = end != NULL ? (size_t)(end - bytes.data) : bytes.len;
        const tlsfp_span line = {bytes.data + at, stop - at};
        *out_wrong = reader->n_lines == 0 && !is_request_line(line);
        if (*out_wrong)
            return 0;
        add_to_line(reader, line);
        if (end != NULL && end_line(reader))
            return stop + 1;
        at = stop + 1;
    }
    return 0;
}

static http1_status finish(http1_reader *reader, tlsfp_span head, http_request *out)
{
    const unsigned refusal = head_parse(head, out);
    if (refusal != 0)
        return refuse(reader, refusal);
    begin_head(reader);
    return HTTP1_REQUEST;
}

/** Refuses what is no request as soon as its first line is there. */
static http1_status check_request_line(http1_reader *reader)
{
    if (reader->checked || reader->n_lines == 0)
        return HTTP1_MORE;
    reader->checked = true;
    const unsigned refusal =
        head_check_request_line((tlsfp_span){reader->part->data, reader->part->len});
    return refusal != 0 ? refuse(reader, refusal) : HTTP1_MORE;
}

/** What came may be all that it sends; or too much. */
static http1_status wait(http1_reader *reader, tlsfp_span bytes)
{
    const size_t n_part = reader->part != NULL ? reader->part->len : 0;
    if (n_part + bytes.len >= reader->max_head)
        return refuse(reader, reader->n_lines == 0 ? 414 : 431);
    if (reader->part == NULL)
        reader->part = g_byte_array_new();
    g_byte_array_append(reader->part, bytes.data, (guint)bytes.len);
    return check_request_line(reader);
}

http1_status http1_take(http1_reader *reader, tlsfp_span *input, http_request *out)
{
    if (input->len == 0)
        return HTTP1_MORE;
    const size_t n_part = reader->part != NULL ? reader->part->len : 0;
    const tlsfp_span bytes = {input->data, MIN(input->len, reader->max_head - n_part)};
    bool wrong = false;
    const size_t n_used = find_end(reader, bytes, &wrong);
    if (wrong)
        return refuse(reader, 400);
    if (!pass(input, n_used > 0 ? n_used : bytes.len))
        g_assert_not_reached();
    if (n_used == 0)
        return wait(reader, bytes);
    if (reader->part == NULL)
        return finish(reader, (tlsfp_span){bytes.data, n_used}, out);
    g_byte_array_append(reader->part, bytes.data, (guint)n_used);
    return finish(reader, (tlsfp_span){reader->part->data, reader->part->len}, out);
}

static void append_field(GString *out, const answer_field *field)
{
    g_string_append(out, "\r\n");
    g_string_append(out, field->name);
    g_string_append(out, ": ");
    g_string_append(out, field->value);
}

void http1_write(GString *out, const http_answer *answer, const http_request *request, bool last,
                 const char *date, const char *alternative)
{
    answer_numbers numbers;
    answer_field fields[ANSWER_MAX_FIELDS];
    const size_t n = answer_list_fields(answer, date, alternative, &numbers, fields);
    g_string_append(out, "HTTP/1.1 ");
    g_string_append(out, fields[0].value);
    g_string_append_c(out, ' ');
    g_string_append(out, answer->reason);
    for (size_t i = 1; i < n; i++)
        append_field(out, &fields[i]);
    if (last || request->old)
        append_field(out, &(answer_field){"Connection", last ? "close" : "keep-alive"});
    g_string_append(out, "\r\n\r\n");
    gsize len;
    const char *body = g_bytes_get_data(answer->body, &len);
    if (request->method != METHOD_HEAD)
        g_string_append_len(out, body, (gssize)len);
}
