/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Lines in files of a bounded size, all of which together have a bounded size, too: the
 * oldest go first. */
#ifndef SEARCH_LOG_FILES_H
#define SEARCH_LOG_FILES_H

#include <glib.h>
#include <stdbool.h>

typedef struct log_files log_files;

/**
 * The files are PREFIX-TIME-NNNNNNSUFFIX, TIME being that of this call in UTC. None is made before
 * the first line.
 * @param file_size of each file, in bytes; a line that is longer has a file of its own.
 * @param total_size of all files of that prefix and suffix, also those of earlier runs; 0: no
 * bound.
 * @return owned by the caller, to be given to log_files_close().
 */
log_files *log_files_new(const char *prefix, const char *suffix, guint64 file_size,
                         guint64 total_size);

/** Appends lines, each with its newline. False with errno set where they cannot be written. */
bool log_files_write(log_files *files, const char *lines, gsize len);

/** Closes the file at hand, and frees @p files. */
void log_files_close(log_files *files);

/** Parses a size in bytes, which may have K, M, G or T behind it; false where it is none. */
bool log_files_parse_size(const char *text, guint64 *out);

#endif
