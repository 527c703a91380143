/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Inline versions of hello.h's functions on extensions and GREASE, for hot loops. */
#ifndef TLSFP_EXTENSION_H
#define TLSFP_EXTENSION_H

#include <tlsfp/reader.h>

/** RFC 8701 2: both bytes equal, and both 0x?a. */
static inline bool is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/** RFC 8446 4.2. */
static inline G_GNUC_WARN_UNUSED_RESULT bool take_extension(tlsfp_span *block, uint16_t *out_type,
                                                            tlsfp_span *out_body)
{
    tlsfp_span rest = *block, header;
    if (!take(&rest, 4, &header) || !take(&rest, get_u16(header, 2), out_body))
        return false;
    *out_type = get_u16(header, 0);
    *block = rest;
    return true;
}

#endif
