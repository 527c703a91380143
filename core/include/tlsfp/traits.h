/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a ClientHello says of its client, in short: most of it as yes or no. */
#ifndef TLSFP_TRAITS_H
#define TLSFP_TRAITS_H

#include <tlsfp/hello.h>

G_BEGIN_DECLS

/** Whether an extension of this type is there. */
TLSFP_API bool tlsfp_has_extension(const tlsfp_client_hello *hello, uint16_t type);

/** The highest version that the client offers: of supported_versions without GREASE; where none is
 * left, or there is no such extension, the legacy version. */
TLSFP_API uint16_t tlsfp_highest_version(const tlsfp_client_hello *hello);

/** Whether the client offers to resume: a session_ticket that is not empty (RFC 5077 3.2), or
 * pre_shared_key (RFC 8446 4.2.11). */
TLSFP_API bool tlsfp_offers_resumption(const tlsfp_client_hello *hello);

/** Whether there is GREASE (RFC 8701) among the cipher suites, extensions, groups, versions or
 * signature algorithms. */
TLSFP_API bool tlsfp_has_grease(const tlsfp_client_hello *hello);

/** Whether a post-quantum group is among the supported groups: tlsfp_is_post_quantum() in names.h.
 */
TLSFP_API bool tlsfp_offers_post_quantum(const tlsfp_client_hello *hello);

/** Whether there is an encrypted_client_hello extension. A client that has no key for it may send
 * one all the same, filled with random bytes; only the server can tell. */
TLSFP_API bool tlsfp_has_ech(const tlsfp_client_hello *hello);

/** Whether the client says itself that this is its second hello after HelloRetryRequest: it gives
 * the server's cookie back (RFC 8446 4.2.2). Not every server sends one. */
TLSFP_API bool tlsfp_has_cookie_extension(const tlsfp_client_hello *hello);

G_END_DECLS

#endif
