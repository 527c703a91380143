/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a byte for the language, one for the size of pieces, a ClientHello as a vector, and
 * what the client that sent it says once it is let in: HTTP/1, HTTP/2, or HTTP/1 without TLS. Its
 * answers are made, as the server would make them, until it ends.
 */
#include <string.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "http/session.h"
#include "input.h"

enum {
    MAX_HEAD = 4096,
    MAX_ANSWER = 4 * 1024 * 1024, /* of a page about a hello as long as the input can be */
};

static session_room room;

/** The session takes a piece, and what it gives is sent; returns whether it goes on. */
static bool feed(session *one, tlsfp_span piece, GString *out)
{
    tlsfp_span block = exact_block(piece), rest = block;
    session_status status;
    bool waits;
    do {
        const size_t before = rest.len;
        g_string_truncate(out, 0);
        status = session_receive(one, &rest, out);
        g_assert_cmpuint(out->len, <, SESSION_ENOUGH + MAX_ANSWER);
        waits = rest.len > 0 || out->len >= SESSION_ENOUGH;
        g_assert_true(status != SESSION_GOES_ON || !waits || rest.len < before || out->len > 0);
    } while (status == SESSION_GOES_ON && waits);
    exact_block_free(block);
    return status == SESSION_GOES_ON;
}

static client client_with(tlsfp_span hello)
{
    return (client){.hello = hello,
                    .record_version = 0x0301,
                    .version = "TLSv1.3",
                    .cipher = "TLS_AES_128_GCM_SHA256",
                    .address = "192.0.2.1",
                    .port = 40000};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (room.context == NULL)
        room = (session_room){.context = tlsfp_context_new(), .max_head = MAX_HEAD, .port = 4433};
    tlsfp_span input = {data, len};
    const session_language language = (session_language)(input_u8(&input) % 3);
    const size_t piece_len = 1 + input_u8(&input) * 16u;
    const client who = client_with(input_vector(&input));
    session *one = session_new(language, &room, &who);
    GString *out = g_string_new(NULL);
    bool goes_on = true;
    while (goes_on && input.len > 0)
        goes_on = feed(one, input_bytes(&input, piece_len), out);
    if (goes_on && language != SPEAK_INSECURE)
        session_end(one, out);
    g_string_free(out, TRUE);
    session_free(one);
    return 0;
}
