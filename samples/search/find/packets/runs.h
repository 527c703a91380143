/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The fragments of one packet, in runs: a run is a fragment with those that came right after
 * it and follow it, as in Linux (inet_frag_queue_insert()). */
#ifndef SEARCH_RUNS_H
#define SEARCH_RUNS_H

#include <tlsfp/types.h>

struct runs;

/** @return a new, empty list; owned by the caller, to be freed with runs_free(). */
struct runs *runs_new(void);

/** Frees @p runs; NULL is fine. */
void runs_free(struct runs *runs);

typedef enum {
    RUN_NEW,     /**< The bytes are there now. */
    RUN_AGAIN,   /**< One run had all of them. */
    RUN_OVERLAP, /**< Some were there, but not in one run. */
} run_added;

/** Adds the bytes at @p offset, which must not be empty. */
run_added runs_add(struct runs *runs, uint32_t offset, tlsfp_span bytes);

/** How many bytes there are. */
size_t runs_bytes(const struct runs *runs);

/** Copies all bytes, in order, to @p out. */
void runs_copy(const struct runs *runs, uint8_t *out);

/** Bytes of memory that @p runs takes. */
size_t runs_memory(const struct runs *runs);

#endif
