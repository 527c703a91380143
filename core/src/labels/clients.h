/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is inside a list of known clients. */
#ifndef TLSFP_CLIENTS_H
#define TLSFP_CLIENTS_H

#include <tlsfp/nearest.h>

#include "labels/product.h"

typedef struct nearest_index nearest_index;

/** A real client of a family. */
typedef struct {
    const tlsfp_client *client;
    version_range versions;
    bool has_versions; /* the list says which */
} family_member;

/** The real clients of the list that are of one family. */
typedef struct {
    const char *name;
    GArray *members;         /* of family_member */
    bool brings_its_library; /* its TLS is its own: nobody else changes what it sends */
} client_family;

struct tlsfp_clients {
    GPtrArray *clients;   /* of tlsfp_client */
    GStringChunk *texts;  /* theirs */
    GHashTable *families; /* of client_family, by their names */
    GHashTable *products; /* the same by the names in their User-Agents, lower case */
    nearest_index *index; /* made by the first search after a change, else NULL */
};

/** The family of a product; NULL where it is in no list. */
const client_family *clients_family(const tlsfp_clients *clients, const char *product);

/** Frees @p index; NULL is fine. */
void nearest_index_free(nearest_index *index);

#endif
