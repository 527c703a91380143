/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Standard output, written in lanes: one for each capture, printed whole and in the order in which
 * the lanes were made, while several threads fill several of them.
 *
 * The first lane that is not finished is written through; the others keep what they get, in memory
 * up to a limit for all of them together, then in a temporary file.
 */
#ifndef SEARCH_OUTPUT_H
#define SEARCH_OUTPUT_H

#include "show/log_files.h"

#include <tlsfp/types.h>

typedef struct output output;
typedef struct out_lane out_lane;

#define OUTPUT_ERROR (output_error_quark())
GQuark output_error_quark(void);

/**
 * @param fd the open file to write to; stays the caller's.
 * @param per_line whether to write each line at once, without a buffer.
 * @param max_kept bytes in memory of lanes that wait, all together.
 * @return owned by the caller, to be given to output_close().
 */
output *output_new(int fd, bool per_line, size_t max_kept);

/** Has lines go to files from here on; @p files are closed with the output. */
void output_to_files(output *out, log_files *files);

/** Has @p before called whenever something is about to be written, by any thread, one at a time. */
void output_watch(output *out, void (*before)(void *data), void *data);

/** Has @p say called for each message of a lane (lane_say()), in the order of the lanes. */
void output_listen(output *out, void (*say)(const char *message, void *data), void *data);

/** Makes the next lane: owned by @p out, for the use of one thread at a time, until lane_finish().
 */
out_lane *output_lane(output *out);

/** The text to which a line is appended, with its newline; then call lane_end_line(). */
GString *lane_text(out_lane *lane);

/** Writes what was appended, some lines together. */
void lane_end_line(out_lane *lane);

/** Appends text, which ends with a newline. */
void lane_put(out_lane *lane, const char *text, size_t len);

/** Keeps a message until all output before it, in this lane and those before, is written. */
void lane_say(out_lane *lane, const char *message);

/** Ends the lane, and frees it. */
void lane_finish(out_lane *lane);

/** Whether writing failed for good, so that reading on is of no use. */
bool output_failed(output *out);

/** Whether it failed because the reader closed it. */
bool output_is_broken(output *out);

/**
 * Frees @p out, all of whose lanes must be finished.
 * @return false with @p error set where something was not written.
 */
bool output_close(output *out, GError **error);

#endif
