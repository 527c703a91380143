/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The header in front of every handshake message: RFC 8446 4; in DTLS, RFC 6347 4.2.2. */
#ifndef TLSFP_HANDSHAKE_H
#define TLSFP_HANDSHAKE_H

#include <tlsfp/reader.h>

enum {
    HANDSHAKE_HEADER_SIZE = 4,
    DTLS_HANDSHAKE_HEADER_SIZE = 12,
};

typedef struct {
    uint8_t type;
    uint32_t length;          /* of the whole message, without its header */
    uint16_t message_seq;     /* DTLS only */
    uint32_t fragment_offset; /* 0 but in DTLS */
    uint32_t fragment_length; /* the same as length but in DTLS */
} handshake_header;

/** Takes the header that @p transport puts in front; false when it is not all there. */
static inline G_GNUC_WARN_UNUSED_RESULT bool
take_handshake_header(tlsfp_span *in, tlsfp_transport transport, handshake_header *out)
{
    tlsfp_span rest = *in;
    handshake_header header = {0};
    uint64_t length, offset = 0, fragment;
    if (!take_u8(&rest, &header.type) || !take_integer(&rest, 3, &length))
        return false;
    fragment = length;
    if (transport == TLSFP_DTLS &&
        (!take_u16(&rest, &header.message_seq) || !take_integer(&rest, 3, &offset) ||
         !take_integer(&rest, 3, &fragment)))
        return false;
    header.length = (uint32_t)length;
    header.fragment_offset = (uint32_t)offset;
    header.fragment_length = (uint32_t)fragment;
    *in = rest;
    *out = header;
    return true;
}

#endif
