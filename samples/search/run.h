/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What one run of the program shares, whatever it reads: where its results go, and its sums.
 */
#ifndef SEARCH_RUN_H
#define SEARCH_RUN_H

#include "options.h"
#include "show/keeper.h"
#include "show/notices.h"
#include "show/output.h"
#include "show/progress.h"
#include "show/tally.h"

/** What each part may hold of what traffic makes grow, in bytes: all together --memory. */
typedef struct {
    size_t finder;  /**< Of each thread, */
    size_t keeper;  /**< Without -w 0; likewise below. */
    size_t lines;   /**< Counted lines of the run, */
    size_t batch;   /**< and of each thread, before they are added to those of the run. */
    size_t waiting; /**< Lines of later files, which wait for those of earlier ones. */
} memory_shares;

typedef struct {
    const search_options *options;
    tlsfp_hash_key key; /**< Of all tables whose keys come from the wire. */
    memory_shares shares;
    output *out;
    progress_bar *bar;      /**< NULL where none is drawn. */
    dump_file *written;     /**< NULL without -w. */
    packet_keeper *packets; /**< NULL without -w. */
    line_tally *counts;     /**< NULL without --count. */
    totals sums;
    bool trouble; /**< Something was said on standard error that makes the exit status 2. */
    GMutex lock;  /**< For the three above, where several threads run. */
} search_run;

/** @return owned by the caller, to be given to run_end(); NULL with @p error set where the file
 * to write to cannot be made. */
search_run *run_new(const search_options *options, GError **error);

/** Whether several threads search one file, or an interface. Not with answers, for which lines
 * wait. */
bool run_is_dealt(const search_options *options);

/** The limits of a finder that may hold @p memory bytes. */
finder_limits run_limits(const search_run *run, size_t memory);

/** Draws @p bar from here on, or none where it is NULL; the run owns it. */
void run_show(search_run *run, progress_bar *bar);

/** Prints "tlsfp: " and @p message on standard error; the exit status will be that of trouble. Any
 * thread may call it. */
void run_trouble(search_run *run, const char *message);

/** Likewise the message of @p error, which is freed. */
void run_error(search_run *run, GError *error);

/** Adds what one capture gave to the sums. Any thread may call it. */
void run_add(search_run *run, const totals *sums);

/** Takes counted lines over: @p counts is empty then. Any thread may call it. */
void run_add_counts(search_run *run, line_tally *counts);

/**
 * Prints what is to be printed at the end, and frees @p run.
 * @return the exit status.
 */
int run_end(search_run *run);

/** Exit statuses, as grep's. */
enum {
    STATUS_FOUND = 0,
    STATUS_NONE = 1,
    STATUS_TROUBLE = 2,
    STATUS_INTERRUPTED = 128, /**< And the signal's number, as shells have it. */
    STATUS_UNREAD =
        256, /**< Standard output was closed by its reader: the program is to die of SIGPIPE. */
};

#endif
