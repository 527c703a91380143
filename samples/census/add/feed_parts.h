/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the readers of each kind of input share. */
#ifndef CENSUS_FEED_PARTS_H
#define CENSUS_FEED_PARTS_H

#include "add/batch.h"
#include "add/feed.h"
#include "add/origin.h"
#include "add/writer.h"

struct feed {
    store *census;
    const feed_options *options;
    struct batch *batch; /* that is being counted */
    struct batch *other; /* that is being written, or is empty */
    struct writer *writer;
    record_room room;
    feed_counts counts;
    gint64 last_write; /* monotonic, microseconds */
    unsigned told;     /* broken lines told of one file */
    unsigned depth;    /* of nested folders, in which other files than captures are skipped */
};

enum { WRITE_EVERY_S = 10 };

/** Adds the lines of NDJSON from where @p fd is; then those of @p next_fd, unless that is -1. */
bool feed_lines(struct feed *feed, struct origin *origin, int fd, int next_fd, GError **error);

/** Adds the hellos of a capture. */
bool feed_capture(struct feed *feed, struct origin *origin, const char *path, GError **error);

/**
 * Writes the batch, and how far @p origin was read; a full one while the next one is counted.
 * @param commit false: the transaction goes on with the next batch.
 */
bool feed_write(struct feed *feed, struct origin *origin, bool commit, GError **error);

/** Whether it is time to write. */
bool feed_is_due(const struct feed *feed);

/** Whether SIGINT or SIGTERM came. */
bool feed_is_stopped(void);

/** Shows the progress where standard error is a terminal; a negative share removes the bar. */
void feed_progress(const struct feed *feed, const char *name, double share);

#endif
