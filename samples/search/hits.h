/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What becomes of each hello that is found in one capture: printed, counted, or passed over.
 */
#ifndef SEARCH_HITS_H
#define SEARCH_HITS_H

#include "run.h"

typedef struct file_hits file_hits;

/**
 * @param context borrowed.
 * @param file the capture's name; borrowed.
 * @return owned by the caller, to be given to hits_end().
 */
file_hits *hits_new(search_run *run, tlsfp_context *context, const char *file);

/**
 * Likewise for one of several threads that search one capture together.
 * @param whole prints their lines, and says at the end what is wrong; borrowed.
 * @param kept is called when a line, with its newline, was appended to the text it is kept in.
 */
file_hits *hits_new_part(const file_hits *whole, tlsfp_context *context, void (*kept)(void *data),
                         void *data);

/** Has a part keep its lines in @p text, borrowed, from here on. */
void hits_keep_in(file_hits *hits, GString *text);

/** Prints a line that a part kept. */
void hits_print(file_hits *hits, const char *line, size_t len);

/** Continues with another file of the same capture. */
void hits_set_file(file_hits *hits, const char *file);

/** For finder_new(), with the hits as its data. */
void hits_add(const found_hello *found, void *hits);

/** Reports what is wrong with the capture, in the order of the output; the exit status will be that
 * of trouble. */
void hits_say(const file_hits *hits, const char *message);

/** Whether to stop, because nothing can be printed any more. */
bool hits_ended(const file_hits *hits);

/**
 * Finishes the capture's output, adds its counts to the run's sums, reports what is wrong with it,
 * and frees @p hits. Of a part: when no other thread searches any more, and before the whole.
 * @param search where the hellos came from; NULL where the capture could not be opened.
 * @param lost packets that the kernel had no room for.
 */
void hits_end(file_hits *hits, const struct finder *search, uint64_t lost);

#endif
