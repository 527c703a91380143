/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/hello.h>

#include "hello/extension.h"
#include "hello/handshake.h"
#include "hello/iana.h"

enum {
    RANDOM_SIZE = 32,          /* RFC 8446 4.1.2 */
    EXTENSION_HEADER_SIZE = 4, /* type and length, RFC 8446 4.2 */
};

bool tlsfp_is_grease(uint16_t value)
{
    return is_grease(value);
}

bool tlsfp_next_value(tlsfp_span *list, uint16_t *out)
{
    return take_u16(list, out);
}

bool tlsfp_next_extension(tlsfp_span *block, uint16_t *out_type, tlsfp_span *out_body)
{
    return take_extension(block, out_type, out_body);
}

bool tlsfp_next_protocol(tlsfp_span *list, tlsfp_span *out)
{
    uint8_t len;
    if (!take_u8(list, &len))
        return false;
    *out = take_up_to(list, len);
    return true;
}

/** The list in an extension's body: what is missing, cut or left over is noted, never refused. */
static tlsfp_span take_list(tlsfp_span body, size_t length_width, size_t value_width,
                            bool *leftover)
{
    uint64_t len;
    if (!take_integer(&body, length_width, &len)) {
        *leftover = true;
        return (tlsfp_span){body.data, 0};
    }
    tlsfp_span list = take_up_to(&body, len);
    if (list.len < len || body.len > 0 || list.len % value_width != 0)
        *leftover = true;
    return list;
}

/** RFC 6066 3: one name of a ServerNameList; what is left of the list where that is not enough for
 * one is noted. */
static bool take_name(tlsfp_span *list, uint8_t *out_type, tlsfp_span *out, bool *leftover)
{
    tlsfp_span rest = *list;
    uint64_t len;
    if (!take_u8(&rest, out_type) || !take_integer(&rest, 2, &len)) {
        *leftover = *leftover || list->len > 0;
        return false;
    }
    *out = take_up_to(&rest, len);
    *leftover = *leftover || out->len < len;
    *list = rest;
    return true;
}

/** The first host_name of a ServerNameList; empty where there is none. */
static tlsfp_span take_host_name(tlsfp_span body, bool *leftover)
{
    tlsfp_span list = take_list(body, 2, 1, leftover), name, host_name = {NULL, 0};
    uint8_t type;
    while (take_name(&list, &type, &name, leftover))
        if (type == SERVER_NAME_HOST_NAME && host_name.data == NULL)
            host_name = name;
    return host_name.data != NULL ? host_name : (tlsfp_span){body.data, 0};
}

static void note_cut_protocol(tlsfp_span list, bool *leftover)
{
    tlsfp_span protocol;
    while (take_vector(&list, 1, &protocol))
        ;
    if (list.len > 0)
        *leftover = true;
}

/** Keeps the values of the extensions that fingerprints look into; the first copy of each gives
 * them. */
static void keep_extension(tlsfp_client_hello *hello, uint16_t type, tlsfp_span body)
{
    bool *leftover = &hello->leftover;
    if (type == EXTENSION_SERVER_NAME && hello->server_name.data == NULL)
        hello->server_name = take_host_name(body, leftover);
    else if (type == EXTENSION_SUPPORTED_GROUPS && hello->supported_groups.data == NULL)
        hello->supported_groups = take_list(body, 2, 2, leftover);
    else if (type == EXTENSION_EC_POINT_FORMATS && hello->ec_point_formats.data == NULL)
        hello->ec_point_formats = take_list(body, 1, 1, leftover);
    else if (type == EXTENSION_SIGNATURE_ALGORITHMS && hello->signature_algorithms.data == NULL)
        hello->signature_algorithms = take_list(body, 2, 2, leftover);
    else if (type == EXTENSION_SUPPORTED_VERSIONS && hello->supported_versions.data == NULL)
        hello->supported_versions = take_list(body, 1, 2, leftover);
    else if (type == EXTENSION_ALPN && hello->alpn.data == NULL) {
        hello->alpn = take_list(body, 2, 1, leftover);
        note_cut_protocol(hello->alpn, leftover);
    }
}

/** Walks an extension block; false where an extension is longer than what is left of it. */
static bool walk_extensions(tlsfp_span block, tlsfp_client_hello *hello, bool *leftover)
{
    uint16_t type;
    tlsfp_span body;
    while (block.len >= EXTENSION_HEADER_SIZE) {
        if (!take_extension(&block, &type, &body))
            return false;
        if (hello != NULL)
            keep_extension(hello, type, body);
    }
    if (block.len > 0)
        *leftover = true;
    return true;
}

/** RFC 8446 4.1.2; the cookie is RFC 6347 4.2.1. */
static bool take_client_hello(tlsfp_span *in, tlsfp_client_hello *hello)
{
    if (!take_u16(in, &hello->legacy_version) || !take(in, RANDOM_SIZE, &hello->random) ||
        !take_vector(in, 1, &hello->session_id))
        return false;
    if (hello->transport == TLSFP_DTLS && !take_vector(in, 1, &hello->cookie))
        return false;
    if (!take_vector(in, 2, &hello->cipher_suites) ||
        !take_vector(in, 1, &hello->compression_methods))
        return false;
    if (hello->cipher_suites.len % 2 != 0)
        hello->leftover = true;
    if (in->len == 0) /* no extensions at all: clients before TLS 1.2 */
        return true;
    return take_vector(in, 2, &hello->extensions) &&
           walk_extensions(hello->extensions, hello, &hello->leftover);
}

/** RFC 8446 4.1.3. */
static bool take_server_hello(tlsfp_span *in, tlsfp_server_hello *hello)
{
    if (!take_u16(in, &hello->legacy_version) || !take(in, RANDOM_SIZE, &hello->random) ||
        !take_vector(in, 1, &hello->session_id) || !take_u16(in, &hello->cipher_suite) ||
        !take_u8(in, &hello->compression_method))
        return false;
    if (in->len == 0)
        return true;
    return take_vector(in, 2, &hello->extensions) &&
           walk_extensions(hello->extensions, NULL, &hello->leftover);
}

/** The body of the whole message of @p type at the start of @p in, and the message itself. */
static tlsfp_status take_message(tlsfp_span in, tlsfp_transport transport, uint8_t type,
                                 tlsfp_span *out_message, tlsfp_span *out_body)
{
    if (in.len > 0 && in.data[0] != type)
        return TLSFP_NOT_HELLO;
    tlsfp_span rest = in, body;
    handshake_header header;
    if (!take_handshake_header(&rest, transport, &header))
        return TLSFP_MORE;
    if (header.fragment_offset > header.length ||
        header.fragment_length > header.length - header.fragment_offset)
        return TLSFP_MALFORMED;
    if (header.fragment_length < header.length || !take(&rest, header.length, &body))
        return TLSFP_MORE;
    *out_message = (tlsfp_span){in.data, in.len - rest.len};
    *out_body = body;
    return TLSFP_OK;
}

tlsfp_status tlsfp_parse(tlsfp_span message, tlsfp_transport transport, tlsfp_client_hello *out)
{
    tlsfp_client_hello hello = {.transport = transport};
    tlsfp_span body;
    tlsfp_status status =
        take_message(message, transport, HANDSHAKE_CLIENT_HELLO, &hello.message, &body);
    if (status != TLSFP_OK)
        return status;
    if (!take_client_hello(&body, &hello))
        return TLSFP_MALFORMED;
    if (body.len > 0)
        hello.leftover = true;
    *out = hello;
    return TLSFP_OK;
}

tlsfp_status tlsfp_parse_server(tlsfp_span message, tlsfp_transport transport,
                                tlsfp_server_hello *out)
{
    tlsfp_server_hello hello = {0};
    tlsfp_span body;
    tlsfp_status status =
        take_message(message, transport, HANDSHAKE_SERVER_HELLO, &hello.message, &body);
    if (status != TLSFP_OK)
        return status;
    if (!take_server_hello(&body, &hello))
        return TLSFP_MALFORMED;
    if (body.len > 0)
        hello.leftover = true;
    *out = hello;
    return TLSFP_OK;
}

bool tlsfp_is_retry_request(const tlsfp_server_hello *hello)
{
    /* RFC 8446 4.1.3: the SHA-256 of "HelloRetryRequest". */
    static const uint8_t retry_random[RANDOM_SIZE] = {
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
        0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
        0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    };
    return hello->random.len == RANDOM_SIZE &&
           memcmp(hello->random.data, retry_random, RANDOM_SIZE) == 0;
}
