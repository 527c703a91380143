/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/answers.h"

#include <jansson.h>
#include <string.h>

#include "answer/compress.h"
#include "same_bytes.h"
#include "sample_client.h"

static void assert_body(const http_answer *answer, const void *expected, size_t expected_len)
{
    gsize len;
    const uint8_t *bytes = g_bytes_get_data(answer->body, &len);
    assert_same_bytes(bytes, len, expected, expected_len);
}

static http_request get(const char *target)
{
    http_request request = {.method = METHOD_GET};
    g_strlcpy(request.target, target, sizeof request.target);
    return request;
}

static const answer_setup usual = {.port = 4433};
static const http_facts no_facts = {.version = 1};

static http_answer ask(const sample *made, const http_request *request)
{
    client_answers *all = answers_new(&made->client, &no_facts, &usual);
    const http_answer answer = answers_to(all, made->context, request);
    answers_free(all);
    return answer;
}

typedef struct {
    const char *target;
    request_method method;
    bool html, json;
    unsigned status;
    const char *type;
    const char *body; /* or NULL */
} answer_case;

static const answer_case cases[] = {
    {"/", METHOD_GET, false, false, 200, "text/plain; charset=utf-8", "OK"},
    {"/", METHOD_HEAD, false, false, 200, "text/plain; charset=utf-8", "OK"},
    {"/", METHOD_GET, true, false, 200, "text/html; charset=utf-8", NULL},
    {"/tls", METHOD_GET, true, false, 200, "application/json", NULL},
    {"/ja4?a=b", METHOD_GET, false, false, 200, "text/plain; charset=utf-8", NULL},
    {"/client-hello", METHOD_GET, false, false, 200, "application/octet-stream", NULL},
    {"/favicon.ico", METHOD_GET, false, false, 200, "image/svg+xml", NULL},
    {"/foo", METHOD_GET, false, false, 404, "text/plain; charset=utf-8", NULL},
    {"/ja4", METHOD_OTHER, false, false, 405, "text/plain; charset=utf-8", NULL},
    {"/ja4", METHOD_UNKNOWN, false, false, 501, "text/plain; charset=utf-8", NULL},
    {"/foo", METHOD_OTHER, false, false, 405, "text/plain; charset=utf-8", NULL},
    {"/", METHOD_GET, false, true, 200, "application/json", NULL},
    {"/", METHOD_GET, true, true, 200, "text/html; charset=utf-8", NULL},
    {"/foo", METHOD_GET, true, false, 404, "text/html; charset=utf-8", NULL},
};

static void test_cases(void)
{
    sample *made = sample_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const answer_case *row = &cases[i];
        http_request request = get(row->target);
        request.method = row->method;
        request.accepts_html = row->html;
        request.accepts_json = row->json;
        http_answer answer = ask(made, &request);
        g_test_message("%s", row->target);
        g_assert_cmpuint(answer.status, ==, row->status);
        g_assert_cmpstr(answer.type, ==, row->type);
        g_assert_true((answer.allow != NULL) == (row->status == 405));
        if (row->body != NULL)
            assert_body(&answer, row->body, strlen(row->body));
        answer_clear(&answer);
    }
    sample_free(made);
}

static void test_client_hello(void)
{
    sample *made = sample_new();
    const http_request request = get("/client-hello");
    http_answer answer = ask(made, &request);
    assert_body(&answer, made->message->data, made->message->len);
    answer_clear(&answer);
    sample_free(made);
}

/** For browsers it is indented, and else the same. */
static void test_indented(void)
{
    sample *made = sample_new();
    http_request request = get("/tls");
    http_answer line = ask(made, &request);
    request.accepts_html = true;
    http_answer indented = ask(made, &request);
    json_t *first =
        json_loadb(g_bytes_get_data(line.body, NULL), g_bytes_get_size(line.body), 0, NULL);
    json_t *second =
        json_loadb(g_bytes_get_data(indented.body, NULL), g_bytes_get_size(indented.body), 0, NULL);
    g_assert_true(first != NULL && json_equal(first, second));
    const char *text = g_bytes_get_data(indented.body, NULL);
    g_assert_true(g_str_has_prefix(text, "{\n  \"tls_data\""));
    json_decref(first);
    json_decref(second);
    answer_clear(&line);
    answer_clear(&indented);
    sample_free(made);
}

/** The third answer is the second one, kept. */
static void test_kept(void)
{
    sample *made = sample_new();
    client_answers *all = answers_new(&made->client, &no_facts, &usual);
    const http_request request = get("/tls");
    GBytes *bodies[3];
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
        bodies[i] = answers_to(all, made->context, &request).body;
    g_assert_true(g_bytes_equal(bodies[0], bodies[1]));
    g_assert_true(bodies[0] != bodies[1]);
    g_assert_true(bodies[1] == bodies[2]);
    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
        g_bytes_unref(bodies[i]);
    answers_free(all);
    sample_free(made);
}

/** The second page is in gzip where the client takes that, and the third is that one; the same
 * bytes. Another request, on the same connection, gets it as it is. */
static void test_compressed(void)
{
    sample *made = sample_new();
    client_answers *all = answers_new(&made->client, &no_facts, &usual);
    http_request request = get("/");
    http_answer pages[4];
    request.accepts_html = request.accepts_gzip = true;
    request.fields = g_string_new_len("a\0b\0", 4);
    for (size_t i = 0; i < 3; i++)
        pages[i] = answers_to(all, made->context, &request);
    g_string_assign(request.fields, "other");
    pages[3] = answers_to(all, made->context, &request);
    g_assert_false(pages[0].compressed);
    g_assert_true(pages[1].compressed && pages[2].compressed);
    g_assert_false(pages[3].compressed);
    g_assert_true(pages[1].body == pages[2].body);
    GBytes *again = compress_bytes(pages[0].body);
    g_assert_true(g_bytes_equal(again, pages[1].body));
    g_assert_cmpuint(g_bytes_get_size(again), <, g_bytes_get_size(pages[0].body) / 2);
    g_bytes_unref(again);
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++)
        answer_clear(&pages[i]);
    request_clear(&request);
    answers_free(all);
    sample_free(made);
}

/** OpenSSL may take what contradicts itself. */
static void test_no_hello(void)
{
    sample *made = sample_new();
    const tlsfp_span message = {made->message->data, made->message->len - 1};
    client_set_hello(&made->client, message, TLSFP_TLS, made->context, NULL);
    const http_request request = get("/tls");
    http_answer answer = ask(made, &request);
    g_assert_cmpuint(answer.status, ==, 500);
    answer_clear(&answer);
    sample_free(made);
}

static void test_insecure(void)
{
    static const struct {
        const char *host, *target, *expected;
    } rows[] = {
        {"", "/", "https://localhost:4433/\n"},
        {"a.example:8443", "/tls?x=1", "https://a.example:8443/tls?x=1\n"},
        {"a\r\nb", "/", "https://localhost:4433/\n"},
        {"a.example", "/<b>", "https://a.example/\n"},
        {"a.example", "*", "https://a.example/\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        http_request request = get(rows[i].target);
        g_strlcpy(request.host, rows[i].host, sizeof request.host);
        http_answer answer = answer_insecure(&request, 4433);
        gsize len;
        const char *body = g_bytes_get_data(answer.body, &len);
        char *text = g_strndup(body, len);
        g_assert_cmpuint(answer.status, ==, 400);
        g_assert_true(g_str_has_suffix(text, rows[i].expected));
        g_free(text);
        answer_clear(&answer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answers/cases", test_cases);
    g_test_add_func("/answers/client-hello", test_client_hello);
    g_test_add_func("/answers/indented", test_indented);
    g_test_add_func("/answers/kept", test_kept);
    g_test_add_func("/answers/compressed", test_compressed);
    g_test_add_func("/answers/no-hello", test_no_hello);
    g_test_add_func("/answers/insecure", test_insecure);
    return g_test_run();
}
