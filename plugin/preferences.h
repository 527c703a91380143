/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file What users can set: Edit, Preferences, Protocols, TLSFP. */
#ifndef TLSFP_PREFERENCES_H
#define TLSFP_PREFERENCES_H

#include <glib.h>
#include <stdbool.h>

struct epan_uat; /* epan/uat.h */

/**
 * Registers the preferences.
 * @param names the user's own table of client names.
 * @param apply is called after one has changed.
 */
void preferences_register(int proto, struct epan_uat *names, void (*apply)(void));

/** What the page says about the lists: to be kept as long as Wireshark runs. */
void preferences_set_status(const char *text);

/** Whether the Info column names the client. */
bool preferences_info(void);

/** Whether each packet of a connection shows the connection's fingerprints. */
bool preferences_stream(void);

/** Adds the paths of the lists of names that the user wants, of char *. */
void preferences_add_labels(GPtrArray *paths);

#endif
