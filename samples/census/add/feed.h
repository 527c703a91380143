/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Feeds a census: files, folders, standard input and interfaces. */
#ifndef CENSUS_FEED_H
#define CENSUS_FEED_H

#include "add/address.h"
#include "store/store.h"

typedef struct {
    pseudonym_key key;     /**< For pseudonyms, if used. */
    const char *stream;    /**< Name of the stream on standard input, or NULL. */
    const char *interface; /**< To listen on, or NULL. */
    const char *filter;    /**< A capture filter for it, or NULL. */
    const char *user;      /**< User to switch to once it is open, or NULL. */
    bool quiet;            /**< No progress, no summary. */
} feed_options;

/** Counts of what was added. */
typedef struct {
    int64_t hellos;   /**< New connections. */
    int64_t requests; /**< New requests, of the echo server's log. */
    int64_t broken;   /**< Lines. */
    unsigned files, known_files, failed_files;
    unsigned other_files; /**< Files in folders that are neither captures nor NDJSON. */
} feed_counts;

struct feed;

/** @return owned by the caller, to be freed with feed_free(). */
struct feed *feed_new(store *census, const feed_options *options);

/** Frees @p feed; NULL is fine. */
void feed_free(struct feed *feed);

/**
 * Adds a file, all files below a folder, or standard input ("-"). Problems with a file are reported
 * on standard error, and counted.
 * @return false with @p error set where the census cannot be written.
 */
bool feed_path(struct feed *feed, const char *path, GError **error);

/** Adds what an interface sees, until SIGINT or SIGTERM comes. */
bool feed_interface(struct feed *feed, GError **error);

/** The counts so far. */
feed_counts feed_counted(const struct feed *feed);

#endif
