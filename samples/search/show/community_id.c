/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/community_id.h"

#include <gcrypt.h>
#include <tlsfp/writer.h>

enum { ADDRESS_SIZE = 16, SHA1_SIZE = 20 };

/** The lower address comes first, of equal ones the lower port. */
static bool is_in_order(const endpoints *ends, size_t len)
{
    int order = memcmp(ends->src, ends->dst, len);
    return order < 0 || (order == 0 && ends->src_port <= ends->dst_port);
}

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
    *at++ = (uint8_t)(value >> 8);
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_bytes(uint8_t *at, const uint8_t *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

/** RFC 4648 4, of a SHA-1: six triples of bytes, and a pair. */
static char *write_base64(char *at, const uint8_t digest[SHA1_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < SHA1_SIZE; i += 3) {
        const unsigned last = i + 2 < SHA1_SIZE ? digest[i + 2] : 0;
        const unsigned bits = (unsigned)digest[i] << 16 | (unsigned)digest[i + 1] << 8 | last;
        for (unsigned shift = 24; shift > 0; shift -= 6)
            *at++ = digits[bits >> (shift - 6) & 0x3f];
    }
    at[-1] = '=';
    return at;
}

char *write_community_id(char *at, const endpoints *ends)
{
    const size_t len = ends->version == 4 ? 4 : ADDRESS_SIZE;
    const bool in_order = is_in_order(ends, len);
    uint8_t input[2 + 2 * ADDRESS_SIZE + 2 + 2 + 2], digest[SHA1_SIZE];
    uint8_t *end = put_u16(input, 0); /* the seed */
    end = put_bytes(end, in_order ? ends->src : ends->dst, len);
    end = put_bytes(end, in_order ? ends->dst : ends->src, len);
    end = put_u16(end, (uint16_t)(ends->protocol << 8)); /* and padding */
    end = put_u16(end, in_order ? ends->src_port : ends->dst_port);
    end = put_u16(end, in_order ? ends->dst_port : ends->src_port);
    gcry_md_hash_buffer(GCRY_MD_SHA1, digest, input, (size_t)(end - input));
    return write_base64(WRITE(at, "1:"), digest);
}
