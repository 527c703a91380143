/* SPDX-License-Identifier: BSD-3-Clause */
#include "labels/features.h"

#include "labels/shape.h"

enum {
    MAX_VALUES_OF_LIST = 128,
    USUAL_FEATURES = 256,
    WORD_BITS = 64,
};

static unsigned weight_of(shape_aspect aspect, uint16_t value)
{
    switch (aspect) {
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

static void add_feature(shape_features *found, shape_aspect aspect, uint64_t value, unsigned weight)
{
    const shape_feature added = {(uint64_t)aspect << 32 | value, aspect, weight};
    g_array_append_val(found->list, added);
    found->totals[aspect] += weight;
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

static void add_values(shape_features *found, const tlsfp_shape *shape, tlsfp_part part,
                       shape_aspect aspect, shape_aspect order)
{
    const uint16_t *values;
    uint16_t taken[MAX_VALUES_OF_LIST];
    size_t n;
    bool ordered;
    if (!tlsfp_shape_values(shape, part, &values, &n, &ordered))
        return;
    n = take_values(values, n, taken);
    found->known |= 1U << aspect;
    for (size_t i = 0; i < n; i++)
        add_feature(found, aspect, taken[i], weight_of(aspect, taken[i]));
    if (order == N_ASPECTS || !ordered)
        return;
    found->known |= 1U << order;
    for (size_t i = 1; i < n; i++)
        add_feature(found, order, (uint64_t)taken[i - 1] << 16 | taken[i], 1);
}

shape_features features_of(const tlsfp_shape *shape, bool keeps_order)
{
    shape_features found = {
        .list = g_array_sized_new(FALSE, FALSE, sizeof(shape_feature), USUAL_FEATURES)};
    const shape_aspect extension_order = keeps_order ? ASPECT_EXTENSION_ORDER : N_ASPECTS;
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
void features_clear(shape_features *found)
{
    g_array_unref(found->list);
}

static int by_key(const void *a, const void *b)
{
    const uint64_t first = ((const shape_feature *)a)->key,
                   second = ((const shape_feature *)b)->key;
    return first < second ? -1 : first > second;
}

void features_sort(shape_features *found)
{
    g_array_sort(found->list, by_key);
}

guint features_hash(gconstpointer data)
{
    const shape_features *found = data;
    uint64_t hash = found->known;
    for (guint i = 0; i < found->list->len; i++)
        hash = (hash ^ g_array_index(found->list, shape_feature, i).key) * 0x9e3779b97f4a7c15U;
    return (guint)(hash >> 32);
}

gboolean features_equal(gconstpointer a, gconstpointer b)
{
    const shape_features *first = a, *second = b;
    if (first->known != second->known || first->list->len != second->list->len)
        return FALSE;
    for (guint i = 0; i < first->list->len; i++)
        if (g_array_index(first->list, shape_feature, i).key !=
            g_array_index(second->list, shape_feature, i).key)
            return FALSE;
    return TRUE;
}
