/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Pieces of a stream that came too early, ordered by sequence number: TCP segments. */
#ifndef SEARCH_PIECES_H
#define SEARCH_PIECES_H

#include <tlsfp/types.h>

#include "find/streams/rbtree.h"

struct piece {
    struct rb_node node;
    uint32_t seq;
    uint32_t len;
    uint32_t end;  /* the number behind it: a FIN takes one, RFC 9293 3.4 */
    bool fin;      /* nothing counts behind it */
    uint32_t room; /* bytes that may still be appended */
    uint32_t mark; /* where a segment that starts a hello was appended; 0: nowhere */
    uint8_t *data; /* owned */
};

struct pieces;

/** @return a new, empty list; owned by the caller, to be freed with pieces_free(). */
struct pieces *pieces_new(void);

/** Frees @p pieces; NULL is fine. */
void pieces_free(struct pieces *pieces);

/**
 * Adds a TCP segment as Linux's out-of-order queue does (tcp_data_queue_ofo()). One that follows a
 * held one directly becomes a part of it where that has room; one that a held one covers whole is
 * dropped; it takes the place of those that it covers whole. Of two that overlap in part, the one
 * that starts earlier has the bytes.
 * @param bytes may be empty where @p fin is set.
 * @param room bytes that fit behind these in the server's buffer.
 */
void pieces_add(struct pieces *pieces, uint32_t seq, tlsfp_span bytes, bool fin, uint32_t room);

/** Adds what of @p bytes is not in the list yet: the bytes that came first stay. */
void pieces_fill(struct pieces *pieces, uint32_t seq, tlsfp_span bytes);

/** The piece in front; NULL where there is none. */
const struct piece *pieces_first(const struct pieces *pieces);

/** Takes off the piece in front, if there is one; the caller's to free with piece_free(). */
struct piece *pieces_take(struct pieces *pieces);

/** Frees what pieces_take() gave. */
void piece_free(struct piece *piece);

/** Copies the bytes from @p seq on into @p out, as far as they follow each other; returns how many.
 */
size_t pieces_peek(const struct pieces *pieces, uint32_t seq, uint8_t *out, size_t len);

/** How many pieces there are. */
size_t pieces_count(const struct pieces *pieces);

/** Bytes held; those that two pieces hold count twice. */
size_t pieces_bytes(const struct pieces *pieces);

/** Bytes of memory that the list takes. */
size_t pieces_memory(const struct pieces *pieces);

#endif
