/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Finds the hellos in one peer's DTLS datagrams: unencrypted records (RFC 6347 4.1, RFC 9147 4) and
 * in them handshake fragments (RFC 6347 4.2.3), in any order.
 */
#ifndef TLSFP_DTLS_H
#define TLSFP_DTLS_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

typedef struct tlsfp_dtls tlsfp_dtls;

/**
 * @param limit longest message to reassemble, in bytes.
 * @return a new object for the datagrams of one peer; owned by the caller, to be freed with
 * tlsfp_dtls_free().
 */
TLSFP_API tlsfp_dtls *tlsfp_dtls_new(size_t limit);

/** Frees @p dtls, and with it the message that it gave; NULL is fine. */
TLSFP_API void tlsfp_dtls_free(tlsfp_dtls *dtls);

/**
 * Takes fragments off @p datagram until a hello is whole or nothing is left. Call again while it
 * returns TLSFP_OK: one datagram may hold more than one hello. A hello sent again is given again.
 *
 * Fragments of up to four messages are reassembled at a time, kept apart by type, message_seq and
 * length. Records of any version count, and what stands between them or behind a fragment does not
 * matter.
 *
 * @param datagram in: what is left of a UDP payload; out: what is left after this call.
 * @param out a whole hello message with its 12-byte header, as if it had come in one fragment;
 * borrowed from @p dtls, good until the next call.
 * @retval TLSFP_OK @p out is set.
 * @retval TLSFP_MORE fragments of a hello were kept, and others are needed.
 * @retval TLSFP_NOT_HELLO there is no hello in (the rest of) this datagram.
 * @retval TLSFP_MALFORMED a fragment contradicts its record or itself, and there is no other.
 * @retval TLSFP_TOO_LARGE the message is longer than the limit.
 */
TLSFP_API tlsfp_status tlsfp_dtls_add(tlsfp_dtls *dtls, tlsfp_span *datagram, tlsfp_span *out);

/** Whether no hello is half-seen. */
TLSFP_API bool tlsfp_dtls_is_empty(const tlsfp_dtls *dtls);

/** Bytes of memory that @p dtls holds. */
TLSFP_API size_t tlsfp_dtls_memory(const tlsfp_dtls *dtls);

G_END_DECLS

#endif
