/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What words and JSON share. */
#ifndef EXPLAIN_SAY_PARTS_H
#define EXPLAIN_SAY_PARTS_H

#include <jansson.h>

#include "lists.h"
#include "subject.h"

enum { MAX_NEAR = 3 };

/** The names of a subject. */
struct found_names {
    tlsfp_label labels[TLSFP_MAX_NAMES];
    size_t n;
    const char *certainty; /**< "exactly", "by the stable value", "by ja4_bc"; NULL without any. */
};

/** The names that lists have for a subject, by its most specific value that has any. */
void find_names(const struct subject *subject, const struct lists *lists, struct found_names *out);

/** The nearest known clients of different names. @return how many. */
size_t find_near(const struct subject *subject, const struct lists *lists,
                 tlsfp_near out[MAX_NEAR]);

/** What tells a subject from a known client: an array of tlsfp_difference. */
GArray *find_differences(const tlsfp_client *client, const struct subject *subject);

/** The names of the clients that share part b or c of the JA4; to be freed with
 * g_ptr_array_unref(). */
GPtrArray *find_sharing(const struct subject *subject, const struct lists *lists, tlsfp_kind kind);

/** Prints an object on a line, and frees it. */
void print_json(json_t *object);

#endif
