/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The bounded reader: the one place where a length is held against what is there.
 *
 * Each take_ takes bytes off the front of @p in. One that returns false has moved nothing and set
 * nothing.
 */
#ifndef TLSFP_READER_H
#define TLSFP_READER_H

#include <tlsfp/types.h>

/** The next @p len bytes. */
static inline G_GNUC_WARN_UNUSED_RESULT bool take(tlsfp_span *in, size_t len, tlsfp_span *out)
{
    if (len > in->len)
        return false;
    *out = (tlsfp_span){in->data, len};
    if (len > 0)
        in->data += len;
    in->len -= len;
    return true;
}

/** A big-endian integer of @p width bytes, at most 8. */
static inline G_GNUC_WARN_UNUSED_RESULT bool take_integer(tlsfp_span *in, size_t width,
                                                          uint64_t *out)
{
    tlsfp_span bytes;
    if (!take(in, width, &bytes))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes.data[i];
    *out = value;
    return true;
}

static inline G_GNUC_WARN_UNUSED_RESULT bool take_u8(tlsfp_span *in, uint8_t *out)
{
    tlsfp_span bytes;
    if (!take(in, 1, &bytes))
        return false;
    *out = bytes.data[0];
    return true;
}

static inline G_GNUC_WARN_UNUSED_RESULT bool take_u16(tlsfp_span *in, uint16_t *out)
{
    tlsfp_span bytes;
    if (!take(in, 2, &bytes))
        return false;
    *out = (uint16_t)(bytes.data[0] << 8 | bytes.data[1]);
    return true;
}

/** A vector: a length of @p width bytes and that many bytes (RFC 8446 3.4). */
static inline G_GNUC_WARN_UNUSED_RESULT bool take_vector(tlsfp_span *in, size_t width,
                                                         tlsfp_span *out)
{
    tlsfp_span rest = *in;
    uint64_t len;
    if (!take_integer(&rest, width, &len) || !take(&rest, len, out))
        return false;
    *in = rest;
    return true;
}

/** A QUIC variable-length integer, RFC 9000 16. */
static inline G_GNUC_WARN_UNUSED_RESULT bool take_varint(tlsfp_span *in, uint64_t *out)
{
    if (in->len == 0)
        return false;
    unsigned log2_width = in->data[0] >> 6;
    size_t width = (size_t)1 << log2_width;
    uint64_t value;
    if (!take_integer(in, width, &value))
        return false;
    *out = value & (UINT64_MAX >> (64 - (8 * width - 2)));
    return true;
}

/** The 2-byte value at @p index of a list; there are list.len / 2 of them. */
static inline uint16_t value_at(tlsfp_span list, size_t index)
{
    return (uint16_t)(list.data[2 * index] << 8 | list.data[2 * index + 1]);
}

/** As much as there is, but at most @p len bytes. */
static inline tlsfp_span take_up_to(tlsfp_span *in, size_t len)
{
    tlsfp_span out = {in->data, MIN(len, in->len)};
    if (out.len > 0)
        in->data += out.len;
    in->len -= out.len;
    return out;
}

#endif
