/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A line on standard error that says how far the search is, where that is a terminal. */
#ifndef SEARCH_PROGRESS_H
#define SEARCH_PROGRESS_H

#include <tlsfp/types.h>

typedef struct progress_bar progress_bar;

/**
 * @param fd a terminal, to draw on.
 * @param total bytes of all captures together.
 * @return owned by the caller, to be freed with progress_free().
 */
progress_bar *progress_new(int fd, uint64_t total);

/** Clears the line and frees @p bar; NULL is fine. */
void progress_free(progress_bar *bar);

/**
 * Adds what was done since the last call, and redraws the line if that is due. Any thread may call
 * it. It reads the clock, so do not call it for every packet.
 */
void progress_add(progress_bar *bar, uint64_t bytes, uint64_t packets, uint64_t hellos);

/** Clears the line until it is drawn next, so that something else can be written there; NULL is
 * fine. */
void progress_hide(progress_bar *bar);

#endif
