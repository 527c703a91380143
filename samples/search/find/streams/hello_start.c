/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/hello_start.h"

#include <string.h>
#include <tlsfp/reader.h>

enum {
    RECORD_HANDSHAKE = 22,
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_HEADER_SIZE = 5,        /* RFC 8446 5.1 */
    MAX_RECORD = (1 << 14) + 2048, /* RFC 5246 6.2.3 */
    MAX_MINOR_VERSION = 4,
    CLIENT_HELLO = 1,
    MAX_PREAMBLE = 2048, /* what another protocol says first: PROXY needs 107 or 232 bytes, CONNECT
                            has headers */
    SOCKS_4 = 4,
    SOCKS_5 = 5,
};

static const uint8_t change_cipher_spec_end[] = {0, 1,
                                                 1}; /* length 1, and the one value there is */

hello_start starts_at_front(tlsfp_span bytes)
{
    if (bytes.len == 0 || get_u8(bytes, 0) != RECORD_HANDSHAKE)
        return START_NONE;
    if ((bytes.len > 1 && get_u8(bytes, 1) != 3) ||
        (bytes.len > 2 && get_u8(bytes, 2) > MAX_MINOR_VERSION))
        return START_NONE;
    if (bytes.len < RECORD_HEADER_SIZE)
        return START_MAYBE;
    uint16_t len = get_u16(bytes, 3);
    if (len == 0 || len > MAX_RECORD)
        return START_NONE;
    if (bytes.len == RECORD_HEADER_SIZE)
        return START_MAYBE;
    if (get_u8(bytes, 5) != CLIENT_HELLO)
        return START_NONE;
    /* The length of a hello has a zero in front; where the record goes on that far, that can be
     * seen. */
    return len >= 2 && bytes.len > 6 && get_u8(bytes, 6) != 0 ? START_NONE : START_FOUND;
}

/** A client sends one before its second hello: RFC 8446 D.4. */
static bool pass_change_cipher_spec(tlsfp_span *bytes)
{
    return bytes->len >= 6 && get_u8(*bytes, 0) == RECORD_CHANGE_CIPHER_SPEC &&
           get_u8(*bytes, 1) == 3 &&
           memcmp(bytes->data + 3, change_cipher_spec_end, sizeof change_cipher_spec_end) == 0 &&
           pass(bytes, 6);
}

/** Whether @p bytes are the first of such a record, and not all. */
static bool is_cut_change_cipher_spec(tlsfp_span bytes)
{
    return bytes.len < 6 && get_u8(bytes, 0) == RECORD_CHANGE_CIPHER_SPEC &&
           (bytes.len < 2 || get_u8(bytes, 1) == 3) &&
           (bytes.len < 4 || memcmp(bytes.data + 3, change_cipher_spec_end, bytes.len - 3) == 0);
}

/** Whether another protocol's first byte may be this one: text, SOCKS, or PROXY version 2, which
 * starts with CR. */
static bool starts_preamble(uint8_t first)
{
    return g_ascii_isprint(first) || first == SOCKS_4 || first == SOCKS_5 || first == '\r';
}

hello_start find_start(tlsfp_span segment, tlsfp_span *out)
{
    *out = segment;
    if (segment.len == 0)
        return START_NONE;
    hello_start at_front = starts_at_front(segment);
    if (at_front != START_NONE)
        return at_front;
    if (pass_change_cipher_spec(out))
        return starts_at_front(*out);
    if (is_cut_change_cipher_spec(segment))
        return START_MAYBE;
    if (!starts_preamble(get_u8(segment, 0)))
        return START_NONE;
    cut(&segment, MAX_PREAMBLE);
    const uint8_t *end = segment.data + segment.len, *found = segment.data;
    while ((found = memchr(found, RECORD_HANDSHAKE, (size_t)(end - found))) != NULL) {
        size_t passed = (size_t)(found - segment.data);
        tlsfp_span rest = {found, out->len - passed};
        hello_start here = starts_at_front(rest);
        if (here != START_NONE) {
            *out = rest;
            return here;
        }
        found++;
    }
    return START_NONE;
}
