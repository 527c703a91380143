/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What counting in memory and writing to the database share. */
#ifndef CENSUS_BATCH_PARTS_H
#define CENSUS_BATCH_PARTS_H

#include "add/batch.h"
#include "add/hello.h"
#include "add/table.h"

/** What gets a number. */
typedef enum { HELLOS, ADDRESSES, SERVERS, AGENTS, N_TABLES } numbered;

/** A row's key. */
typedef struct {
    int32_t day;
    uint32_t hello, address;
    uint32_t other; /* a server; of a request, a User-Agent */
    uint32_t is_claim;
} row_key;

typedef struct {
    int64_t n, first, last;
} row_counts;

struct batch {
    store *census;
    struct table *tables[N_TABLES];
    GArray *ids[N_TABLES]; /* their ids in the database; 0: not known yet */
    GArray *hellos;        /* of hello_entry */
    struct table *keys;    /* of rows */
    GArray *counts;        /* of rows */
    fingerprints found;
    GString *room; /* a buffer */
    int64_t n_hellos;
    int64_t data_version; /* PRAGMA data_version at the last write */
    tlsfp_hash_key hash_key;
};

/** Whether the numbered texts take too much memory to be kept for the next batch. */
bool batch_tables_are_full(const struct batch *batch);

/** Forgets the numbered texts and their ids. */
void batch_forget_tables(struct batch *batch);

#endif
