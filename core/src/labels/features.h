/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a shape has, as weighed features: what the distance in tlsfp/nearest.h is made of. */
#ifndef TLSFP_FEATURES_H
#define TLSFP_FEATURES_H

#include <tlsfp/nearest.h>

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
} shape_aspect;

/** Something that a shape has: an aspect, and a value or two neighbours, as one number. */
typedef struct {
    uint64_t key;
    shape_aspect aspect;
    unsigned weight;
} shape_feature;

typedef struct {
    GArray *list;   /* of shape_feature, each once */
    unsigned known; /* aspects, as bits */
    unsigned totals[N_ASPECTS];
} shape_features;

/** @param keeps_order whether the order of its extensions is the client's own.
 * @return what @p shape has; to be freed with features_clear(). */
shape_features features_of(const tlsfp_shape *shape, bool keeps_order);

void features_clear(shape_features *found);

/** Sorts the list, so that the two functions below can compare it. */
void features_sort(shape_features *found);

/** For a GHashTable of sorted features. */
guint features_hash(gconstpointer data);
gboolean features_equal(gconstpointer a, gconstpointer b);

#endif
