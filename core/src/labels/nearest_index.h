/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The distinct shapes of known clients by what they have: each feature has a row, which holds a bit
 * for each shape, or where few shapes have it their numbers.
 */
#ifndef TLSFP_NEAREST_INDEX_H
#define TLSFP_NEAREST_INDEX_H

#include "labels/clients.h"
#include "labels/features.h"

enum {
    WORD_BITS = 64,
    BLOCK_WORDS = 8, /* words of a row that are added up together: a cache line */
    BLOCK_BITS = BLOCK_WORDS * WORD_BITS,
};

/** Where a feature's row is. */
typedef struct {
    uint64_t key;
    uint32_t row; /* NO_ROW: nothing is here */
} slot;

/** The shapes that have a value. */
typedef struct {
    uint32_t n;
    uint32_t *numbers; /* where they are few: which, n of them */
    uint64_t *bits;    /* else: n_words; a bit for each shape */
} nearest_row;

struct nearest_index {
    size_t n_shapes, n_words;      /* words: of a row, whole blocks */
    slot *slots;                   /* by the keys' hashes, at least half of them empty */
    size_t n_slots;                /* a power of two */
    GArray *rows;                  /* of nearest_row */
    uint32_t *numbers;             /* what the rows point to */
    uint64_t *bits;                /* likewise; the last n_words are an empty row */
    const uint64_t *no_bits;       /* the empty row */
    unsigned (*totals)[N_ASPECTS]; /* of each shape */
    unsigned *sums;                /* theirs, over all aspects */
    unsigned *known;
    GArray **members; /* the clients with each shape, by number */
};

/** @return the index of @p clients, which must stay as they are; to be freed with
 * nearest_index_free() in labels/clients.h. */
nearest_index *nearest_index_new(const tlsfp_clients *clients);

/** The row of a feature; NULL where no client has it. */
const nearest_row *nearest_index_find(const nearest_index *index, const shape_feature *feature);

#endif
