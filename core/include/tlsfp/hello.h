/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * ClientHello and ServerHello as views into their bytes: no copies, everything in the order in
 * which it was sent, GREASE included.
 *
 * A message here is one handshake message with its header: 4 bytes in TLS and QUIC (RFC 8446 4), 12
 * in DTLS (RFC 6347 4.2.2), where it must be whole: fragment offset 0, fragment length the
 * message's length.
 */
#ifndef TLSFP_HELLO_H
#define TLSFP_HELLO_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

/**
 * A ClientHello, RFC 8446 4.1.2 (cookie: RFC 6347 4.2.1).
 *
 * The lists below extensions are those inside the first copy of each extension, without the length
 * in front. An extension whose body is too short for a length has an empty list; a list that says
 * it is longer than its body ends with it.
 */
typedef struct {
    tlsfp_transport transport;      /**< As given to tlsfp_parse(). */
    tlsfp_span message;             /**< The message, header included, without what follows it. */
    uint16_t legacy_version;        /**< E.g. 0x0303. */
    tlsfp_span random;              /**< 32 bytes. */
    tlsfp_span session_id;          /**< legacy_session_id. */
    tlsfp_span cookie;              /**< DTLS only. */
    tlsfp_span cipher_suites;       /**< 2 bytes each; read with tlsfp_next_value(). */
    tlsfp_span compression_methods; /**< 1 byte each. */
    tlsfp_span extensions;          /**< The block; read with tlsfp_next_extension(). */

    tlsfp_span server_name; /**< 0: the first host_name (RFC 6066 3), empty when there is none. */
    tlsfp_span supported_groups;     /**< 10: 2 bytes each (RFC 8446 4.2.7). */
    tlsfp_span ec_point_formats;     /**< 11: 1 byte each (RFC 8422 5.1.2). */
    tlsfp_span signature_algorithms; /**< 13: 2 bytes each (RFC 8446 4.2.3). */
    tlsfp_span alpn;                 /**< 16: read with tlsfp_next_protocol() (RFC 7301 3.1). */
    tlsfp_span supported_versions;   /**< 43: 2 bytes each (RFC 8446 4.2.1). */

    /** Some bytes belong to no value (half a value, bytes after the end), or a list is not all
     * there. */
    bool leftover;
} tlsfp_client_hello;

/** A ServerHello, RFC 8446 4.1.3; a HelloRetryRequest is one, too. */
typedef struct {
    tlsfp_span message;         /**< The message, header included, without what follows it. */
    uint16_t legacy_version;    /**< E.g. 0x0303. */
    tlsfp_span random;          /**< 32 bytes. */
    tlsfp_span session_id;      /**< legacy_session_id_echo. */
    uint16_t cipher_suite;      /**< The one chosen. */
    uint8_t compression_method; /**< legacy_compression_method. */
    tlsfp_span extensions;      /**< The block; read with tlsfp_next_extension(). */
    bool leftover;              /**< Some bytes belong to no value. */
} tlsfp_server_hello;

/**
 * Parses the ClientHello at the start of @p message.
 *
 * Nothing is allocated. What follows the message is not looked at: it starts at out->message.data +
 * out->message.len.
 *
 * @retval TLSFP_OK @p out is set.
 * @retval TLSFP_MORE the message ends before its length says, or is one fragment of a DTLS message.
 * @retval TLSFP_NOT_HELLO the message is of another type.
 * @retval TLSFP_MALFORMED a field is longer than the message, or an extension than its block.
 */
TLSFP_API tlsfp_status tlsfp_parse(tlsfp_span message, tlsfp_transport transport,
                                   tlsfp_client_hello *out);

/** Parses the ServerHello at the start of @p message; all else as tlsfp_parse(). */
TLSFP_API tlsfp_status tlsfp_parse_server(tlsfp_span message, tlsfp_transport transport,
                                          tlsfp_server_hello *out);

/** Whether a ServerHello is a HelloRetryRequest, which its random says (RFC 8446 4.1.3). */
TLSFP_API bool tlsfp_is_retry_request(const tlsfp_server_hello *hello);

/**
 * Takes the next value off a list of 2-byte values.
 * @return false when there is none; an odd last byte stays in @p list.
 */
TLSFP_API bool tlsfp_next_value(tlsfp_span *list, uint16_t *out);

/**
 * Takes the next extension off an extension block.
 * @return false when there is none; fewer than four bytes may stay in @p block.
 */
TLSFP_API bool tlsfp_next_extension(tlsfp_span *block, uint16_t *out_type, tlsfp_span *out_body);

/**
 * Takes the next protocol name off an ALPN list; one that is longer than what is left ends with it.
 * @return false when there is none.
 */
TLSFP_API bool tlsfp_next_protocol(tlsfp_span *list, tlsfp_span *out);

/** Whether @p value is one of the 16 of RFC 8701 2 for cipher suites, extensions, groups, versions
 * … */
TLSFP_API bool tlsfp_is_grease(uint16_t value);

G_END_DECLS

#endif
