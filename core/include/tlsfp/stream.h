/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Puts pieces of a byte stream together until a hello message is whole.
 *
 * Pieces come at offsets, in any order, any number of times; where two overlap, the bytes that came
 * first stay. The stream copies what it takes.
 */
#ifndef TLSFP_STREAM_H
#define TLSFP_STREAM_H

#include <tlsfp/types.h>

G_BEGIN_DECLS

typedef struct tlsfp_stream tlsfp_stream;

/**
 * @param transport what the bytes are: for TLSFP_TLS, TCP payload, that is TLS records (RFC
 * 8446 5.1), whose headers are taken off here; for TLSFP_QUIC, CRYPTO data, and for TLSFP_DTLS, one
 * handshake message: no records.
 * @param limit longest stream to hold, in bytes; a message that ends past it is not reassembled.
 * @return a new stream; owned by the caller, to be freed with tlsfp_stream_free().
 */
TLSFP_API tlsfp_stream *tlsfp_stream_new(tlsfp_transport transport, size_t limit);

/** Frees @p stream, and with it the message that it gave; NULL is fine. */
TLSFP_API void tlsfp_stream_free(tlsfp_stream *stream);

/**
 * Adds @p piece, which starts @p offset bytes into the stream. What lies past the limit is not
 * kept.
 * @return as tlsfp_stream_message().
 */
TLSFP_API tlsfp_status tlsfp_stream_add(tlsfp_stream *stream, uint64_t offset, tlsfp_span piece);

/**
 * The message at the front, from its first byte to its last.
 *
 * @param out borrowed from @p stream, good until the next tlsfp_stream_add(), tlsfp_stream_next()
 * or tlsfp_stream_free(); may be NULL.
 * @retval TLSFP_OK @p out is a whole ClientHello or ServerHello message.
 * @retval TLSFP_MORE it is not whole yet.
 * @retval TLSFP_NOT_HELLO it is no hello, or the bytes are no TLS records.
 * @retval TLSFP_TOO_LARGE it cannot end below the limit.
 */
TLSFP_API tlsfp_status tlsfp_stream_message(const tlsfp_stream *stream, tlsfp_span *out);

/**
 * Goes on to the message after a whole one: a second hello after HelloRetryRequest, or in the same
 * record. Records that may stand between two hellos (change_cipher_spec, alert) are passed over.
 * @return as tlsfp_stream_message(); while the message at the front is not whole, nothing changes.
 */
TLSFP_API tlsfp_status tlsfp_stream_next(tlsfp_stream *stream);

/**
 * What ended the search for hellos in TLS records: the bytes from the header on of the first record
 * that holds no handshake, change_cipher_spec or alert, such as early data (RFC 8446 4.2.10),
 * behind which a second hello may follow. Nothing while there is no such record.
 * @return borrowed from @p stream, as a message is.
 */
TLSFP_API tlsfp_span tlsfp_stream_rest(const tlsfp_stream *stream);

/** Whether nothing has come but whole messages that tlsfp_stream_next() went past. Such a stream
 * needs little memory. */
TLSFP_API bool tlsfp_stream_is_empty(const tlsfp_stream *stream);

/** Bytes of memory that @p stream holds. */
TLSFP_API size_t tlsfp_stream_memory(const tlsfp_stream *stream);

G_END_DECLS

#endif
