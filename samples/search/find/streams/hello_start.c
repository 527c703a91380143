/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/hello_start.h"

#include <string.h>
#include <tlsfp/reader.h>

enum {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_APPLICATION_DATA = 23,
    RECORD_HEADER_SIZE = 5,        /* RFC 8446 5.1 */
    MAX_RECORD = (1 << 14) + 2048, /* RFC 5246 6.2.3; some servers take longer ones with hellos */
    MAX_SMALL_RECORD = 256,        /* of a change_cipher_spec or alert that is cut */
    TLS_MAJOR = 3,
    MAX_MINOR_VERSION = 4,
    CLIENT_HELLO = 1,
    MAX_LENGTH_BYTE = 2, /* the first of a hello's three: OpenSSL takes 131,396 bytes */
    VERSION_AT = 9,      /* of legacy_version in a record that starts with a ClientHello */

    MAX_PREAMBLE = 2048, /* what another protocol says first: PROXY needs 107 or 232 bytes, CONNECT
                            has headers */
    TPKT = 3,            /* RDP */
    SOCKS_4 = 4,
    SOCKS_5 = 5,
    POSTGRESQL_SSL = 80877103,
    POSTGRESQL_GSS = 80877104,

    SSL2_HEADER_SIZE = 11,
    SSL2_NO_PADDING = 0x80,
    SSL2_SPEC_SIZE = 3,
    SSL2_SESSION_ID_SIZE = 16,
    SSL2_MIN_CHALLENGE = 16,
    SSL2_MAX_CHALLENGE = 32,
};

/** RFC 8446 5.1: servers ignore the version of a record. Where it is none of TLS, the hello's own
 * must be. */
static bool has_plausible_version(tlsfp_span bytes, place where)
{
    if (where == AT_START || where == BETWEEN_RECORDS || bytes.len < 2 ||
        get_u8(bytes, 1) == TLS_MAJOR)
        return true;
    return bytes.len > VERSION_AT && get_u8(bytes, VERSION_AT) == TLS_MAJOR;
}

hello_start starts_at_front(tlsfp_span bytes, place where)
{
    if (bytes.len == 0 || get_u8(bytes, 0) != RECORD_HANDSHAKE ||
        !has_plausible_version(bytes, where))
        return START_NONE;
    if (bytes.len < RECORD_HEADER_SIZE)
        return START_MAYBE;
    uint16_t len = get_u16(bytes, 3);
    if (len == 0)
        return START_NONE;
    if (bytes.len == RECORD_HEADER_SIZE)
        return START_MAYBE;
    if (get_u8(bytes, 5) != CLIENT_HELLO)
        return START_NONE;
    return len >= 2 && bytes.len > 6 && get_u8(bytes, 6) > MAX_LENGTH_BYTE ? START_NONE
                                                                           : START_FOUND;
}

/** Whether servers pass over a record of that type in front of a hello. */
static bool may_come_first(uint8_t type, place where)
{
    return type == RECORD_CHANGE_CIPHER_SPEC || type == RECORD_ALERT || type == RECORD_HANDSHAKE ||
           (where == BETWEEN_RECORDS && type == RECORD_APPLICATION_DATA);
}

/** Takes a whole record off the front. START_FOUND once one is taken; START_MAYBE for a record that
 * is cut, and that a hello may follow. */
static hello_start take_record(tlsfp_span *bytes, place where)
{
    tlsfp_span rest = *bytes, header;
    if (bytes->len == 0 || !may_come_first(get_u8(*bytes, 0), where) ||
        (where != AT_START && where != BETWEEN_RECORDS && bytes->len > 1 &&
         get_u8(*bytes, 1) != TLS_MAJOR))
        return START_NONE;
    if (!take(&rest, RECORD_HEADER_SIZE, &header))
        return START_MAYBE;
    uint16_t len = get_u16(header, 3);
    if (len > MAX_RECORD)
        return START_NONE;
    if (!pass(&rest, len))
        return get_u8(header, 0) < RECORD_HANDSHAKE && len <= MAX_SMALL_RECORD ? START_MAYBE
                                                                               : START_NONE;
    *bytes = rest;
    return START_FOUND;
}

/** Walks over records until a hello starts. */
static hello_start find_behind_records(tlsfp_span *bytes, place where)
{
    for (;;) {
        hello_start here = starts_at_front(*bytes, where);
        if (here != START_NONE)
            return here;
        here = take_record(bytes, where);
        if (here != START_FOUND)
            return here;
    }
}

/** PostgreSQL's SSLRequest and GSSENCRequest. */
static bool is_postgresql_request(tlsfp_span bytes)
{
    return bytes.len >= 8 && get_u32(bytes, 0) == 8 &&
           (get_u32(bytes, 4) == POSTGRESQL_SSL || get_u32(bytes, 4) == POSTGRESQL_GSS);
}

/* Text, SOCKS, RDP, PostgreSQL, or PROXY version 2, which starts with CR. */
bool starts_preamble(tlsfp_span bytes)
{
    uint8_t first = bytes.len > 0 ? get_u8(bytes, 0) : 0;
    return g_ascii_isprint(first) || first == TPKT || first == SOCKS_4 || first == SOCKS_5 ||
           first == '\r' || is_postgresql_request(bytes);
}

static hello_start find_behind_preamble(tlsfp_span *bytes)
{
    tlsfp_span preamble = *bytes;
    cut(&preamble, MAX_PREAMBLE);
    const uint8_t *end = preamble.data + preamble.len, *at = preamble.data;
    while ((at = memchr(at, RECORD_HANDSHAKE, (size_t)(end - at))) != NULL) {
        tlsfp_span rest = {at, bytes->len - (size_t)(at - preamble.data)};
        bool is_tls = rest.len < 2 || get_u8(rest, 1) == TLS_MAJOR;
        hello_start here = is_tls ? starts_at_front(rest, ANYWHERE) : START_NONE;
        bool is_likely = rest.len < 3 || get_u8(rest, 2) <= MAX_MINOR_VERSION;
        if (here == START_FOUND || (here == START_MAYBE && is_likely)) {
            *bytes = rest;
            return here;
        }
        at++;
    }
    return START_NONE;
}

hello_start find_start(tlsfp_span bytes, place where, tlsfp_span *out)
{
    *out = bytes;
    if (bytes.len == 0)
        return START_NONE;
    hello_start found = find_behind_records(out, where);
    if (found != START_NONE || where == BETWEEN_RECORDS || out->len == 0)
        return found;
    if (where != IN_PREAMBLE && !starts_preamble(bytes))
        return START_NONE;
    *out = bytes;
    return find_behind_preamble(out);
}

bool is_ssl2_hello(tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, SSL2_HEADER_SIZE, &header) || !(get_u8(header, 0) & SSL2_NO_PADDING) ||
        get_u8(header, 2) != CLIENT_HELLO)
        return false;
    uint16_t len = get_u16(header, 0) & 0x7fff, version = get_u16(header, 3),
             specs = get_u16(header, 5), session_id = get_u16(header, 7),
             challenge = get_u16(header, 9);
    return (version == 0x0002 || version >> 8 == TLS_MAJOR) && specs > 0 &&
           specs % SSL2_SPEC_SIZE == 0 && (session_id == 0 || session_id == SSL2_SESSION_ID_SIZE) &&
           challenge >= SSL2_MIN_CHALLENGE && challenge <= SSL2_MAX_CHALLENGE &&
           len == SSL2_HEADER_SIZE - 2 + specs + session_id + challenge;
}
