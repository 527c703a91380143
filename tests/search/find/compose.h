/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Frames written as text: hex digits, and what stands for packets around a hello. Upper case
 * letters are no digits.
 *
 *     {06 ...}              IPv4 with that protocol
 *     [06 ...]              IPv6 with that next header
 *     <9c40 01bb ...>       UDP with these ports
 *     (SEQ ACK 18 ...)      TCP from port 40000 to 443 with these numbers, each of 8 digits, and
 * flags H  a TLS record with a ClientHello        %10-50% bytes 10 to 49 of it Y  a DTLS record
 * with a ClientHello T  TCP with H       I  IPv4 with T        S  IPv6 with T N  Ethernet with I  L
 * LLC, SNAP and I    P  PPP with I ^  at the start of a frame: it goes the other way
 */
#ifndef SEARCH_TESTS_COMPOSE_H
#define SEARCH_TESTS_COMPOSE_H

#include <string.h>

#include "hello_bytes.h"

/** Sizes in bytes. */
enum { H_SIZE = 100, T_SIZE = 20 + H_SIZE, I_SIZE = 20 + T_SIZE, N_SIZE = 14 + I_SIZE };

typedef struct {
    GByteArray *bytes;
    size_t hello_end; /**< Where the last hello ends. */
    bool goes_back;
} composed;

static inline GByteArray *hello_record(void)
{
    GByteArray *message = make_client_hello(TLSFP_TLS, 1, H_SIZE - 5), *out = g_byte_array_new();
    put_record(out, RECORD_HANDSHAKE, span_of(message));
    g_byte_array_unref(message);
    return out;
}

static inline void put_dtls_record(GByteArray *out)
{
    GByteArray *message = make_client_hello(TLSFP_DTLS, 1, 100);
    put_hex(out, "16 fefd 0000 000000000000");
    put_integer(out, 2, message->len);
    put_span(out, span_of(message));
    g_byte_array_unref(message);
}

/** Takes @p n hex digits off the text, blanks in front left out. */
static inline uint64_t take_digits(const char **text, size_t n)
{
    uint64_t value = 0;
    while (n > 0) {
        if (**text != ' ') {
            g_assert_true(g_ascii_isxdigit(**text));
            value = value << 4 | (uint64_t)g_ascii_xdigit_value(**text);
            n--;
        }
        (*text)++;
    }
    return value;
}

static inline void compose_part(composed *out, const char **text);

/** What stands before the bracket that closes. */
static inline void compose_inside(composed *out, const char **text, char closing)
{
    while (**text != closing) {
        g_assert_cmpint(**text, !=, '\0');
        compose_part(out, text);
    }
    (*text)++;
}

static inline void compose_text(composed *out, const char *text)
{
    while (*text != '\0')
        compose_part(out, &text);
}

static inline void compose_ipv4(composed *out, const char **text)
{
    put_hex(out->bytes, "45 00 0000 0000 0000 40");
    size_t at = out->bytes->len - 9;
    put_integer(out->bytes, 1, take_digits(text, 2));
    put_hex(out->bytes, out->goes_back ? "0000 c6336402 c0000201" : "0000 c0000201 c6336402");
    compose_inside(out, text, '}');
    out->bytes->data[at + 2] = (uint8_t)((out->bytes->len - at) >> 8);
    out->bytes->data[at + 3] = (uint8_t)(out->bytes->len - at);
}

static inline void compose_ipv6(composed *out, const char **text)
{
    put_hex(out->bytes, "60000000 0000");
    size_t len_at = out->bytes->len - 2;
    put_integer(out->bytes, 1, take_digits(text, 2));
    put_hex(out->bytes, "40 20010db8000000000000000000000001 20010db8000000000000000000000002");
    size_t start = out->bytes->len;
    compose_inside(out, text, ']');
    out->bytes->data[len_at] = (uint8_t)((out->bytes->len - start) >> 8);
    out->bytes->data[len_at + 1] = (uint8_t)(out->bytes->len - start);
}

static inline void compose_udp(composed *out, const char **text)
{
    uint64_t src = take_digits(text, 4), dst = take_digits(text, 4);
    put_integer(out->bytes, 2, src);
    put_integer(out->bytes, 2, dst);
    put_hex(out->bytes, "0000 0000");
    size_t start = out->bytes->len - 8;
    compose_inside(out, text, '>');
    out->bytes->data[start + 4] = (uint8_t)((out->bytes->len - start) >> 8);
    out->bytes->data[start + 5] = (uint8_t)(out->bytes->len - start);
}

static inline void compose_tcp(composed *out, const char **text)
{
    uint64_t seq = take_digits(text, 8), ack = take_digits(text, 8), flags = take_digits(text, 2);
    put_hex(out->bytes, out->goes_back ? "01bb 9c40" : "9c40 01bb");
    put_integer(out->bytes, 4, seq);
    put_integer(out->bytes, 4, ack);
    put_hex(out->bytes, "50");
    put_integer(out->bytes, 1, flags);
    put_hex(out->bytes, "ffff 0000 0000");
    compose_inside(out, text, ')');
}

/** "%FROM-TO%" in decimal. */
static inline void compose_slice(composed *out, const char **text)
{
    char *end;
    GByteArray *record = hello_record();
    size_t from = (size_t)g_ascii_strtoull(*text, &end, 10);
    size_t to = (size_t)g_ascii_strtoull(end + 1, &end, 10);
    put_span(out->bytes, slice(span_of(record), from, to));
    g_byte_array_unref(record);
    g_assert_cmpint(*end, ==, '%');
    *text = end + 1;
}

static inline void compose_hello(composed *out, bool is_dtls)
{
    GByteArray *record = is_dtls ? g_byte_array_new() : hello_record();
    if (is_dtls)
        put_dtls_record(record);
    put_span(out->bytes, span_of(record));
    out->hello_end = out->bytes->len;
    g_byte_array_unref(record);
}

static inline void compose_part(composed *out, const char **text)
{
    char what = **text;
    if (g_ascii_isxdigit(what)) {
        put_integer(out->bytes, 1, take_digits(text, 2));
        return;
    }
    (*text)++;
    switch (what) {
    case ' ':
        break;
    case '{':
        compose_ipv4(out, text);
        break;
    case '[':
        compose_ipv6(out, text);
        break;
    case '<':
        compose_udp(out, text);
        break;
    case '(':
        compose_tcp(out, text);
        break;
    case '%':
        compose_slice(out, text);
        break;
    case '^':
        out->goes_back = true;
        break;
    case 'H':
    case 'Y':
        compose_hello(out, what == 'Y');
        break;
    case 'T':
        compose_text(out, "(00000001 00000000 18 H)");
        break;
    case 'I':
        compose_text(out, "{06 T}");
        break;
    case 'S':
        compose_text(out, "[06 T]");
        break;
    case 'N':
        compose_text(out, "020000000002 020000000001 0800 I");
        break;
    case 'L':
        compose_text(out, "aaaa03 000000 0800 I");
        break;
    case 'P':
        compose_text(out, "ff03 0021 I");
        break;
    default:
        g_assert_not_reached();
    }
}

/** @return to be freed with g_byte_array_unref(). */
static inline composed compose(const char *text)
{
    composed out = {.bytes = g_byte_array_new()};
    compose_text(&out, text);
    return out;
}

#endif
