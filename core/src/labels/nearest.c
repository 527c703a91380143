/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The search: each value that a known client sent is a row of bits, one for each distinct shape.
 * The rows of a query's values are added up, many shapes at a time: sums are kept as planes, one
 * for each binary digit, as in Harley and Seal's population count. That gives the weight of what
 * each shape has in common with the query.
 */
#include <stdlib.h>
#include <string.h>

#include "labels/clients.h"
#include "labels/shape.h"

enum {
    MAX_VALUES_OF_LIST = 128,
    N_PLANES = 12,     /* digits of a sum: enough for all weights together */
    N_WEIGHT_BITS = 4, /* digits of a weight */
    WORD_BITS = 64,
    BLOCK_WORDS = 8, /* words of a row that are added up together: a cache line */
    BLOCK_BITS = BLOCK_WORDS * WORD_BITS,
    GROUP = 8, /* rows that are added up together */
    NO_ROW = 0x7fffffff,
};

/** What is compared on its own, and known or unknown on its own. */
typedef enum {
    ASPECT_TRANSPORT,
    ASPECT_VERSION,
    ASPECT_LEGACY_VERSION,
    ASPECT_ALPN,
    ASPECT_CIPHER_SUITES,
    ASPECT_EXTENSIONS,
    ASPECT_GROUPS,
    ASPECT_SIGNATURE_ALGORITHMS,
    ASPECT_POINT_FORMATS,
    ASPECT_CIPHER_ORDER,
    ASPECT_EXTENSION_ORDER,
    ASPECT_GROUP_ORDER,
    N_ASPECTS
} aspect;

/** Something that a shape has: an aspect, and a value or two neighbours, as one number. */
typedef struct {
    uint64_t key;
    aspect of;
    unsigned weight;
} feature;

typedef struct {
    GArray *list;   /* of feature, each once */
    unsigned known; /* aspects, as bits */
    unsigned totals[N_ASPECTS];
} features;

/** Where a key's row is. */
typedef struct {
    uint64_t key;
    uint32_t row; /* NO_ROW: nothing is here */
} slot;

struct nearest_index {
    size_t n_shapes, n_words; /* words: of a row, whole blocks */
    slot *slots;              /* by the keys' hashes, at least half of them empty */
    size_t n_slots;           /* a power of two */
    size_t n_rows;
    uint64_t *bits;                /* n_words for each row; the last row is empty */
    unsigned (*totals)[N_ASPECTS]; /* of each shape */
    unsigned *known;
    GArray **members; /* the clients with each shape, by number */
};

static unsigned weight_of(aspect of, uint16_t value)
{
    switch (of) {
    case ASPECT_TRANSPORT:
    case ASPECT_VERSION:
        return 8;
    case ASPECT_EXTENSIONS:
        return shape_is_passing(value) ? 1 : 4;
    case ASPECT_CIPHER_SUITES:
    case ASPECT_GROUPS:
        return 3;
    case ASPECT_SIGNATURE_ALGORITHMS:
        return 2;
    default:
        return 1;
    }
}

static void add_feature(features *found, aspect of, uint64_t value, unsigned weight)
{
    const feature added = {(uint64_t)of << 32 | value, of, weight};
    g_array_append_val(found->list, added);
    found->totals[of] += weight;
}

static int by_key(const void *a, const void *b)
{
    const uint64_t first = ((const feature *)a)->key, second = ((const feature *)b)->key;
    return first < second ? -1 : first > second;
}

/** The first values of a part, each once. Returns how many. */
static size_t take_values(const uint16_t *values, size_t n, uint16_t out[MAX_VALUES_OF_LIST])
{
    uint64_t seen[0x10000 / WORD_BITS] = {0};
    size_t n_out = 0;
    n = MIN(n, MAX_VALUES_OF_LIST);
    for (size_t i = 0; i < n; i++) {
        const uint64_t bit = 1ULL << (values[i] % WORD_BITS);
        if ((seen[values[i] / WORD_BITS] & bit) == 0)
            out[n_out++] = values[i];
        seen[values[i] / WORD_BITS] |= bit;
    }
    return n_out;
}

static void add_values(features *found, const tlsfp_shape *shape, tlsfp_part part, aspect of,
                       aspect order)
{
    const uint16_t *values;
    uint16_t taken[MAX_VALUES_OF_LIST];
    size_t n;
    bool ordered;
    if (!tlsfp_shape_values(shape, part, &values, &n, &ordered))
        return;
    n = take_values(values, n, taken);
    found->known |= 1U << of;
    for (size_t i = 0; i < n; i++)
        add_feature(found, of, taken[i], weight_of(of, taken[i]));
    if (order == N_ASPECTS || !ordered)
        return;
    found->known |= 1U << order;
    for (size_t i = 1; i < n; i++)
        add_feature(found, order, (uint64_t)taken[i - 1] << 16 | taken[i], 1);
}

static features features_of(const tlsfp_shape *shape, bool keeps_order)
{
    features found = {.list = g_array_new(FALSE, FALSE, sizeof(feature))};
    const aspect extension_order = keeps_order ? ASPECT_EXTENSION_ORDER : N_ASPECTS;
    add_values(&found, shape, TLSFP_PART_TRANSPORT, ASPECT_TRANSPORT, N_ASPECTS);
    add_values(&found, shape, TLSFP_PART_VERSION, ASPECT_VERSION, N_ASPECTS);
    add_values(&found, shape, TLSFP_PART_LEGACY_VERSION, ASPECT_LEGACY_VERSION, N_ASPECTS);
    add_values(&found, shape, TLSFP_PART_ALPN, ASPECT_ALPN, N_ASPECTS);
    add_values(&found, shape, TLSFP_PART_CIPHER_SUITES, ASPECT_CIPHER_SUITES, ASPECT_CIPHER_ORDER);
    add_values(&found, shape, TLSFP_PART_EXTENSIONS, ASPECT_EXTENSIONS, extension_order);
    add_values(&found, shape, TLSFP_PART_GROUPS, ASPECT_GROUPS, ASPECT_GROUP_ORDER);
    add_values(&found, shape, TLSFP_PART_SIGNATURE_ALGORITHMS, ASPECT_SIGNATURE_ALGORITHMS,
               N_ASPECTS);
    add_values(&found, shape, TLSFP_PART_POINT_FORMATS, ASPECT_POINT_FORMATS, N_ASPECTS);
    return found;
}

/* ---- the index ---- */

void nearest_index_free(nearest_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->n_shapes; i++)
        g_array_unref(index->members[i]);
    g_free(index->slots);
    g_free(index->bits);
    g_free(index->totals);
    g_free(index->known);
    g_free(index->members);
    g_free(index);
}

static guint hash_features(gconstpointer data)
{
    const features *found = data;
    uint64_t hash = found->known;
    for (guint i = 0; i < found->list->len; i++)
        hash = (hash ^ g_array_index(found->list, feature, i).key) * 0x9e3779b97f4a7c15U;
    return (guint)(hash >> 32);
}

static gboolean same_features(gconstpointer a, gconstpointer b)
{
    const features *first = a, *second = b;
    if (first->known != second->known || first->list->len != second->list->len)
        return FALSE;
    for (guint i = 0; i < first->list->len; i++)
        if (g_array_index(first->list, feature, i).key !=
            g_array_index(second->list, feature, i).key)
            return FALSE;
    return TRUE;
}

static void free_features(gpointer data)
{
    features *found = data;
    g_array_unref(found->list);
    g_free(found);
}

/** Gives each distinct shape its column, and each client its shape. */
static GPtrArray *number_shapes(const tlsfp_clients *clients, GPtrArray *members)
{
    GPtrArray *shapes = g_ptr_array_new_with_free_func(free_features);
    GHashTable *numbers = g_hash_table_new(hash_features, same_features);
    for (guint i = 0; i < clients->clients->len; i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        features *found = g_new(features, 1);
        *found = features_of(client->shape, client->ja3 != NULL);
        g_array_sort(found->list, by_key);
        gpointer number;
        if (g_hash_table_lookup_extended(numbers, found, NULL, &number)) {
            free_features(found);
        } else {
            number = GUINT_TO_POINTER(shapes->len);
            g_hash_table_insert(numbers, found, number);
            g_ptr_array_add(shapes, found);
            g_ptr_array_add(members, g_array_new(FALSE, FALSE, sizeof(guint)));
        }
        g_array_append_val(g_ptr_array_index(members, GPOINTER_TO_UINT(number)), i);
    }
    g_hash_table_unref(numbers);
    return shapes;
}

/** The slot of a key, or the empty one where it would be. */
static slot *find_slot(const nearest_index *index, uint64_t key)
{
    const size_t mask = index->n_slots - 1;
    size_t at = (size_t)(key * 0x9e3779b97f4a7c15U >> 32) & mask;
    while (index->slots[at].row != NO_ROW && index->slots[at].key != key)
        at = (at + 1) & mask;
    return &index->slots[at];
}

/** Gives each value its row. */
static void number_rows(nearest_index *index, const GPtrArray *shapes)
{
    size_t n_features = 1;
    for (guint i = 0; i < shapes->len; i++)
        n_features += ((const features *)g_ptr_array_index(shapes, i))->list->len;
    for (index->n_slots = 1; index->n_slots < 2 * n_features;)
        index->n_slots *= 2;
    index->slots = g_new(slot, index->n_slots);
    for (size_t i = 0; i < index->n_slots; i++)
        index->slots[i].row = NO_ROW;
    for (guint i = 0; i < shapes->len; i++) {
        const features *found = g_ptr_array_index(shapes, i);
        for (guint j = 0; j < found->list->len; j++) {
            const uint64_t key = g_array_index(found->list, feature, j).key;
            slot *place = find_slot(index, key);
            if (place->row == NO_ROW)
                *place = (slot){key, (uint32_t)index->n_rows++};
        }
    }
}

static void fill_bits(nearest_index *index, const GPtrArray *shapes)
{
    index->bits = g_new0(uint64_t, (index->n_rows + 1) * index->n_words);
    for (guint i = 0; i < shapes->len; i++) {
        const features *found = g_ptr_array_index(shapes, i);
        memcpy(index->totals[i], found->totals, sizeof found->totals);
        index->known[i] = found->known;
        for (guint j = 0; j < found->list->len; j++) {
            size_t row = find_slot(index, g_array_index(found->list, feature, j).key)->row;
            index->bits[row * index->n_words + i / WORD_BITS] |= 1ULL << (i % WORD_BITS);
        }
    }
}

static nearest_index *make_index(const tlsfp_clients *clients)
{
    nearest_index *index = g_new0(nearest_index, 1);
    GPtrArray *members = g_ptr_array_new();
    GPtrArray *shapes = number_shapes(clients, members);
    index->n_shapes = shapes->len;
    index->n_words = (shapes->len + BLOCK_BITS - 1) / BLOCK_BITS * BLOCK_WORDS;
    index->members = (GArray **)g_ptr_array_free(members, FALSE);
    index->totals = g_malloc0_n(shapes->len, sizeof *index->totals);
    index->known = g_new0(unsigned, shapes->len);
    number_rows(index, shapes);
    fill_bits(index, shapes);
    g_ptr_array_unref(shapes);
    return index;
}

/* ---- the search ---- */

/** Rows by the digit of their weight: a weight of 3 has its row in two lists. */
typedef struct {
    GPtrArray *of[N_WEIGHT_BITS]; /* of rows, padded to whole groups */
} weighed_rows;

static weighed_rows collect_rows(const nearest_index *index, const features *query)
{
    weighed_rows rows;
    for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
        rows.of[bit] = g_ptr_array_sized_new(query->list->len + GROUP);
    for (guint i = 0; i < query->list->len; i++) {
        const feature *has = &g_array_index(query->list, feature, i);
        const slot *place = find_slot(index, has->key);
        for (unsigned bit = 0; place->row != NO_ROW && bit < N_WEIGHT_BITS; bit++)
            if ((has->weight >> bit & 1) != 0)
                g_ptr_array_add(rows.of[bit], index->bits + place->row * index->n_words);
    }
    for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
        while (rows.of[bit]->len % GROUP != 0)
            g_ptr_array_add(rows.of[bit], index->bits + index->n_rows * index->n_words);
    return rows;
}

static void free_rows(weighed_rows *rows)
{
    for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
        g_ptr_array_unref(rows->of[bit]);
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
        const uint64_t *of[GROUP];
        for (guint j = 0; j < GROUP; j++)
            of[j] = (const uint64_t *)g_ptr_array_index(rows, i + j) + word;
        add_digits(ones, of[0], of[1], two_a);
        add_digits(ones, of[2], of[3], two_b);
        add_digits(twos, two_a, two_b, four_a);
        add_digits(ones, of[4], of[5], two_a);
        add_digits(ones, of[6], of[7], two_b);
        add_digits(twos, two_a, two_b, four_b);
        add_digits(fours, four_a, four_b, eight);
        add_plane(planes, bit + 3, eight);
    }
    add_plane(planes, bit, ones);
    add_plane(planes, bit + 1, twos);
    add_plane(planes, bit + 2, fours);
}

/** Reads the sums of a block's shapes off their planes. */
static void read_sums(uint64_t planes[N_PLANES][BLOCK_WORDS], uint16_t sums[BLOCK_BITS])
{
    memset(sums, 0, BLOCK_BITS * sizeof *sums);
    for (unsigned plane = 0; plane < N_PLANES; plane++)
        for (size_t word = 0; word < BLOCK_WORDS; word++) {
            const uint64_t digits = planes[plane][word];
            if (digits == 0)
                continue;
            for (size_t i = 0; i < WORD_BITS; i++)
                sums[word * WORD_BITS + i] |= (uint16_t)((digits >> i & 1) << plane);
        }
}

/** The weight of what both have, from which follows what only one of them has. */
static unsigned distance_of(const nearest_index *index, size_t shape, const features *query,
                            unsigned in_common)
{
    const unsigned known = index->known[shape] & query->known;
    unsigned all = 0;
    for (unsigned i = 0; i < N_ASPECTS; i++)
        if ((known >> i & 1) != 0)
            all += index->totals[shape][i] + query->totals[i];
    return all - 2 * in_common;
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

/** Ranks the shapes of a block. */
static void rank_block(const tlsfp_clients *clients, const features *query, size_t first,
                       const uint16_t sums[BLOCK_BITS], ranking *best)
{
    const nearest_index *index = clients->index;
    const size_t n = MIN(index->n_shapes - first, BLOCK_BITS);
    for (size_t i = 0; i < n; i++) {
        const unsigned distance = distance_of(index, first + i, query, sums[i]);
        if (best->n == best->max && distance > best->out[best->max - 1].distance)
            continue;
        const GArray *members = index->members[first + i];
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
        clients->index = make_index(clients);
    features query = features_of(shape, true);
    weighed_rows rows = collect_rows(clients->index, &query);
    ranking best = {.out = out, .numbers = g_new(guint, n_out), .max = n_out};
    for (size_t word = 0; word < clients->index->n_words; word += BLOCK_WORDS) {
        uint64_t planes[N_PLANES][BLOCK_WORDS] = {{0}};
        uint16_t sums[BLOCK_BITS];
        for (unsigned bit = 0; bit < N_WEIGHT_BITS; bit++)
            add_rows(planes, rows.of[bit], word, bit);
        read_sums(planes, sums);
        rank_block(clients, &query, word * WORD_BITS, sums, &best);
    }
    g_free(best.numbers);
    free_rows(&rows);
    g_array_unref(query.list);
    return best.n;
}
