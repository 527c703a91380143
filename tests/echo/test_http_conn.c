/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http_conn.h"

#include <string.h>

#include "sample_client.h"

static const event_log silent = {0};

typedef struct {
    sample *made;
    http_env env;
    http_conn *http;
    GString *out;
} fixture;

static void set_up(fixture *f, gconstpointer version)
{
    f->made = sample_new();
    f->env =
        (http_env){.context = f->made->context, .log = &silent, .max_head = 16384, .answers = {.port = 4433}};
    f->http = http_conn_new((http_version)GPOINTER_TO_INT(version), &f->env, &f->made->client);
    f->out = g_string_new(NULL);
}

static void tear_down(fixture *f, gconstpointer version)
{
    (void)version;
    http_conn_free(f->http);
    g_string_free(f->out, TRUE);
    sample_free(f->made);
}

static http_progress send_text(fixture *f, const char *text)
{
    tlsfp_span input = {(const uint8_t *)text, strlen(text)};
    const http_progress status = http_conn_receive(f->http, &input, f->out);
    if (status == HTTP_GOES_ON)
        g_assert_cmpuint(input.len, ==, 0);
    return status;
}

static void test_two_requests(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT"), ==, HTTP_GOES_ON);
    g_assert_true(http_conn_in_head(f->http));
    g_assert_cmpuint(http_conn_n_requests(f->http), ==, 1);
    g_assert_cmpint(send_text(f, "TP/1.1\r\nHost: a\r\n\r\n"), ==, HTTP_GOES_ON);
    g_assert_false(http_conn_in_head(f->http));
    g_assert_cmpuint(http_conn_n_requests(f->http), ==, 2);
    g_assert_true(g_str_has_suffix(f->out->str, "\r\n\r\nOK"));
}

static void test_ends(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), ==,
                    HTTP_ENDS);
    g_assert_nonnull(strstr(f->out->str, "\r\nConnection: close\r\n"));
}

static void test_body(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nGET"), ==,
                    HTTP_ENDS_UNREAD);
    g_assert_true(g_str_has_prefix(f->out->str, "HTTP/1.1 405 "));
    g_assert_cmpuint(http_conn_n_requests(f->http), ==, 1);
}

static void test_garbage(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "\x16\3\1"), ==, HTTP_ENDS_UNREAD);
    g_assert_true(g_str_has_prefix(f->out->str, "HTTP/1.1 40"));
}

/** Answers that nobody takes stay few: what asks for them is left in the input. */
static void test_waits(fixture *f, gconstpointer version)
{
    (void)version;
    static const char get[] = "GET /tls HTTP/1.1\r\nHost: a\r\n\r\n";
    GString *many = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(many, get);
    tlsfp_span input = {(const uint8_t *)many->str, many->len};
    uint64_t rounds = 0;
    while (input.len > 0) {
        g_string_truncate(f->out, 0);
        g_assert_cmpint(http_conn_receive(f->http, &input, f->out), ==, HTTP_GOES_ON);
        g_assert_cmpuint(f->out->len, <, 2 * HTTP_ENOUGH);
        rounds++;
    }
    g_assert_cmpuint(rounds, >, 10);
    g_assert_cmpuint(http_conn_n_requests(f->http), ==, 1000);
    g_string_free(many, TRUE);
}

static void test_insecure(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "GET /tls HTTP/1.1\r\nHost: a:1\r\n\r\n"), ==, HTTP_ENDS_UNREAD);
    g_assert_true(g_str_has_prefix(f->out->str, "HTTP/1.1 400 "));
    g_assert_true(g_str_has_suffix(f->out->str, "https://a:1/tls\n"));
}

static void test_insecure_garbage(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "SSH-2.0-OpenSSH\r\n"), ==, HTTP_BROKEN);
    g_assert_cmpuint(f->out->len, ==, 0);
}

static void test_no_preface(fixture *f, gconstpointer version)
{
    (void)version;
    g_assert_cmpint(send_text(f, "GET / HTTP/1.1\r\n\r\n\r\n\r\n\r\n\r\n"), ==, HTTP_ENDS_UNREAD);
}

static void test_preface(fixture *f, gconstpointer version)
{
    (void)version;
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    tlsfp_span input = {(const uint8_t *)preface, sizeof preface - 1};
    g_assert_cmpint(http_conn_receive(f->http, &input, f->out), ==, HTTP_GOES_ON);
    g_assert_cmpuint(input.len, ==, 0);
    g_assert_cmpuint(f->out->len, >=, 9 + 9); /* its own SETTINGS, and an acknowledgement */
    g_assert_cmpint(f->out->str[3], ==, 4);
    g_string_truncate(f->out, 0);
    g_assert_cmpint(http_conn_end(f->http, f->out), ==, HTTP_ENDS);
    g_assert_cmpint(f->out->str[3], ==, 7); /* GOAWAY */
}

#define ADD(name, version, test)                                                                   \
    g_test_add("/http_conn/" name, fixture, GINT_TO_POINTER(version), set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("http1/two-requests", HTTP_1, test_two_requests);
    ADD("http1/ends", HTTP_1, test_ends);
    ADD("http1/body", HTTP_1, test_body);
    ADD("http1/garbage", HTTP_1, test_garbage);
    ADD("http1/waits", HTTP_1, test_waits);
    ADD("insecure/names-the-url", HTTP_INSECURE, test_insecure);
    ADD("insecure/garbage", HTTP_INSECURE, test_insecure_garbage);
    ADD("http2/no-preface", HTTP_2, test_no_preface);
    ADD("http2/preface", HTTP_2, test_preface);
    return g_test_run();
}
