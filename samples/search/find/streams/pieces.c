/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/pieces.h"

#include <string.h>

static piece *at(const GArray *pieces, guint index)
{
    return &g_array_index(pieces, piece, index);
}

/** How far @p b lies behind @p a; sequence numbers go round, RFC 9293 3.4. */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(b - a);
}

static void clear_piece(gpointer data)
{
    g_free(((piece *)data)->data);
}

GArray *pieces_new(void)
{
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(piece));
    g_array_set_clear_func(pieces, clear_piece);
    return pieces;
}

static void insert(GArray *pieces, guint index, uint32_t seq, tlsfp_span bytes)
{
    piece added = {seq, (uint32_t)bytes.len, g_memdup2(bytes.data, bytes.len)};
    g_array_insert_val(pieces, index, added);
}

static void advance(tlsfp_span *bytes, uint32_t *seq, size_t len)
{
    len = MIN(len, bytes->len);
    *bytes = (tlsfp_span){bytes->data + len, bytes->len - len};
    *seq += (uint32_t)len;
}

size_t pieces_add(GArray *pieces, uint32_t seq, tlsfp_span bytes)
{
    size_t n_added = 0;
    guint index = pieces->len;
    while (index > 0 && distance(seq, at(pieces, index - 1)->seq + at(pieces, index - 1)->len) > 0)
        index--;
    while (bytes.len > 0) { /* what lies before the piece at index, then past that */
        int32_t before = index < pieces->len ? distance(seq, at(pieces, index)->seq) : G_MAXINT32;
        if (before > 0) {
            tlsfp_span part = {bytes.data, MIN(bytes.len, (size_t)before)};
            insert(pieces, index++, seq, part);
            n_added += part.len;
            advance(&bytes, &seq, part.len);
        } else {
            int32_t covered = distance(seq, at(pieces, index)->seq + at(pieces, index)->len);
            advance(&bytes, &seq, (size_t)MAX(covered, 0));
            index++;
        }
    }
    return n_added;
}

piece pieces_take(GArray *pieces)
{
    piece first = *at(pieces, 0);
    at(pieces, 0)->data = NULL; /* the caller's now */
    g_array_remove_index(pieces, 0);
    return first;
}

const piece *pieces_first(const GArray *pieces)
{
    return at(pieces, 0);
}

size_t pieces_peek(const GArray *pieces, uint32_t seq, uint8_t *out, size_t len)
{
    size_t n = 0;
    for (guint i = 0; i < pieces->len && n < len; i++) {
        const piece *held = at(pieces, i);
        int32_t skip = distance(held->seq, seq + (uint32_t)n);
        if (skip < 0)
            break;
        if ((uint32_t)skip >= held->len)
            continue;
        size_t part = MIN(len - n, held->len - (uint32_t)skip);
        memcpy(out + n, held->data + skip, part);
        n += part;
    }
    return n;
}

size_t pieces_memory(const GArray *pieces)
{
    size_t memory = 0;
    for (guint i = 0; i < pieces->len; i++)
        memory += sizeof(piece) + at(pieces, i)->len + 2 * sizeof(size_t);
    return memory;
}
