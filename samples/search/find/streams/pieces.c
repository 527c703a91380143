/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/pieces.h"

#include <string.h>
#include <tlsfp/reader.h>

#include "find/streams/hello_start.h"

enum { OVERHEAD = 2 * 16 }; /* of two allocations */

struct pieces {
    struct rb_tree tree;
    size_t n_pieces, n_bytes;
};

/** How far @p b lies behind @p a; sequence numbers go round, RFC 9293 3.4. */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(b - a);
}

/** The node is a piece's first member. */
static struct piece *at(struct rb_node *node)
{
    return (struct piece *)node;
}

static struct piece *next_of(const struct piece *piece)
{
    return at(rb_next(&piece->node));
}

struct pieces *pieces_new(void)
{
    return g_new0(struct pieces, 1);
}

void piece_free(struct piece *piece)
{
    g_free(piece->data);
    g_free(piece);
}

static void take_out(struct pieces *pieces, struct piece *piece)
{
    rb_erase(&pieces->tree, &piece->node);
    pieces->n_pieces--;
    pieces->n_bytes -= piece->len;
}

struct piece *pieces_take(struct pieces *pieces)
{
    struct piece *first = at(rb_first(&pieces->tree));
    if (first != NULL)
        take_out(pieces, first);
    return first;
}

void pieces_free(struct pieces *pieces)
{
    struct piece *first;
    if (pieces == NULL)
        return;
    while ((first = pieces_take(pieces)) != NULL)
        piece_free(first);
    g_free(pieces);
}

static struct piece *make_piece(struct pieces *pieces, uint32_t seq, tlsfp_span bytes)
{
    struct piece *piece = g_new0(struct piece, 1);
    piece->seq = seq;
    piece->len = (uint32_t)bytes.len;
    piece->end = seq + piece->len;
    piece->data = g_memdup2(bytes.data, bytes.len);
    pieces->n_pieces++;
    pieces->n_bytes += bytes.len;
    return piece;
}

/** Appends a segment to the piece before it (tcp_ooo_try_coalesce()). */
static bool merge(struct pieces *pieces, struct piece *piece, uint32_t seq, tlsfp_span bytes,
                  bool fin)
{
    if (piece->end != seq || piece->room < bytes.len)
        return false;
    if (piece->mark == 0 && starts_at_front(bytes, ANYWHERE) == START_FOUND)
        piece->mark = piece->len;
    if (bytes.len > 0) {
        piece->data = g_realloc(piece->data, piece->len + bytes.len);
        memcpy(piece->data + piece->len, bytes.data, bytes.len);
    }
    piece->end += (uint32_t)bytes.len + fin;
    piece->fin |= fin;
    piece->len += (uint32_t)bytes.len;
    piece->room -= (uint32_t)bytes.len;
    pieces->n_bytes += bytes.len;
    return true;
}

/** Removes the pieces behind @p piece that end with it, or before. */
static void remove_covered(struct pieces *pieces, const struct piece *piece)
{
    struct piece *next;
    while ((next = next_of(piece)) != NULL && distance(next->end, piece->end) >= 0) {
        take_out(pieces, next);
        piece_free(next);
    }
}

/** As a server holds a segment. */
static struct piece *make_segment(struct pieces *pieces, uint32_t seq, tlsfp_span bytes, bool fin,
                                  uint32_t room)
{
    struct piece *piece = make_piece(pieces, seq, bytes);
    piece->end += fin;
    piece->fin = fin;
    piece->room = room;
    return piece;
}

static void replace(struct pieces *pieces, struct piece *old, struct piece *piece)
{
    rb_replace(&pieces->tree, &old->node, &piece->node);
    pieces->n_pieces--;
    pieces->n_bytes -= old->len;
    piece_free(old);
    remove_covered(pieces, piece);
}

/** The last piece; NULL where there is none. */
static struct piece *last_of(const struct pieces *pieces)
{
    struct rb_node *node = pieces->tree.root;
    while (node != NULL && node->right != NULL)
        node = node->right;
    return at(node);
}

void pieces_add(struct pieces *pieces, uint32_t seq, tlsfp_span bytes, bool fin, uint32_t room)
{
    uint32_t end = seq + (uint32_t)bytes.len + fin;
    struct rb_node **link = &pieces->tree.root, *parent = NULL;
    struct piece *last = last_of(pieces);
    if (end == seq || (last != NULL && merge(pieces, last, seq, bytes, fin)))
        return;
    if (last != NULL && distance(last->end, seq) >= 0) { /* then Linux tries no other */
        parent = &last->node;
        link = &parent->right;
    }
    while (*link != NULL) {
        struct piece *held = at(*link);
        parent = *link;
        if (distance(seq, held->seq) > 0) {
            link = &parent->left;
            continue;
        }
        if (distance(seq, held->end) > 0) {
            if (distance(end, held->end) >= 0)
                return;
            if (held->seq == seq) {
                replace(pieces, held, make_segment(pieces, seq, bytes, fin, room));
                return;
            }
        } else if (merge(pieces, held, seq, bytes, fin))
            return;
        link = &parent->right;
    }
    struct piece *piece = make_segment(pieces, seq, bytes, fin, room);
    rb_insert(&pieces->tree, &piece->node, parent, link);
    remove_covered(pieces, piece);
}

/** The last piece that starts at or before @p seq, or NULL. */
static struct piece *find_before(const struct pieces *pieces, uint32_t seq)
{
    struct piece *found = NULL;
    for (struct rb_node *node = pieces->tree.root; node != NULL;) {
        bool is_behind = distance(seq, at(node)->seq) > 0;
        if (!is_behind)
            found = at(node);
        node = is_behind ? node->left : node->right;
    }
    return found;
}

/** Puts in a piece that nothing held overlaps. */
static void insert(struct pieces *pieces, uint32_t seq, tlsfp_span bytes)
{
    struct rb_node **link = &pieces->tree.root, *parent = NULL;
    while (*link != NULL) {
        parent = *link;
        link = distance(seq, at(parent)->seq) > 0 ? &parent->left : &parent->right;
    }
    rb_insert(&pieces->tree, &make_piece(pieces, seq, bytes)->node, parent, link);
}

/** Passes over the bytes that @p held has. */
static void pass_held(const struct piece *held, uint32_t *seq, tlsfp_span *bytes)
{
    int32_t covered = distance(*seq, held->end);
    if (covered > 0)
        *seq += (uint32_t)take_up_to(bytes, (uint32_t)covered).len;
}

void pieces_fill(struct pieces *pieces, uint32_t seq, tlsfp_span bytes)
{
    struct piece *held = find_before(pieces, seq);
    if (held != NULL)
        pass_held(held, &seq, &bytes);
    held = held != NULL ? next_of(held) : at(rb_first(&pieces->tree));
    while (bytes.len > 0) { /* what lies before the held piece, then past that */
        uint64_t gap = held != NULL ? (uint32_t)distance(seq, held->seq) : bytes.len;
        tlsfp_span part = take_up_to(&bytes, gap);
        if (part.len > 0)
            insert(pieces, seq, part);
        seq += (uint32_t)part.len;
        if (held == NULL)
            return;
        pass_held(held, &seq, &bytes);
        held = next_of(held);
    }
}

const struct piece *pieces_first(const struct pieces *pieces)
{
    return at(rb_first(&pieces->tree));
}

size_t pieces_peek(const struct pieces *pieces, uint32_t seq, uint8_t *out, size_t len)
{
    size_t n = 0;
    for (const struct piece *held = find_before(pieces, seq); held != NULL && n < len;
         held = next_of(held)) {
        tlsfp_span rest = {held->data, held->len};
        int32_t skip = distance(held->seq, seq + (uint32_t)n);
        if (skip < 0)
            break;
        (void)take_up_to(&rest, (uint32_t)skip);
        cut(&rest, len - n);
        if (rest.len > 0)
            memcpy(out + n, rest.data, rest.len);
        n += rest.len;
    }
    return n;
}

size_t pieces_count(const struct pieces *pieces)
{
    return pieces->n_pieces;
}

size_t pieces_bytes(const struct pieces *pieces)
{
    return pieces->n_bytes;
}

size_t pieces_memory(const struct pieces *pieces)
{
    return sizeof *pieces + pieces->n_bytes + pieces->n_pieces * (sizeof(struct piece) + OVERHEAD);
}
