/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Opens a QUIC client's Initial packets and reassembles its ClientHello.
 *
 * Versions: 1 (RFC 9001), 2 (RFC 9369) and its draft 0x709a50c4, drafts 23 to 34, and mvfst's
 * 0xfaceb002 and 0xfaceb00e. Initial packets are encrypted with keys that follow from the first
 * Destination Connection ID (RFC 9001 5.2), so that anyone who sees the packets can read them.
 * After a Retry the client starts anew with keys from another one (RFC 9001 5.2); this is detected
 * automatically. Connections whose packets are interleaved are kept apart by that ID, up to 16 of
 * them.
 */
#ifndef TLSFP_QUIC_H
#define TLSFP_QUIC_H

#include <tlsfp/fingerprint.h>

G_BEGIN_DECLS

typedef struct tlsfp_quic tlsfp_quic;

/**
 * @param limit longest message to reassemble, in bytes of CRYPTO data.
 * @return a new object for the datagrams of one client, from one address and port to another; owned
 * by the caller, to be freed with tlsfp_quic_free().
 */
TLSFP_API tlsfp_quic *tlsfp_quic_new(size_t limit);

/** Frees @p quic, and with it the message that it gave; NULL is fine. */
TLSFP_API void tlsfp_quic_free(tlsfp_quic *quic);

/**
 * Whether @p datagram holds an Initial packet of a version known here. Only the clear bytes of the
 * headers are looked at (RFC 9000 17.2.2), so that this is cheap.
 */
TLSFP_API bool tlsfp_quic_is_initial(tlsfp_span datagram);

/**
 * Opens the Initial packets in @p datagram, coalesced ones included, and keeps their CRYPTO frames.
 *
 * @param datagram a UDP payload.
 * @retval TLSFP_OK a hello message is whole: tlsfp_quic_message() gives it.
 * @retval TLSFP_MORE other parts of the message are needed.
 * @retval TLSFP_NOT_HELLO the CRYPTO data is no hello.
 * @retval TLSFP_MALFORMED an opened packet holds a frame that is cut or not allowed there, and the
 * hello is not whole.
 * @retval TLSFP_TOO_LARGE the message is longer than the limit.
 * @retval TLSFP_UNREADABLE there is no Initial packet of a client in this datagram that can be
 * opened.
 */
TLSFP_API tlsfp_status tlsfp_quic_add(tlsfp_context *context, tlsfp_quic *quic,
                                      tlsfp_span datagram);

/** The hello message at the front: of a connection that has one, or else of the last one whose
 * packet was opened; all else as tlsfp_stream_message(). */
TLSFP_API tlsfp_status tlsfp_quic_message(const tlsfp_quic *quic, tlsfp_span *out);

/** Goes on to the message after a whole one; all else as tlsfp_stream_next(). */
TLSFP_API tlsfp_status tlsfp_quic_next(tlsfp_quic *quic);

/**
 * Opens the Initial packets in a datagram that the server sent to this client, which the client's
 * packets make readable, and keeps their CRYPTO frames. At most 16 keys are tried.
 * @retval TLSFP_OK at least one packet was opened.
 * @retval TLSFP_UNREADABLE none was: the client's packets are needed first.
 */
TLSFP_API tlsfp_status tlsfp_quic_add_answer(tlsfp_context *context, tlsfp_quic *quic,
                                             tlsfp_span datagram);

/**
 * Takes the next ServerHello message of the server's.
 * @param out borrowed from @p quic, good until the next call of any function with it.
 * @retval TLSFP_OK @p out is set.
 * @retval TLSFP_MORE there is none.
 */
TLSFP_API tlsfp_status tlsfp_quic_take_answer(tlsfp_quic *quic, tlsfp_span *out);

/** Whether no hello is half-seen: as tlsfp_stream_is_empty(), or no packet was opened yet. */
TLSFP_API bool tlsfp_quic_is_empty(const tlsfp_quic *quic);

/** Bytes of memory that @p quic holds. */
TLSFP_API size_t tlsfp_quic_memory(const tlsfp_quic *quic);

G_END_DECLS

#endif
