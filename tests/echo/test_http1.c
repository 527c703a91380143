/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http1.h"

#include <string.h>

#include "exact_block.h"

enum { MAX_HEAD = 1000 };

#define GET                                                                                        \
    "GET /ja4?x=1 HTTP/1.1\r\nHost: localhost:4433\r\nUser-Agent: test\r\nAccept: "                \
    "text/html\r\n\r\n"

typedef struct {
    const char *name;
    const char *bytes;
    http1_status status;
} head_case;

static const head_case cases[] = {
    {"get", GET, HTTP1_REQUEST},
    {"head", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP1_REQUEST},
    {"old", "GET / HTTP/1.0\r\n\r\n", HTTP1_REQUEST},
    {"empty-value", "GET / HTTP/1.1\r\nHost:\r\nAccept: text/html\r\n\r\n", HTTP1_REQUEST},
    {"line-feeds", "GET / HTTP/1.1\nHost: a\n\n", HTTP1_REQUEST},
    {"empty-lines-before", "\r\n\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP1_REQUEST},
    {"nothing", "", HTTP1_MORE},
    {"half", "GET / HT", HTTP1_MORE},
    {"half-an-end", "GET / HTTP/1.1\r\nHost: a\r\n\r", HTTP1_MORE},
    {"no-version", "GET /\r\n\r\n", HTTP1_REFUSED},
    {"garbage", "\x16\x03\x01", HTTP1_REFUSED},
    {"garbage-later", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", HTTP1_REFUSED},
};

static http1_status take(http1_reader *reader, const char *bytes, size_t len, size_t *out_used,
                         http_request *out)
{
    const tlsfp_span block = exact_block((tlsfp_span){(const uint8_t *)bytes, len});
    tlsfp_span input = block;
    const http1_status status = http1_take(reader, &input, out);
    if (status == HTTP1_REQUEST)
        request_clear(out);
    *out_used = len - input.len;
    exact_block_free(block);
    return status;
}

static void test_whole(const void *data)
{
    const head_case *row = data;
    http1_reader *reader = http1_new(MAX_HEAD);
    http_request request;
    size_t used;
    g_assert_cmpint(take(reader, row->bytes, strlen(row->bytes), &used, &request), ==, row->status);
    if (row->status == HTTP1_REQUEST)
        g_assert_cmpuint(used, ==, strlen(row->bytes));
    if (row->status != HTTP1_REFUSED)
        g_assert_true(http1_in_head(reader) == (row->status == HTTP1_MORE && *row->bytes != '\0'));
    http1_free(reader);
}

static void test_byte_by_byte(const void *data)
{
    const head_case *row = data;
    http1_reader *reader = http1_new(MAX_HEAD);
    http_request request;
    size_t used;
    http1_status status = HTTP1_MORE;
    for (const char *at = row->bytes; *at != '\0' && status == HTTP1_MORE; at++)
        status = take(reader, at, 1, &used, &request);
    g_assert_cmpint(status, ==, row->status);
    http1_free(reader);
}

static http_request take_fine(const char *bytes)
{
    http1_reader *reader = http1_new(MAX_HEAD);
    http_request request;
    size_t used;
    g_assert_cmpint(take(reader, bytes, strlen(bytes), &used, &request), ==, HTTP1_REQUEST);
    http1_free(reader);
    return request;
}

static void test_fields(void)
{
    const http_request request = take_fine(GET);
    g_assert_cmpint(request.method, ==, METHOD_GET);
    g_assert_cmpstr(request.target, ==, "/ja4?x=1");
    g_assert_cmpstr(request.host, ==, "localhost:4433");
    g_assert_cmpstr(request.user_agent, ==, "test");
    g_assert_true(request.accepts_html);
    g_assert_true(request.keep_alive);
    g_assert_false(request.has_body);
    g_assert_false(request.old);
}

static void test_keep_alive(void)
{
    g_assert_false(take_fine("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keep_alive);
    g_assert_false(take_fine("GET / HTTP/1.0\r\n\r\n").keep_alive);
    g_assert_true(take_fine("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    g_assert_false(take_fine("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n").keep_alive);
    g_assert_true(take_fine("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").keep_alive);
    g_assert_true(take_fine("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n").has_body);
}

/** Each of several requests in one piece is taken for itself, after an Upgrade, too. */
static void test_pipelined(void)
{
    static const char bytes[] = GET "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: "
                                    "h2c\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char *const targets[] = {"/ja4?x=1", "/1", "/2"};
    http1_reader *reader = http1_new(MAX_HEAD);
    tlsfp_span input = {(const uint8_t *)bytes, sizeof bytes - 1};
    http_request request;
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_assert_cmpint(http1_take(reader, &input, &request), ==, HTTP1_REQUEST);
        g_assert_cmpstr(request.target, ==, targets[i]);
        request_clear(&request);
    }
    g_assert_cmpuint(input.len, ==, 0);
    g_assert_cmpint(http1_take(reader, &input, &request), ==, HTTP1_MORE);
    http1_free(reader);
}

/** A head as long as the limit is fine, one byte more is not; in one piece or in many. */
static void test_limit(void)
{
    static const char before[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    for (size_t extra = 0; extra < 2; extra++) {
        GString *bytes = g_string_new(before);
        while (bytes->len < MAX_HEAD - 4 + extra)
            g_string_append_c(bytes, 'x');
        g_string_append(bytes, "\r\n\r\n");
        for (size_t step = 1; step < 2000; step *= 7) {
            http1_reader *reader = http1_new(MAX_HEAD);
            http1_status status = HTTP1_MORE;
            http_request request;
            size_t used;
            for (size_t at = 0; at < bytes->len && status == HTTP1_MORE; at += step)
                status = take(reader, bytes->str + at, MIN(step, bytes->len - at), &used, &request);
            g_assert_cmpint(status, ==, extra == 0 ? HTTP1_REQUEST : HTTP1_REFUSED);
            if (extra > 0)
                g_assert_cmpuint(http1_refusal(reader), ==, 431);
            http1_free(reader);
        }
        g_string_free(bytes, TRUE);
    }
}

static void test_write(void)
{
    const http_answer answer = {.status = 405,
                                .reason = "No",
                                .type = "text/plain",
                                .cache = "no-store",
                                .allow = "GET",
                                .body = g_bytes_new_static("abc", 3)};
    const http_request get = {.method = METHOD_GET}, head = {.method = METHOD_HEAD};
    GString *out = g_string_new(NULL);
    http1_write(out, &answer, &get, true, "today", NULL);
    g_assert_cmpstr(out->str, ==,
                    "HTTP/1.1 405 No\r\nServer: tlsfp-echo\r\nDate: today\r\n"
                    "Content-Type: text/plain\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
                    "Allow: GET\r\nX-Content-Type-Options: nosniff\r\n"
                    "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\nabc");
    g_string_truncate(out, 0);
    http1_write(out, &answer, &head, false, "today", "h3=\":1\"");
    g_assert_true(g_str_has_suffix(out->str, "no-referrer\r\nAlt-Svc: h3=\":1\"\r\n\r\n"));
    g_assert_nonnull(strstr(out->str, "Content-Length: 3\r\n"));
    g_bytes_unref(answer.body);
    g_string_free(out, TRUE);
}

static void add(const char *folder, const head_case *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/http1/%s/%s", folder, row->name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        add("whole", &cases[i], test_whole);
        add("byte-by-byte", &cases[i], test_byte_by_byte);
    }
    g_test_add_func("/http1/fields", test_fields);
    g_test_add_func("/http1/keep-alive", test_keep_alive);
    g_test_add_func("/http1/pipelined", test_pipelined);
    g_test_add_func("/http1/limit", test_limit);
    g_test_add_func("/http1/write", test_write);
    return g_test_run();
}
