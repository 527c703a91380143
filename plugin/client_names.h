/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Who a client is: names for fingerprints, from a table in the preferences and from lists.
 *
 * The lists (tlsfp/labels.h) are those that the preference names, one in the user's configuration
 * folder and one that was installed. They are read when dissection starts, anew where one changed;
 * what is broken in them is told on standard error or in a dialog, and in an expert info.
 */
#ifndef TLSFP_CLIENT_NAMES_H
#define TLSFP_CLIENT_NAMES_H

#include "results.h"

enum { MAX_NAMES = 16 }; /**< That one hello shows. */

/** The labels of a hello, the most specific first. */
struct client_labels {
    tlsfp_level level; /**< The highest of them. */
    unsigned n;        /**< At least one. */
    tlsfp_label labels[];
};

/** Registers the table and all that has to be done once. */
void client_names_register(void);

/** The table, for the preferences. */
struct epan_uat *client_names_table(void);

/** To be called when a preference has changed: reads the lists that changed, and tells the user of
 * what is broken in them. */
void client_names_apply(void);

/** The labels of a ClientHello; NULL where there are none. They are looked up when they are asked
 * for first, and good until the lists are read again. */
const client_labels *client_names_of(result *client);

/** What is wrong with the lists, in one line, for one packet of a file to tell; NULL if nothing is,
 * or another packet tells. */
const char *client_names_trouble(void);

#endif
