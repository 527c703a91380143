/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a byte for the size of its pieces, and what an HTTP/1 client sends. Heads are read
 * from all of it at once, and from its pieces: they are the same.
 */
#include <string.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "http/http1.h"
#include "input.h"

enum {
    MAX_HEAD = 1024,
    MAX_REQUESTS = 64,
};

/** What became of a client's bytes. */
typedef struct {
    size_t n_requests;
    http_request requests[MAX_REQUESTS];
    http1_status last;
} course;

static void check_request(const http_request *request)
{
    g_assert_true(memchr(request->method_name, '\0', sizeof request->method_name) != NULL);
    g_assert_true(memchr(request->target, '\0', sizeof request->target) != NULL);
    g_assert_true(memchr(request->host, '\0', sizeof request->host) != NULL);
    g_assert_true(memchr(request->user_agent, '\0', sizeof request->user_agent) != NULL);
    g_assert_true(request_route_of(request) < N_ROUTES);
    g_assert_false(request->has_body && request->keep_alive);
}

/** Whether more may be taken. */
static bool note(course *all, http1_status status, const http_request *request)
{
    all->last = status;
    if (status != HTTP1_REQUEST)
        return status == HTTP1_MORE;
    check_request(request);
    all->requests[all->n_requests++] = *request;
    return !request->has_body && all->n_requests < MAX_REQUESTS;
}

static bool take_piece(http1_reader *reading, tlsfp_span piece, course *all)
{
    tlsfp_span block = exact_block(piece), rest = block;
    bool goes_on = true;
    do {
        http_request request;
        const size_t before = rest.len;
        const http1_status status = http1_take(reading, &rest, &request);
        g_assert_true(rest.len < before || status != HTTP1_REQUEST);
        g_assert_true(rest.len == 0 || status != HTTP1_MORE);
        goes_on = note(all, status, &request);
        if (status == HTTP1_REQUEST)
            request_clear(&request);
    } while (goes_on && rest.len > 0);
    exact_block_free(block);
    return goes_on;
}

static void take_all(tlsfp_span input, size_t piece_len, course *all)
{
    http1_reader *reading = http1_new(MAX_HEAD);
    all->last = HTTP1_MORE;
    for (size_t at = 0; at < input.len; at += piece_len)
        if (!take_piece(reading, slice(input, at, at + piece_len), all))
            break;
    http1_free(reading);
}

static void check_same(const course *a, const course *b)
{
    g_assert_cmpuint(a->n_requests, ==, b->n_requests);
    g_assert_cmpint(a->last, ==, b->last);
    for (size_t i = 0; i < a->n_requests; i++) {
        const http_request *x = &a->requests[i], *y = &b->requests[i];
        g_assert_cmpstr(x->method_name, ==, y->method_name);
        g_assert_cmpstr(x->target, ==, y->target);
        g_assert_cmpstr(x->host, ==, y->host);
        g_assert_cmpstr(x->user_agent, ==, y->user_agent);
        g_assert_true(x->accepts_html == y->accepts_html && x->has_body == y->has_body &&
                      x->keep_alive == y->keep_alive && x->old == y->old);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    tlsfp_span input = {data, len};
    const size_t piece_len = 1 + input_u8(&input);
    course *at_once = g_new0(course, 1), *in_pieces = g_new0(course, 1);
    take_all(input, MAX(input.len, 1), at_once);
    take_all(input, piece_len, in_pieces);
    check_same(at_once, in_pieces);
    g_free(at_once);
    g_free(in_pieces);
    return 0;
}
