/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The bounded reader: the one place where a length from the wire is held against what is there.
 *
 * Each take_ takes bytes off the front of @p in. One that returns false has moved nothing and set
 * nothing. Lengths are 64 bits wide, as on the wire: no cast in front of the check can cut one on a
 * 32-bit system.
 *
 * The names are short, for code that parses; tlsfp.h does not include them.
 */
#ifndef TLSFP_READER_H
#define TLSFP_READER_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

/** The next @p len bytes. */
static inline G_GNUC_WARN_UNUSED_RESULT bool take(tlsfp_span *in, uint64_t len, tlsfp_span *out)
{
    if (len > in->len)
        return false;
    tlsfp_span taken = {in->data, (size_t)len};
    if (len > 0)
        in->data += len;
    in->len -= taken.len;
    *out = taken;
    return true;
}

/** Passes over @p len bytes. */
static inline G_GNUC_WARN_UNUSED_RESULT bool pass(tlsfp_span *in, uint64_t len)
{
    tlsfp_span passed;
    return take(in, len, &passed);
}

/** As much as there is, but at most @p len bytes. */
static inline tlsfp_span take_up_to(tlsfp_span *in, uint64_t len)
{
    tlsfp_span out = {in->data, (size_t)MIN(len, in->len)};
    if (out.len > 0)
        in->data += out.len;
    in->len -= out.len;
    return out;
}

/** Cuts off what lies past @p len bytes. */
static inline void cut(tlsfp_span *in, uint64_t len)
{
    in->len = (size_t)MIN(len, in->len);
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

/** A big-endian integer @p at bytes into what a take() gave; it must lie within. */
static inline uint8_t get_u8(tlsfp_span bytes, size_t at)
{
    return bytes.data[at];
}

static inline uint16_t get_u16(tlsfp_span bytes, size_t at)
{
    return (uint16_t)(bytes.data[at] << 8 | bytes.data[at + 1]);
}

static inline uint32_t get_u32(tlsfp_span bytes, size_t at)
{
    return (uint32_t)get_u16(bytes, at) << 16 | get_u16(bytes, at + 2);
}

/** The 2-byte value at @p index of a list; there are list.len / 2 of them. */
static inline uint16_t value_at(tlsfp_span list, size_t index)
{
    return get_u16(list, 2 * index);
}

G_END_DECLS

#endif
