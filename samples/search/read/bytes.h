/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The program's bounded reader, for packets and capture files: as the library's own, which is
 * private to it.
 *
 * Each take_ takes bytes off the front of @p in. One that returns false has moved nothing and set
 * nothing.
 */
#ifndef SEARCH_BYTES_H
#define SEARCH_BYTES_H

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

/** Passes over @p len bytes. */
static inline G_GNUC_WARN_UNUSED_RESULT bool pass(tlsfp_span *in, size_t len)
{
    tlsfp_span passed;
    return take(in, len, &passed);
}

/** Cuts off what lies past @p len bytes. */
static inline void cut(tlsfp_span *in, size_t len)
{
    in->len = MIN(in->len, len);
}

/** An integer, most significant byte first, @p at bytes into what a take() gave: it must lie
 * within. */
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

#endif
