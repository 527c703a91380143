/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a byte for the version, one for the size of pieces, a ClientHello as a vector, and
 * what the client that sent it says once it is let in: HTTP/1, HTTP/2, or HTTP/1 without TLS. Its
 * answers are made, as the server would make them, until it ends.
 */
#include <string.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "http/http_conn.h"
#include "input.h"

enum {
    MAX_HEAD = 4096,
    MAX_ANSWER = 4 * 1024 * 1024, /* of a page about a hello as long as the input can be */
};

static http_env env;
static const event_log silent = {0};

/** The session takes a piece, and what it gives is sent; returns whether it goes on. */
static bool feed(http_conn *http, tlsfp_span piece, GString *out)
{
    tlsfp_span block = exact_block(piece), rest = block;
    http_progress progress;
    bool waits;
    do {
        const size_t before = rest.len;
        g_string_truncate(out, 0);
        progress = http_conn_receive(http, &rest, out);
        g_assert_cmpuint(out->len, <, HTTP_ENOUGH + MAX_ANSWER);
        waits = rest.len > 0 || out->len >= HTTP_ENOUGH;
        g_assert_true(progress != HTTP_GOES_ON || !waits || rest.len < before || out->len > 0);
    } while (progress == HTTP_GOES_ON && waits);
    exact_block_free(block);
    return progress == HTTP_GOES_ON;
}

static client_info client_with(tlsfp_span message)
{
    client_info client = {.record_version = 0x0301,
                          .version = "TLSv1.3",
                          .cipher = "TLS_AES_128_GCM_SHA256",
                          .address = "192.0.2.1",
                          .port = 40000};
    client_set_hello(&client, message, TLSFP_TLS, env.context, NULL);
    return client;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (env.context == NULL)
        env = (http_env){
            .context = tlsfp_context_new(), .log = &silent, .max_head = MAX_HEAD, .answers = {.port = 4433}};
    tlsfp_span input = {data, len};
    const http_version version = (http_version)(input_u8(&input) % 3);
    const size_t piece_len = 1 + input_u8(&input) * 16u;
    const client_info client = client_with(input_vector(&input));
    http_conn *http = http_conn_new(version, &env, &client);
    GString *out = g_string_new(NULL);
    bool goes_on = true;
    while (goes_on && input.len > 0)
        goes_on = feed(http, input_bytes(&input, piece_len), out);
    if (goes_on && version != HTTP_INSECURE)
        http_conn_end(http, out);
    g_string_free(out, TRUE);
    http_conn_free(http);
    return 0;
}
