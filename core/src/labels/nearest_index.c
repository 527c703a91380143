/* SPDX-License-Identifier: BSD-3-Clause */
#include "labels/nearest_index.h"

#include <string.h>

enum { NO_ROW = 0x7fffffff };

void nearest_index_free(nearest_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->n_shapes; i++)
        g_array_unref(index->members[i]);
    g_array_unref(index->rows);
    g_free(index->slots);
    g_free(index->numbers);
    g_free(index->bits);
    g_free(index->totals);
    g_free(index->sums);
    g_free(index->known);
    g_free(index->members);
    g_free(index);
}

static void free_features(gpointer data)
{
    features_clear(data);
    g_free(data);
}

/** Gives each distinct shape its column, and each client its shape. */
static GPtrArray *number_shapes(const tlsfp_clients *clients, GPtrArray *members)
{
    GPtrArray *shapes = g_ptr_array_new_with_free_func(free_features);
    GHashTable *numbers = g_hash_table_new(features_hash, features_equal);
    for (guint i = 0; i < clients->clients->len; i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        shape_features *found = g_new(shape_features, 1);
        *found = features_of(client->shape, client->ja3 != NULL);
        features_sort(found);
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

static nearest_row *row_at(const nearest_index *index, uint32_t number)
{
    return &g_array_index(index->rows, nearest_row, number);
}

/** Gives each value its row, and counts the shapes that have it. */
static void number_rows(nearest_index *index, const GPtrArray *shapes)
{
    size_t n_features = 1;
    for (guint i = 0; i < shapes->len; i++)
        n_features += ((const shape_features *)g_ptr_array_index(shapes, i))->list->len;
    for (index->n_slots = 1; index->n_slots < 2 * n_features;)
        index->n_slots *= 2;
    index->slots = g_new(slot, index->n_slots);
    for (size_t i = 0; i < index->n_slots; i++)
        index->slots[i].row = NO_ROW;
    for (guint i = 0; i < shapes->len; i++) {
        const shape_features *found = g_ptr_array_index(shapes, i);
        for (guint j = 0; j < found->list->len; j++) {
            const uint64_t key = g_array_index(found->list, shape_feature, j).key;
            slot *place = find_slot(index, key);
            if (place->row == NO_ROW) {
                *place = (slot){key, index->rows->len};
                g_array_append_val(index->rows, (nearest_row){.n = 0});
            }
            row_at(index, place->row)->n++;
        }
    }
}

/** Numbers take less time than bits where there are fewer of them than words of bits. */
static bool is_sparse(const nearest_index *index, const nearest_row *row)
{
    return row->n < index->n_words;
}

/** Makes room for what the rows hold, and empties them. */
static void place_rows(nearest_index *index)
{
    size_t n_numbers = 0, n_words = index->n_words;
    for (guint i = 0; i < index->rows->len; i++) {
        const nearest_row *row = row_at(index, i);
        n_numbers += is_sparse(index, row) ? row->n : 0;
        n_words += is_sparse(index, row) ? 0 : index->n_words;
    }
    uint32_t *numbers = index->numbers = g_new(uint32_t, n_numbers);
    uint64_t *bits = index->bits = g_new0(uint64_t, n_words);
    for (guint i = 0; i < index->rows->len; i++) {
        nearest_row *row = row_at(index, i);
        const uint32_t n = row->n;
        if (is_sparse(index, row)) {
            *row = (nearest_row){.numbers = numbers};
            numbers += n;
        } else {
            *row = (nearest_row){.bits = bits};
            bits += index->n_words;
        }
    }
    index->no_bits = bits;
}

static void fill_rows(nearest_index *index, const GPtrArray *shapes)
{
    for (guint i = 0; i < shapes->len; i++) {
        const shape_features *found = g_ptr_array_index(shapes, i);
        memcpy(index->totals[i], found->totals, sizeof found->totals);
        index->known[i] = found->known;
        for (unsigned j = 0; j < N_ASPECTS; j++)
            index->sums[i] += found->totals[j];
        for (guint j = 0; j < found->list->len; j++) {
            const slot *place = find_slot(index, g_array_index(found->list, shape_feature, j).key);
            nearest_row *row = row_at(index, place->row);
            if (row->bits != NULL)
                row->bits[i / WORD_BITS] |= 1ULL << (i % WORD_BITS);
            else
                row->numbers[row->n++] = i;
        }
    }
}

nearest_index *nearest_index_new(const tlsfp_clients *clients)
{
    nearest_index *index = g_new0(nearest_index, 1);
    GPtrArray *members = g_ptr_array_new();
    GPtrArray *shapes = number_shapes(clients, members);
    index->n_shapes = shapes->len;
    index->n_words = (shapes->len + BLOCK_BITS - 1) / BLOCK_BITS * BLOCK_WORDS;
    index->members = (GArray **)g_ptr_array_free(members, FALSE);
    index->totals = g_malloc0_n(shapes->len, sizeof *index->totals);
    index->sums = g_new0(unsigned, shapes->len);
    index->known = g_new0(unsigned, shapes->len);
    index->rows = g_array_new(FALSE, FALSE, sizeof(nearest_row));
    number_rows(index, shapes);
    place_rows(index);
    fill_rows(index, shapes);
    g_ptr_array_unref(shapes);
    return index;
}

const nearest_row *nearest_index_find(const nearest_index *index, const shape_feature *feature)
{
    const slot *place = find_slot(index, feature->key);
    return place->row != NO_ROW ? row_at(index, place->row) : NULL;
}
