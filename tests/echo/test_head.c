/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What RFC 9112 and RFC 9110 require of a server that reads heads: a row for each MUST. */
#include "http/head.h"

#include <string.h>

#include "exact_block.h"

#define HOST "Host: a\r\n"

typedef struct {
    const char *name;
    const char *head;
    unsigned refusal; /* 0: it is a request */
} must;

/* Behind a row, what nginx 1.22 answers where that differs. */
static const must musts[] = {
    /* RFC 9112 2.2: message parsing */
    {"2.2/lf-alone", "GET / HTTP/1.1\n" HOST "\n", 0},
    {"2.2/empty-line-first", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0},
    {"2.2/blank-before-first-field", "GET / HTTP/1.1\r\n " HOST "\r\n", 400},
    {"2.2/cr-alone", "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400},
    /* 2.3: version */
    {"2.3/1.0", "GET / HTTP/1.0\r\n\r\n", 0},
    {"2.3/1.9", "GET / HTTP/1.9\r\n" HOST "\r\n", 0},
    {"2.3/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", 505},
    {"2.3/0.9", "GET / HTTP/0.9\r\n" HOST "\r\n", 505}, /* 400 */
    {"2.3/none", "GET /\r\n\r\n", 400},                 /* taken as HTTP/0.9 */
    {"2.3/other-name", "GET / HTTX/1.1\r\n" HOST "\r\n", 400},
    {"2.3/lower-case", "GET / http/1.1\r\n" HOST "\r\n", 400},
    {"2.3/two-digits", "GET / HTTP/1.10\r\n" HOST "\r\n", 400}, /* 200 */
    {"2.3/no-dot", "GET / HTTP/1\r\n" HOST "\r\n", 400},
    {"2.3/blank-after", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400}, /* 200 */
    /* 3: request line */
    {"3/two-blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n", 400}, /* 200 */
    {"3/tab", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400},
    {"3/no-method", " / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"3/method-no-token", "GE(T / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"3/method-unknown", "BREW / HTTP/1.1\r\n" HOST "\r\n", 0},      /* the answer is 501; 200 */
    {"3/method-in-lower-case", "get / HTTP/1.1\r\n" HOST "\r\n", 0}, /* likewise; 400 */
    {"3.2/blank-in-target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"3.2/no-slash", "GET a HTTP/1.1\r\n" HOST "\r\n", 400},
    {"3.2.2/absolute", "GET http://b/ja4 HTTP/1.1\r\n" HOST "\r\n", 0},
    {"3.2.3/connect", "CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n", 0}, /* 400 */
    {"3.2.3/authority-of-get", "GET a:443 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"3.2.4/asterisk", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0}, /* 400 */
    {"3.2.4/asterisk-of-get", "GET * HTTP/1.1\r\n" HOST "\r\n", 400},
    /* 3.2: Host */
    {"3.2/host-missing", "GET / HTTP/1.1\r\n\r\n", 400},
    {"3.2/host-twice", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"3.2/host-twice-in-1.0", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400},
    {"3.2/host-empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0}, /* 400 */
    {"3.2/host-with-port", "GET / HTTP/1.1\r\nHost: [::1]:443\r\n\r\n", 0},
    {"3.2/host-with-blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"3.2/host-with-slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"3.2/host-with-user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400}, /* 200 */
    {"3.2/host-with-comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 0},
    /* 5: fields */
    {"5/no-colon", "GET / HTTP/1.1\r\n" HOST "foo\r\n\r\n", 400}, /* 200 */
    {"5.1/blank-before-colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"5.1/no-name", "GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n", 400},
    {"5.1/name-no-token", "GET / HTTP/1.1\r\n" HOST "a(b: c\r\n\r\n", 400},   /* 200 */
    {"5.1/blanks-around-value", "GET / HTTP/1.1\r\nHost:\t a \t\r\n\r\n", 0}, /* 400 */
    {"5.2/folded", "GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", 400},
    {"9110-5.5/control-character", "GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n", 400}, /* 200 */
    {"9110-5.5/bytes", "GET / HTTP/1.1\r\n" HOST "X: \xff\t\xe4\r\n\r\n", 0},
    {"9110-5.5/empty", "GET / HTTP/1.1\r\n" HOST "X:\r\nY: a\r\n\r\n", 0},
    /* 6: framing */
    {"6.1/coding-and-length",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
     0},                                                                               /* 400 */
    {"6.1/coding-in-1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 0}, /* 400 */
    {"6.3/chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 0},
    {"6.3/gzip-chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, Chunked\r\n\r\n",
     0}, /* 501 */
    {"6.3/chunked-gzip", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip\r\n\r\n",
     400},                                                                              /* 501 */
    {"6.3/gzip", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 400},    /* 501 */
    {"6.3/coding-empty", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n", 400}, /* 501 */
    {"6.3/two-fields",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n",
     400},
    {"6.3/length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n", 0},
    {"6.3/length-no-number", "POST / HTTP/1.1\r\n" HOST "Content-Length: x\r\n\r\n", 400},
    {"6.3/length-negative", "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
    {"6.3/length-plus", "POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400},
    {"6.3/length-empty", "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400},
    {"6.3/length-twice",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 0}, /* 400 */
    {"6.3/lengths-differ",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
    {"6.3/length-list", "POST / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\n", 400},
};

static void test_must(gconstpointer data)
{
    const must *row = data;
    http_request request = {0};
    tlsfp_span head = exact_block((tlsfp_span){(const uint8_t *)row->head, strlen(row->head)});
    g_assert_cmpuint(head_parse(head, &request), ==, row->refusal);
    request_clear(&request);
    exact_block_free(head);
}

static http_request parse(const char *head)
{
    http_request request = {0};
    g_assert_cmpuint(head_parse((tlsfp_span){(const uint8_t *)head, strlen(head)}, &request), ==,
                     0);
    request_clear(&request);
    return request;
}

/** A field with an empty value leaves the next one alone. */
static void test_empty_value(void)
{
    const http_request request =
        parse("GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nAccept: text/html\r\n\r\n");
    g_assert_true(request.accepts_html);
    g_assert_cmpstr(request.host, ==, "a");
}

/** RFC 9112 3.2.2: the target's host, and not the field's. */
static void test_absolute(void)
{
    http_request request = parse("GET https://b:1/ja4 HTTP/1.1\r\nHost: a\r\n\r\n");
    g_assert_cmpstr(request.host, ==, "b:1");
    g_assert_cmpint(request_route_of(&request), ==, ROUTE_JA4);
    request = parse("GET https://b?x HTTP/1.1\r\nHost: a\r\n\r\n");
    g_assert_cmpstr(request.host, ==, "b");
    g_assert_cmpint(request_route_of(&request), ==, ROUTE_HOME);
}

static void test_bodies(void)
{
    g_assert_true(parse("POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n").has_body);
    g_assert_false(parse("POST / HTTP/1.0\r\nContent-Length: 000\r\n\r\n").has_body);
    g_assert_true(parse("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").has_body);
    g_assert_true(parse("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n")
                      .has_body);
}

/** RFC 9112 9.3 */
static void test_persistence(void)
{
    static const struct {
        const char *head;
        bool keep_alive;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", true},
        {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: te, Close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", true},
        {"GET / HTTP/1.1\r\n" HOST "Connection: te\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_true(parse(rows[i].head).keep_alive == rows[i].keep_alive);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(musts); i++) {
        char *path = g_strdup_printf("/head/%s", musts[i].name);
        g_test_add_data_func(path, &musts[i], test_must);
        g_free(path);
    }
    g_test_add_func("/head/empty-value", test_empty_value);
    g_test_add_func("/head/absolute", test_absolute);
    g_test_add_func("/head/bodies", test_bodies);
    g_test_add_func("/head/persistence", test_persistence);
    return g_test_run();
}
