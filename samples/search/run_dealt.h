/* SPDX-License-Identifier: BSD-3-Clause */
/** @file One capture searched by several threads. */
#ifndef SEARCH_RUN_DEALT_H
#define SEARCH_RUN_DEALT_H

#include "hits.h"

/** How a capture is searched. */
typedef struct {
    search_run *run;
    const char *file;
    file_hits *hits; /**< Where lines are printed, and what is wrong is said. */
    /** Called now and then, by one thread at a time, with how much more was read: whether to read
     * on. */
    bool (*goes_on)(uint64_t n_bytes, uint64_t n_packets, uint64_t n_hellos, void *data);
    void *data;
} dealt_search;

/**
 * Whether several threads are faster on a capture, by some of its first frames: where hellos are
 * few, most of the time goes into what one thread has to do for all. False where it cannot be
 * opened.
 */
bool dealing_pays(const search_run *run, const char *file);

/** Searches a capture by as many threads as the options say: prints what one thread would. */
void search_dealt(const dealt_search *search);

#endif
