/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The API of tlsfp_captures: reads frames from capture files and interfaces, and finds the
 * ClientHellos in them.
 *
 *     capture_open(), capture_next() | live_run()  -> frame
 *     finder_new(), finder_add(), finder_end()     frame -> found_hello
 *
 * And where the installed list of client names is: installed_list().
 */
#ifndef SEARCH_CAPTURES_H
#define SEARCH_CAPTURES_H

#include "find/ahead.h"
#include "find/finder.h"
#include "find/share.h"
#include "read/block.h"
#include "read/installed_list.h"
#include "read/live.h"

#endif
