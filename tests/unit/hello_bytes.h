/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Handshake messages to feed, and the records that carry them. */
#ifndef TLSFP_HELLO_BYTES_H
#define TLSFP_HELLO_BYTES_H

#include "writer.h"

enum {
    RECORD_HANDSHAKE = 22,
    TYPE_CLIENT_HELLO = 1,
    TYPE_SERVER_HELLO = 2,
    TYPE_CERTIFICATE = 11,
    EMPTY_HELLO_SIZE = 2 + 32 + 1 + 2 + 2 + 2 + 2, /* client_hello_body() without padding */
};

/** A handshake message, in DTLS in one fragment: RFC 8446 4, RFC 6347 4.2.2. */
static inline GByteArray *make_message(tlsfp_transport transport, uint8_t type,
                                       uint16_t message_seq, tlsfp_span body)
{
    GByteArray *out = g_byte_array_new();
    put_integer(out, 1, type);
    put_integer(out, 3, body.len);
    if (transport == TLSFP_DTLS) {
        put_integer(out, 2, message_seq);
        put_integer(out, 3, 0);
        put_integer(out, 3, body.len);
    }
    put_span(out, body);
    return out;
}

/** A ClientHello of @p len bytes, told from others by @p number: its random, and its message_seq in
 * DTLS. */
static inline GByteArray *make_client_hello(tlsfp_transport transport, uint8_t number, size_t len)
{
    size_t header_len = transport == TLSFP_DTLS ? 12 : 4;
    g_assert_cmpuint(len, >=, header_len + EMPTY_HELLO_SIZE + 1 + 6);
    GByteArray *body = g_byte_array_new();
    put_integer(body, 2, 0x0303);
    put_times(body, 32, number);
    put_integer(body, 1, 0);
    if (transport == TLSFP_DTLS)
        put_integer(body, 1, 0);
    put_hex(body, "0002 1301 01 00");
    size_t block = begin_vector(body, 2);
    put_integer(body, 2, 21); /* padding, RFC 7685 */
    size_t padding = begin_vector(body, 2);
    while (header_len + body->len < len)
        put_integer(body, 1, body->len & 0xff); /* so that no two pieces look alike */
    end_vector(body, 2, padding);
    end_vector(body, 2, block);
    GByteArray *out = make_message(transport, TYPE_CLIENT_HELLO, number, span_of(body));
    g_byte_array_unref(body);
    g_assert_cmpuint(out->len, ==, len);
    return out;
}

/** RFC 8446 5.1. */
static inline void put_record(GByteArray *out, uint8_t type, tlsfp_span payload)
{
    put_integer(out, 1, type);
    put_integer(out, 2, 0x0301);
    put_integer(out, 2, payload.len);
    put_span(out, payload);
}

#endif
