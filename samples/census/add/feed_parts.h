/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the readers of each kind of input share. */
#ifndef CENSUS_FEED_PARTS_H
#define CENSUS_FEED_PARTS_H

#include "add/batch.h"
#include "add/feed.h"
#include "add/origin.h"

struct feed {
    store *census;
    const feed_options *options;
    batch *records;
    record_room room;
    feed_counts counts;
    gint64 last_write; /* monotonic, microseconds */
    unsigned told;     /* broken lines told of one file */
    unsigned depth;    /* of folders: what is no capture in there is passed over */
};

enum { WRITE_EVERY_S = 10 };

/** Adds the lines of NDJSON from where @p fd is; then those of @p next_fd, unless that is -1. */
bool feed_lines(feed *input, origin *source, int fd, int next_fd, GError **error);

/** Adds the hellos of a capture. */
bool feed_capture(feed *input, origin *source, const char *path, GError **error);

/** Writes what came of @p source so far, and how far it was read. */
bool feed_write(feed *input, origin *source, GError **error);

/** Whether it is time to write. */
bool feed_is_due(const feed *input);

/** Whether SIGINT or SIGTERM came. */
bool feed_is_stopped(void);

/** Tells how far the reading is, where standard error is a terminal; a negative share ends it. */
void feed_progress(const feed *input, const char *name, double share);

#endif
