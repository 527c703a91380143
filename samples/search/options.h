/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the command line asks for. */
#ifndef SEARCH_OPTIONS_H
#define SEARCH_OPTIONS_H

#include "captures.h"
#include "match/match.h"

typedef struct {
    GPtrArray *files;      /**< Of char *: the captures, in the order in which they were named. */
    GPtrArray *fields;     /**< Of const field *: what to print of a hello. */
    name_lists names;      /**< Of clients. */
    match *criteria;       /**< Which hellos to print. */
    char *write_to;        /**< Where the packets of the connections found go, or NULL. */
    GPtrArray *interfaces; /**< Of char *: to listen on instead of reading files. */
    char *filter;          /**< For the interfaces, or NULL. */
    char *user;            /**< User to become once the interfaces are open, or NULL. */
    char *output;          /**< The prefix of files for the lines, or NULL: standard output. */
    guint64 file_size;     /**< Of each of these files, in bytes, */
    guint64 total_size;    /**< and of all together; 0: no bound. */
    uint64_t max_packets;  /**< To read from the interfaces; 0: no limit. */
    size_t buffer;         /**< The kernel's buffer for each interface, in bytes. */
    unsigned n_threads;    /**< Threads that search at the same time. */
    finder_limits limits;  /**< For all threads together. */
    bool count;            /**< Print each different line once, with its count. */
    bool header;           /**< Print the names of the fields first. */
    bool json;             /**< Print JSON instead of fields. */
    bool per_line;         /**< Write each line at once. */
    bool join;             /**< The files are one capture. */
    bool stats;            /**< Print the sums as JSON at the end. */
    bool with_filename;    /**< Print the file in front. */
    bool quiet;            /**< No progress, no summary. */
} search_options;

/**
 * Reads the command line. Where an option asks for help or the version, prints it and ends the
 * program.
 * @return owned by the caller, to be freed with options_free(); NULL with @p error set, whose
 * message names the option.
 */
search_options *options_parse(int argc, char **argv, GError **error);

/** Frees @p options; NULL is fine. */
void options_free(search_options *options);

/** Whether the packets come once: from an interface, or from a file that is no regular one, such as
 * standard input or a pipe. */
bool packets_come_once(const search_options *options);

#endif
