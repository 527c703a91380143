/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/head.h"

#include <string.h>
#include <tlsfp/reader.h>

enum { BAD_REQUEST = 400, VERSION_NOT_SUPPORTED = 505 };

/** What several fields say together. */
typedef struct {
    unsigned n_hosts, n_lengths;
    tlsfp_span length;      /* Content-Length */
    tlsfp_span last_coding; /* of Transfer-Encoding */
    bool has_coding, close, keep_alive;
} framing;

bool head_may_begin(uint8_t byte)
{
    return (byte >= 0x20 && byte != 0x7f) || byte == '\r' || byte == '\n' || byte == '\t';
}

/** RFC 9110 5.6.2 */
static bool is_token(tlsfp_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!g_ascii_isalnum((char)text.data[i]) &&
            memchr("!#$%&'*+-.^_`|~", text.data[i], 15) == NULL)
            return false;
    return text.len > 0;
}

static bool is(tlsfp_span text, const char *word)
{
    return text.len == strlen(word) &&
           g_ascii_strncasecmp((const char *)text.data, word, text.len) == 0;
}

/** Takes what comes before @p mark, and the mark; false where there is none. */
static bool take_before(tlsfp_span *in, char mark, tlsfp_span *out)
{
    const uint8_t *end = in->len > 0 ? memchr(in->data, mark, in->len) : NULL;
    return end != NULL && take(in, (uint64_t)(end - in->data), out) && pass(in, 1);
}

/** Takes a line without its end: CRLF, or LF alone (RFC 9112 2.2). */
static bool take_line(tlsfp_span *in, tlsfp_span *out)
{
    tlsfp_span line;
    if (!take_before(in, '\n', &line))
        return false;
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    *out = line;
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static tlsfp_span trim(tlsfp_span text)
{
    while (text.len > 0 && is_blank(text.data[0]))
        text = (tlsfp_span){text.data + 1, text.len - 1};
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* -- request line: RFC 9112 3 */

/** RFC 9112 2.3 @return 0 or the status to refuse with. */
static unsigned parse_version(tlsfp_span text, http_request *out)
{
    if (text.len != 8 || memcmp(text.data, "HTTP/", 5) != 0 ||
        !g_ascii_isdigit((char)text.data[5]) || text.data[6] != '.' ||
        !g_ascii_isdigit((char)text.data[7]))
        return BAD_REQUEST;
    if (text.data[5] != '1')
        return VERSION_NOT_SUPPORTED;
    out->old = text.data[7] == '0';
    return 0;
}

/** RFC 9112 3.2: origin-form, absolute-form; '*' for OPTIONS, authority-form for CONNECT. */
static bool is_target(tlsfp_span target, tlsfp_span method)
{
    if (target.len == 0)
        return false;
    for (size_t i = 0; i < target.len; i++)
        if (target.data[i] <= ' ' || target.data[i] == 0x7f)
            return false;
    if (memcmp(method.data, "CONNECT", MIN(method.len, 7)) == 0 && method.len == 7)
        return memchr(target.data, ':', target.len) != NULL && target.data[0] != '/';
    if (is(target, "*"))
        return method.len == 7 && memcmp(method.data, "OPTIONS", 7) == 0;
    return target.data[0] == '/' || memmem(target.data, target.len, "://", 3) != NULL;
}

static unsigned parse_request_line(tlsfp_span line, http_request *out)
{
    tlsfp_span method, target;
    if (!take_before(&line, ' ', &method) || !is_token(method) || !take_before(&line, ' ', &target))
        return BAD_REQUEST;
    const unsigned refusal = parse_version(line, out);
    if (refusal != 0)
        return refusal;
    if (!is_target(target, method))
        return BAD_REQUEST;
    request_set_method(out, method);
    request_set_target(out, target);
    return 0;
}

/* -- fields: RFC 9112 5 */

/** RFC 9110 5.5: no CR, LF or NUL; other control characters are refused, too. */
static bool is_value(tlsfp_span value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((value.data[i] < 0x20 && value.data[i] != '\t') || value.data[i] == 0x7f)
            return false;
    return true;
}

/** RFC 9112 3.2: uri-host with an optional port (RFC 3986 3.2.2); it may be empty. */
static bool is_host(tlsfp_span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!g_ascii_isalnum((char)value.data[i]) &&
            memchr("-._~%!$&'()*+,;=:[]", value.data[i], 19) == NULL)
            return false;
    return true;
}

/** Takes an element of a comma-separated list. */
static bool take_element(tlsfp_span *list, tlsfp_span *out)
{
    if (list->len == 0)
        return false;
    if (!take_before(list, ',', out)) {
        *out = *list;
        *list = (tlsfp_span){NULL, 0};
    }
    *out = trim(*out);
    return true;
}

static void read_connection(tlsfp_span list, framing *out)
{
    tlsfp_span element;
    while (take_element(&list, &element)) {
        out->close |= is(element, "close");
        out->keep_alive |= is(element, "keep-alive");
    }
}

static void read_coding(tlsfp_span list, framing *out)
{
    tlsfp_span element;
    out->has_coding = true;
    while (take_element(&list, &element))
        if (element.len > 0)
            out->last_coding = element;
}

static bool read_length(tlsfp_span value, framing *out)
{
    for (size_t i = 0; i < value.len; i++)
        if (!g_ascii_isdigit((char)value.data[i]))
            return false;
    const bool same = out->n_lengths == 0 || (value.len == out->length.len &&
                                              memcmp(value.data, out->length.data, value.len) == 0);
    out->length = value;
    out->n_lengths++;
    return value.len > 0 && same;
}

static bool read_field(tlsfp_span name, tlsfp_span value, framing *out)
{
    if (is(name, "connection"))
        read_connection(value, out);
    else if (is(name, "transfer-encoding"))
        read_coding(value, out);
    else if (is(name, "content-length"))
        return read_length(value, out);
    else if (is(name, "host"))
        return ++out->n_hosts == 1 && is_host(value);
    return true;
}

/** RFC 9112 5.1: nothing between name and colon; 5.2: no folded lines. */
static bool parse_field(tlsfp_span line, http_request *out, framing *found)
{
    tlsfp_span name, value;
    if (!take_before(&line, ':', &name) || !is_token(name))
        return false;
    value = trim(line);
    if (!is_value(value) || !read_field(name, value, found))
        return false;
    request_add_field(out, name, value);
    return true;
}

static bool is_zero(tlsfp_span digits)
{
    for (size_t i = 0; i < digits.len; i++)
        if (digits.data[i] != '0')
            return false;
    return true;
}

/** RFC 9112 6.3, 9.3 */
static bool conclude(const framing *found, http_request *out)
{
    if (found->has_coding && !is(found->last_coding, "chunked"))
        return false;
    if (found->n_hosts == 0 && !out->old) /* RFC 9112 3.2 */
        return false;
    out->has_body = found->has_coding || (found->n_lengths > 0 && !is_zero(found->length));
    out->keep_alive = !out->has_body && !found->close && (!out->old || found->keep_alive);
    return true;
}

static unsigned take_request_line(tlsfp_span *head, http_request *out)
{
    tlsfp_span line;
    do { /* RFC 9112 2.2: empty lines in front are passed over */
        if (!take_line(head, &line))
            return BAD_REQUEST;
    } while (line.len == 0);
    return parse_request_line(line, out);
}

unsigned head_check_request_line(tlsfp_span head)
{
    http_request request = {0};
    return take_request_line(&head, &request);
}

unsigned head_parse(tlsfp_span head, http_request *out)
{
    http_request request = {0};
    framing found = {0};
    tlsfp_span line;
    const unsigned refusal = take_request_line(&head, &request);
    if (refusal != 0)
        return refusal;
    bool fine = true;
    while (fine && take_line(&head, &line) && line.len > 0)
        fine = parse_field(line, &request, &found);
    if (!fine || !conclude(&found, &request)) {
        request_clear(&request);
        return BAD_REQUEST;
    }
    *out = request;
    return 0;
}
