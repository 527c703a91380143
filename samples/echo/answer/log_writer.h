/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Writes log lines from a thread of its own, so that a reader who stalls stops nobody.
 *
 * Lines wait in a bounded queue. Where it is full they are dropped and counted, and the count is
 * logged when there is room again. A line is written whole: only this thread writes.
 */
#ifndef ECHO_LOG_WRITER_H
#define ECHO_LOG_WRITER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct log_writer log_writer;

/** Appends a line, without its newline, that says how many were dropped. */
typedef void (*log_drop_line)(GString *out, uint64_t n_dropped);

/**
 * Starts the thread.
 * @param fd where lines go; not closed.
 * @param max_bytes that may wait.
 * @return owned by the caller, to be freed with log_writer_free().
 */
log_writer *log_writer_new(int fd, size_t max_bytes, log_drop_line drop_line);

/** Queues a line and its newline; any thread may call it. Never waits for the reader. */
void log_writer_add(log_writer *writer, const GString *line);

/** Ends the thread: what waits is written, until the reader takes nothing for a second. NULL is
 * fine. */
void log_writer_free(log_writer *writer);

#endif
