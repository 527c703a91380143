/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The names of the values in a hello, as IANA's registries "TLS Parameters" and "TLS ExtensionType
 * Values" have them; "GREASE" for the values of RFC 8701.
 *
 * Each function returns a constant, or NULL for a value without a name.
 */
#ifndef TLSFP_NAMES_H
#define TLSFP_NAMES_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

/** E.g. "TLS_AES_128_GCM_SHA256". */
TLSFP_API const char *tlsfp_cipher_suite_name(uint16_t value);

/** E.g. "server_name". */
TLSFP_API const char *tlsfp_extension_name(uint16_t type);

/** E.g. "X25519MLKEM768". */
TLSFP_API const char *tlsfp_group_name(uint16_t value);

/** E.g. "rsa_pss_rsae_sha256". */
TLSFP_API const char *tlsfp_signature_algorithm_name(uint16_t value);

/** E.g. "TLS 1.3" or "DTLS 1.2". */
TLSFP_API const char *tlsfp_version_name(uint16_t value);

/** What carries the hello: "tls", "quic" or "dtls". */
TLSFP_API const char *tlsfp_transport_name(tlsfp_transport transport);

/** Whether the group is post-quantum: ML-KEM and its drafts, alone or combined with a curve, and
 * CECPQ2. */
TLSFP_API bool tlsfp_is_post_quantum(uint16_t group);

G_END_DECLS

#endif
