/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Where a report or a list goes. */
#ifndef CENSUS_OUTPUT_H
#define CENSUS_OUTPUT_H

#include <glib.h>
#include <stdbool.h>

/** Writes a file as a whole, or standard output where @p path is NULL. @return false with @p error
 * set, whose message names the file. */
bool output_write(const char *path, const GString *text, GError **error);

#endif
