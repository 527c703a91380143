/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The command line: a command, and what it is to do. */
#ifndef CENSUS_OPTIONS_H
#define CENSUS_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

enum { STATUS_FOUND, STATUS_NONE, STATUS_TROUBLE };

typedef struct options options;

/** A command. @return an exit status; with @p error set it is STATUS_TROUBLE. */
typedef int (*command)(const options *asked, GError **error);

enum { NOT_GIVEN = G_MININT }; /**< Of an option with a number. */

struct options {
    command run;
    const char *db;   /**< The census; NULL where none is named. */
    char **words;     /**< What follows it: files, values, filters. Never NULL. */
    char **labels;    /**< Lists of names, or NULL. */
    char *by;         /**< Of top and new. */
    char *from, *to;  /**< Days, or NULL. */
    char *bad;        /**< A file of hostile addresses, or NULL. */
    char *max_share;  /**< "0.5%", or NULL. */
    char *pseudonyms; /**< A key file, or NULL. */
    char *source;     /**< Name of the stream on standard input, or NULL. */
    char *interface, *filter, *user;
    char *output;  /**< Of report; NULL is standard output. */
    char *target;  /**< Of export. */
    char *values;  /**< Of export: a file of values instead of a census. */
    int last_days; /**< NOT_GIVEN: all. */
    int limit;     /**< Rows. */
    int forget;    /**< Days; NOT_GIVEN: nothing is forgotten. */
    gboolean json, quiet;
    char **arguments; /* what db and words point into */
};

/**
 * Reads the command line; answers --help and --version itself.
 * @return to be freed with options_free(); NULL with @p error set.
 */
options *options_parse(int argc, char **argv, GError **error);

/** Frees @p asked; NULL is fine. */
void options_free(options *asked);

/* The commands. */
int run_add(const options *asked, GError **error);
int run_top(const options *asked, GError **error);
int run_impact(const options *asked, GError **error);
int run_new(const options *asked, GError **error);
int run_since(const options *asked, GError **error);
int run_report(const options *asked, GError **error);
int run_merge(const options *asked, GError **error);
int run_export(const options *asked, GError **error);

#endif
