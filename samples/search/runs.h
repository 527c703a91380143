/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The search itself. Each of these returns the exit status (run.h), and sets @p error
 * where the search could not even start. */
#ifndef SEARCH_RUNS_H
#define SEARCH_RUNS_H

#include "options.h"

/** Searches the captures. */
int run_files(const search_options *options, GError **error);

/** Searches packets of the interfaces until a signal or the limit ends it. */
int run_interface(const search_options *options, GError **error);

#endif
