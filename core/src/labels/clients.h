/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is inside a list of known clients. */
#ifndef TLSFP_CLIENTS_H
#define TLSFP_CLIENTS_H

#include <tlsfp/nearest.h>

typedef struct nearest_index nearest_index;

struct tlsfp_clients {
    GPtrArray *clients;   /* of tlsfp_client */
    GStringChunk *texts;  /* theirs */
    nearest_index *index; /* made by the first search after a change, else NULL */
};

/** Frees @p index; NULL is fine. */
void nearest_index_free(nearest_index *index);

#endif
