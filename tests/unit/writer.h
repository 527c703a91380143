/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes the bytes that tests feed: what reader.h takes, put_ puts. */
#ifndef TLSFP_WRITER_H
#define TLSFP_WRITER_H

#include <tlsfp/types.h>

/** The bytes of a string literal, its NUL left out. */
#define SPAN(literal) ((tlsfp_span){(const uint8_t *)(literal), sizeof(literal) - 1})

static inline tlsfp_span span_of(const GByteArray *bytes)
{
    return (tlsfp_span){bytes->data, bytes->len};
}

/** The bytes of @p whole from @p from to @p to; both are cut to what there is. */
static inline tlsfp_span slice(tlsfp_span whole, size_t from, size_t to)
{
    to = MIN(to, whole.len);
    from = MIN(from, to);
    return (tlsfp_span){whole.data == NULL ? NULL : whole.data + from, to - from};
}

static inline void put_span(GByteArray *out, tlsfp_span bytes)
{
    if (bytes.len > 0)
        g_byte_array_append(out, bytes.data, (guint)bytes.len);
}

/** Big-endian. */
static inline void put_integer(GByteArray *out, size_t width, uint64_t value)
{
    for (size_t i = width; i > 0; i--) {
        uint8_t byte = (uint8_t)(value >> 8 * (i - 1));
        g_byte_array_append(out, &byte, 1);
    }
}

static inline void put_times(GByteArray *out, size_t n, uint8_t byte)
{
    for (size_t i = 0; i < n; i++)
        g_byte_array_append(out, &byte, 1);
}

/** A QUIC variable-length integer of @p width bytes, RFC 9000 16. */
static inline void put_varint(GByteArray *out, size_t width, uint64_t value)
{
    static const uint8_t prefixes[] = {[1] = 0x00, [2] = 0x40, [4] = 0x80, [8] = 0xc0};
    size_t at = out->len;
    put_integer(out, width, value);
    out->data[at] |= prefixes[width];
}

/** Hex digits; blanks between bytes are passed over. */
static inline void put_hex(GByteArray *out, const char *hex)
{
    while (*hex != '\0') {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        g_assert_true(g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]));
        put_integer(out, 1,
                    (uint64_t)(g_ascii_xdigit_value(hex[0]) * 16 + g_ascii_xdigit_value(hex[1])));
        hex += 2;
    }
}

static inline GByteArray *bytes_of_hex(const char *hex)
{
    GByteArray *out = g_byte_array_new();
    put_hex(out, hex);
    return out;
}

/** Room for the length of a vector; returns the mark that end_vector() wants. */
static inline size_t begin_vector(GByteArray *out, size_t width)
{
    put_integer(out, width, 0);
    return out->len;
}

/** What was put since begin_vector() is the vector. */
static inline void end_vector(GByteArray *out, size_t width, size_t mark)
{
    size_t len = out->len - mark;
    for (size_t i = 0; i < width; i++)
        out->data[mark - 1 - i] = (uint8_t)(len >> 8 * i);
}

#endif
