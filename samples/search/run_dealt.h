/* SPDX-License-Identifier: BSD-3-Clause */
/** @file One capture searched by several threads. */
#ifndef SEARCH_RUN_DEALT_H
#define SEARCH_RUN_DEALT_H

#include "captures.h"
#include "hits.h"

struct dealing;

/**
 * Starts as many threads as the options say: they look into what the finder of the thread that
 * reads deals out, and compute fingerprints.
 * @param hits where lines are printed.
 * @return owned by the caller, to be given to dealing_end().
 */
struct dealing *dealing_start(search_run *run, file_hits *hits, const char *file);

/** For finder_new() of the thread that reads, with the dealing as its data. */
void dealing_found(const found_hello *found, void *dealing);

/** For finder_deal(), likewise. */
void dealing_deal(const dealt_datagram *dealt, void *dealing);

/** What was dealt out so far goes to the threads, however little it is. */
void dealing_flush(struct dealing *dealing);

/** Waits until all that was dealt out is printed. */
void dealing_drain(struct dealing *dealing);

/** How many hellos the threads have found, as far as is known by now. */
uint64_t dealing_hellos(const struct dealing *dealing);

/** Prints what is left and frees @p dealing. */
void dealing_end(struct dealing *dealing);

#endif
