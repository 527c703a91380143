/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is datagrams: a limit (2), then each with its length (2) in front. The hellos that they
 * give must be the same when each record comes in a datagram of its own.
 */
#include <tlsfp/dtls.h>
#include <tlsfp/hello.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "input.h"
#include "same_bytes.h"

enum {
    HEADER_SIZE = 12,
    RECORD_HEADER_SIZE = 13,
};

/** A message that was put together looks as if it had come in one fragment. */
static void check_message(tlsfp_span message, size_t limit)
{
    g_assert_cmpuint(message.len, >=, HEADER_SIZE);
    g_assert_cmpuint(message.len, <=, limit);
    size_t said = (size_t)message.data[1] << 16 | (size_t)message.data[2] << 8 | message.data[3];
    g_assert_cmpuint(message.len, ==, HEADER_SIZE + said);
    g_assert_true(message.data[6] == 0 && message.data[7] == 0 && message.data[8] == 0);
    assert_same_bytes(message.data + 9, 3, message.data + 1, 3);
    tlsfp_client_hello hello;
    tlsfp_server_hello server;
    tlsfp_status status = message.data[0] == 1 ? tlsfp_parse(message, TLSFP_DTLS, &hello)
                                               : tlsfp_parse_server(message, TLSFP_DTLS, &server);
    g_assert_true(status == TLSFP_OK || status == TLSFP_MALFORMED);
}

/** Feeds one datagram, in a new block after each hello: nothing of the old one may be needed. */
static void feed(tlsfp_dtls *dtls, tlsfp_span datagram, size_t limit, GByteArray *hellos)
{
    size_t n = 0, left = datagram.len;
    for (;;) {
        tlsfp_span block = exact_block(slice(datagram, datagram.len - left, datagram.len));
        tlsfp_span rest = block, out = {NULL, 0};
        tlsfp_status status = tlsfp_dtls_add(dtls, &rest, &out);
        g_assert_cmpuint(rest.len, <=, left);
        left = rest.len;
        exact_block_free(block);
        g_assert_cmpuint(tlsfp_dtls_memory(dtls), <=, 4 * (512 + limit + (limit + 7) / 8));
        if (status != TLSFP_OK) {
            g_assert_null(out.data);
            g_assert_cmpuint(left, ==, 0);
            g_assert_cmpint(status, !=, TLSFP_UNREADABLE);
            return;
        }
        check_message(out, limit);
        put_span(hellos, out);
        g_assert_cmpuint(++n, <=, datagram.len / HEADER_SIZE);
    }
}

/** The same with each record on its own. */
static void feed_records(tlsfp_dtls *dtls, tlsfp_span datagram, size_t limit, GByteArray *hellos)
{
    while (datagram.len >= RECORD_HEADER_SIZE) {
        size_t len = RECORD_HEADER_SIZE + (size_t)(datagram.data[11] << 8 | datagram.data[12]);
        if (len > datagram.len)
            return;
        feed(dtls, slice(datagram, 0, len), limit, hellos);
        datagram = slice(datagram, len, datagram.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    tlsfp_span input = {data, len};
    size_t limit = input_u16(&input);
    tlsfp_dtls *dtls = tlsfp_dtls_new(limit), *by_record = tlsfp_dtls_new(limit);
    GByteArray *hellos = g_byte_array_new(), *expected = g_byte_array_new();
    while (input.len > 0) {
        tlsfp_span datagram = input_vector(&input);
        feed(dtls, datagram, limit, hellos);
        feed_records(by_record, datagram, limit, expected);
        assert_same_bytes(hellos->data, hellos->len, expected->data, expected->len);
    }
    g_byte_array_unref(hellos);
    g_byte_array_unref(expected);
    tlsfp_dtls_free(dtls);
    tlsfp_dtls_free(by_record);
    return 0;
}
