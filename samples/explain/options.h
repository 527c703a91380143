/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The command line. */
#ifndef EXPLAIN_OPTIONS_H
#define EXPLAIN_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

struct options {
    char **words;  /**< What is to be explained. */
    char **labels; /**< Lists of names, or NULL. */
    char *claim;   /**< A User-Agent, or NULL. */
    unsigned only; /**< With diff: the fingerprints that matter (TLSFP_TOUCHES_...); 0: all. */
    gboolean diff, json, version;
};

/** Reads the command line; answers --help itself. @return false with @p error set. @p out is to be
 * cleared with options_clear() in any case. */
bool options_parse(int argc, char **argv, struct options *out, GError **error);

void options_clear(struct options *options);

#endif
