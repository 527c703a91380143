/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Numbers from the IANA registries "TLS Parameters", "TLS ExtensionType Values" and "QUIC".
 */
#ifndef TLSFP_IANA_H
#define TLSFP_IANA_H

enum { /* TLS ContentType, RFC 8446 5.1 */
       CONTENT_CHANGE_CIPHER_SPEC = 20,
       CONTENT_ALERT = 21,
       CONTENT_HANDSHAKE = 22,
};

enum { /* TLS HandshakeType, RFC 8446 4 */
       HANDSHAKE_CLIENT_HELLO = 1,
       HANDSHAKE_SERVER_HELLO = 2,
};

enum { /* TLS ExtensionType Values */
       EXTENSION_SERVER_NAME = 0,
       EXTENSION_SUPPORTED_GROUPS = 10,
       EXTENSION_EC_POINT_FORMATS = 11,
       EXTENSION_SIGNATURE_ALGORITHMS = 13,
       EXTENSION_ALPN = 16,
       EXTENSION_PADDING = 21,
       EXTENSION_COMPRESS_CERTIFICATE = 27,
       EXTENSION_RECORD_SIZE_LIMIT = 28,
       EXTENSION_DELEGATED_CREDENTIALS = 34,
       EXTENSION_SESSION_TICKET = 35,
       EXTENSION_PRE_SHARED_KEY = 41,
       EXTENSION_EARLY_DATA = 42,
       EXTENSION_SUPPORTED_VERSIONS = 43,
       EXTENSION_COOKIE = 44,
       EXTENSION_PSK_KEY_EXCHANGE_MODES = 45,
       EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
       EXTENSION_KEY_SHARE = 51,
       EXTENSION_QUIC_TRANSPORT_PARAMETERS = 57,
       EXTENSION_APPLICATION_SETTINGS_OLD = 17513,
       EXTENSION_APPLICATION_SETTINGS = 17613,
       EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d,
       EXTENSION_QUIC_TRANSPORT_PARAMETERS_DRAFT = 0xffa5,
};

enum { SERVER_NAME_HOST_NAME = 0 }; /* RFC 6066 3 */

enum { /* QUIC Versions, and those of Facebook's mvfst, which are draft 27's but for the number */
       QUIC_DRAFT_23 = 0xff000017,
       QUIC_DRAFT_28 = 0xff00001c,
       QUIC_DRAFT_29 = 0xff00001d,
       QUIC_DRAFT_32 = 0xff000020,
       QUIC_DRAFT_34 = 0xff000022,
       QUIC_VERSION_1 = 0x00000001,
       QUIC_VERSION_2 = 0x6b3343cf,
       QUIC_VERSION_2_DRAFT = 0x709a50c4, /* draft-ietf-quic-v2-01 to -06 */
       QUIC_MVFST_27 = 0xfaceb002,
       QUIC_MVFST_EXPERIMENTAL = 0xfaceb00e,
};

enum { /* QUIC Frame Types, those that an Initial packet may hold: RFC 9000 12.4 */
       FRAME_PADDING = 0x00,
       FRAME_PING = 0x01,
       FRAME_ACK = 0x02,
       FRAME_ACK_ECN = 0x03,
       FRAME_CRYPTO = 0x06,
       FRAME_CONNECTION_CLOSE = 0x1c,
};

#endif
