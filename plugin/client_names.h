/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Who a client is: names for fingerprints, from a table in the preferences and from lists.
 *
 * The lists (tlsfp/labels.h) are those that the preference names, one in the user's configuration
 * folder and the installed one. They are read before a file is dissected, and again when one has
 * changed. Errors in them are reported on standard error or in a dialog, and as an expert info.
 */
#ifndef TLSFP_CLIENT_NAMES_H
#define TLSFP_CLIENT_NAMES_H

#include "results.h"

/** The labels of a hello, the most specific first. */
typedef struct {
    tlsfp_level level; /**< The highest of them. */
    unsigned n;        /**< At least one. */
    tlsfp_label labels[];
} client_labels;

/** Registers the table, and the reading of lists before each file. */
void client_names_register(void);

/** The table, for the preferences. */
struct epan_uat *client_names_table(void);

/** To be called when a preference has changed: reads changed lists, and reports their errors. */
void client_names_apply(void);

/** The labels of a ClientHello; NULL where there are none. They are looked up when they are first
 * asked for, and good until the lists are read again. */
const client_labels *client_names_of(const result *client);

/** A name of at most 48 characters: what is longer loses its middle. */
const char *client_names_short(wmem_allocator_t *pool, const char *name);

/** The known client that a hello resembles most (tlsfp/nearest.h). */
typedef struct {
    const char *ja4_ro; /**< Of the hello. */
    const char *name;   /**< Of the known client; NULL where the lists hold no raw fingerprints. */
    char *differences;  /**< In words. */
} nearest_client;

/** The known client for a hello. It is looked up when it is first asked for, once for all hellos
 * that are alike, and good until the lists are read again. */
const nearest_client *client_names_nearest(const result *client);

/** What is wrong with the lists, in one line. One ClientHello of a file shows it, the first that is
 * asked about: NULL for all others, and where nothing is wrong. */
const char *client_names_trouble(const result *client);

#endif
