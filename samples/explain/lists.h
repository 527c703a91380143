/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The lists of clients that subjects are compared with. */
#ifndef EXPLAIN_LISTS_H
#define EXPLAIN_LISTS_H

#include <tlsfp/tlsfp.h>

struct lists {
    tlsfp_labels *labels;
    tlsfp_clients *clients;
    const char *missing; /**< Why nobody is known: no list is named or installed; or NULL. */
};

/**
 * Reads lists; without any, the installed one, if it is there. What is broken in them is told on
 * standard error.
 * @param paths may be NULL.
 * @param out to be freed with lists_free() in any case.
 * @return false with @p error set where a list cannot be read.
 */
bool lists_read(char **paths, struct lists *out, GError **error);

void lists_free(struct lists *lists);

#endif
