/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The search: the rows of what a query has are added up; those of bits many shapes at a time: sums
 * are kept as planes, one for each binary digit, as in Harley and Seal's population count. That
 * gives the weight of what each shape has in common with the query.
 */
#include <string.h>

#include "labels/nearest_index.h"

enum {
    N_PLANES = 12,     /* digits of a sum: enough for all weights together */
    N_WEIGHT_BITS = 4, /* digits of a weight */
    GROUP = 8,         /* rows that are added up together */
};

/** What a query looks for. */
typedef struct {
    const nearest_index *index;
    shape_features has;
    GPtrArray *rows[N_WEIGHT_BITS]; /* of bits, by the digits of their weights: a weight of 3 is in
                                       two of them; padded to whole groups */
    uint16_t *sparse;               /* the sums of the other rows, by shape */
} search;

static void add_row(search *query, const nearest_row *found, unsigned weight)
{
    for (uint32_t i = 0; found->bits == NULL && i < found->n; i++)
        query->sparse[found->numbers[i]] += (uint16_t)weight;
    for (unsigned bit = 0; found->bits != NULL && bit < N_WEIGHT_BITS; bit++)
        if ((weight >> bit & 1) != 0)
            g_ptr_array_add(query->rows[bit], found->bits);
}

static void start_search(search *query, const nearest_index *index, const tlsfp_shape *shape)
{
    *query = (search){.index = index, .has = features_of(shape, true)};
    const GArray *list = query->has.list;
    query->sparse = g_new0(uint16_t, index->n_shapes);
    for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
        query->rows[bit] = g_ptr_array_sized_new(list->len + GROUP);
    for (guint i = 0; i < list->len; i++) {
        const shape_feature *has = &g_array_index(list, shape_feature, i);
        const nearest_row *row = nearest_index_find(index, has);
        if (row != NULL)
            add_row(query, row, has->weight);
    }
    for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
        while (query->rows[bit]->len % GROUP != 0)
            g_ptr_array_add(query->rows[bit], (gpointer)index->no_bits);
}

static void end_search(search *query)
{
    for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
        g_ptr_array_unref(query->rows[bit]);
    features_clear(&query->has);
    g_free(query->sparse);
}

/** Adds three digits: what stays goes to @p sum, what carries to @p carry. */
static void add_digits(uint64_t *restrict sum, const uint64_t *restrict a,
                       const uint64_t *restrict b, uint64_t *restrict carry)
{
    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        const uint64_t either = sum[i] ^ a[i];
        carry[i] = (sum[i] & a[i]) | (either & b[i]);
        sum[i] = either ^ b[i];
    }
}

/** Adds a digit to a sum, at a plane and those that it carries to. */
static void add_plane(uint64_t planes[N_PLANES][BLOCK_WORDS], unsigned plane,
                      const uint64_t digit[BLOCK_WORDS])
{
    uint64_t carry[BLOCK_WORDS], any = 1;
    memcpy(carry, digit, sizeof carry);
    for (; any != 0 && plane < N_PLANES; plane++) {
        any = 0;
        for (size_t i = 0; i < BLOCK_WORDS; i++) {
            const uint64_t next = planes[plane][i] & carry[i];
            planes[plane][i] ^= carry[i];
            carry[i] = next;
            any |= next;
        }
    }
}

/** Adds up a block of rows, whose weight is 2 to the power of @p bit. */
static void add_rows(uint64_t planes[N_PLANES][BLOCK_WORDS], const GPtrArray *rows, size_t word,
                     unsigned bit)
{
    uint64_t ones[BLOCK_WORDS] = {0}, twos[BLOCK_WORDS] = {0}, fours[BLOCK_WORDS] = {0};
    uint64_t two_a[BLOCK_WORDS], two_b[BLOCK_WORDS], four_a[BLOCK_WORDS], four_b[BLOCK_WORDS];
    uint64_t eight[BLOCK_WORDS];
    for (guint i = 0; i < rows->len; i += GROUP) {
        const uint64_t *group[GROUP];
        for (guint j = 0; j < GROUP; j++)
            group[j] = (const uint64_t *)g_ptr_array_index(rows, i + j) + word;
        add_digits(ones, group[0], group[1], two_a);
        add_digits(ones, group[2], group[3], two_b);
        add_digits(twos, two_a, two_b, four_a);
        add_digits(ones, group[4], group[5], two_a);
        add_digits(ones, group[6], group[7], two_b);
        add_digits(twos, two_a, two_b, four_b);
        add_digits(fours, four_a, four_b, eight);
        add_plane(planes, bit + 3, eight);
    }
    add_plane(planes, bit, ones);
    add_plane(planes, bit + 1, twos);
    add_plane(planes, bit + 2, fours);
}

/** Eight bits as eight bytes of 0 or 1, the lowest first. */
static uint64_t spread(uint64_t bits)
{
    const uint64_t each = bits * 0x0101010101010101U & 0x8040201008040201U;
    return (each + 0x7f7f7f7f7f7f7f7fU) >> 7 & 0x0101010101010101U;
}

/** Reads the sums of a block's shapes off their planes, eight shapes at a time. */
static void read_sums(uint64_t planes[N_PLANES][BLOCK_WORDS], uint16_t sums[BLOCK_BITS])
{
    for (size_t at = 0; at < BLOCK_BITS; at += 8) {
        uint64_t low = 0, high = 0; /* halves of eight sums */
        for (unsigned plane = 0; plane < N_PLANES; plane++) {
            const uint64_t digits = planes[plane][at / WORD_BITS] >> at % WORD_BITS & 0xff;
            if (plane < 8)
                low |= spread(digits) << plane;
            else
                high |= spread(digits) << (plane - 8);
        }
        for (unsigned i = 0; i < 8; i++)
            sums[at + i] = (uint16_t)((low >> 8 * i & 0xff) | (high >> 8 * i & 0xff) << 8);
    }
}

/** The weight of all that one of them has, over the aspects known of both. */
static unsigned weight_of_both(const search *query, size_t shape)
{
    const unsigned known = query->index->known[shape] & query->has.known;
    unsigned all = 0;
    for (unsigned i = 0; i < N_ASPECTS; i++)
        if ((known >> i & 1) != 0)
            all += query->index->totals[shape][i] + query->has.totals[i];
    return all;
}

static bool is_before(const tlsfp_near *first, guint first_number, const tlsfp_near *second,
                      guint second_number)
{
    if (first->distance != second->distance)
        return first->distance < second->distance;
    if (first->client->kind != second->client->kind)
        return first->client->kind < second->client->kind;
    return first_number < second_number;
}

/** The nearest so far, in order. */
typedef struct {
    tlsfp_near *out;
    guint *numbers;
    size_t n, max;
} ranking;

static void rank(const tlsfp_clients *clients, ranking *best, guint number, unsigned distance)
{
    const tlsfp_near next = {tlsfp_clients_get(clients, number), distance};
    size_t at = best->n;
    while (at > 0 && is_before(&next, number, &best->out[at - 1], best->numbers[at - 1]))
        at--;
    if (at == best->max)
        return;
    if (best->n < best->max)
        best->n++;
    for (size_t i = best->n - 1; i > at; i--) {
        best->out[i] = best->out[i - 1];
        best->numbers[i] = best->numbers[i - 1];
    }
    best->out[at] = next;
    best->numbers[at] = number;
}

/** Ranks the shapes of a block: the weight of what both have says what only one of them has. */
static void rank_block(const tlsfp_clients *clients, const search *query, size_t first,
                       const uint16_t sums[BLOCK_BITS], ranking *best)
{
    const nearest_index *index = query->index;
    const size_t n = MIN(index->n_shapes - first, BLOCK_BITS);
    unsigned query_sum = 0,
             known_before = 0; /* over these aspects; most shapes are alike in that */
    for (size_t i = 0; i < n; i++) {
        const size_t shape = first + i;
        const unsigned known = index->known[shape];
        unsigned all;
        if ((known & ~query->has.known) != 0) {
            all = weight_of_both(query, shape);
        } else {
            if (known != known_before) {
                query_sum = weight_of_both(query, shape) - index->sums[shape];
                known_before = known;
            }
            all = index->sums[shape] + query_sum;
        }
        const unsigned distance = all - 2 * ((unsigned)sums[i] + query->sparse[shape]);
        if (best->n == best->max && distance > best->out[best->max - 1].distance)
            continue;
        const GArray *members = index->members[shape];
        for (guint j = 0; j < members->len; j++)
            rank(clients, best, g_array_index(members, guint, j), distance);
    }
}

size_t tlsfp_clients_nearest(tlsfp_clients *clients, const tlsfp_shape *shape, tlsfp_near *out,
                             size_t n_out)
{
    if (n_out == 0 || clients->clients->len == 0)
        return 0;
    if (clients->index == NULL)
        clients->index = nearest_index_new(clients);
    search query;
    ranking best = {.out = out, .numbers = g_new(guint, n_out), .max = n_out};
    start_search(&query, clients->index, shape);
    for (size_t word = 0; word < clients->index->n_words; word += BLOCK_WORDS) {
        uint64_t planes[N_PLANES][BLOCK_WORDS] = {{0}};
        uint16_t sums[BLOCK_BITS];
        for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
            add_rows(planes, query.rows[bit], word, bit);
        read_sums(planes, sums);
        rank_block(clients, &query, word * WORD_BITS, sums, &best);
    }
    g_free(best.numbers);
    end_search(&query);
    return best.n;
}
