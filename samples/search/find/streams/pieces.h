/* SPDX-License-Identifier: BSD-3-Clause */
/** @file TCP segments that came before those in front of them, in the order of their sequence
 * numbers. */
#ifndef SEARCH_PIECES_H
#define SEARCH_PIECES_H

#include <tlsfp/types.h>

typedef struct {
    uint32_t seq;
    uint32_t len;
    uint8_t *data; /* owned */
} piece;

/** @return a new, empty list; owned by the caller, to be freed with g_array_unref(). */
GArray *pieces_new(void);

/** Adds what of @p bytes is not in the list yet; returns how many bytes that was. */
size_t pieces_add(GArray *pieces, uint32_t seq, tlsfp_span bytes);

/** Takes off the piece in front, whose data is the caller's to free. */
piece pieces_take(GArray *pieces);

/** The piece in front; there must be one. */
const piece *pieces_first(const GArray *pieces);

/** Copies the bytes from @p seq on into @p out, as far as they follow each other; returns how many.
 */
size_t pieces_peek(const GArray *pieces, uint32_t seq, uint8_t *out, size_t len);

/** Bytes of memory that the list holds. */
size_t pieces_memory(const GArray *pieces);

#endif
