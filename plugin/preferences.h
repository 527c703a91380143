/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file What users can set: Edit, Preferences, Protocols, TLSFP. */
#ifndef TLSFP_PREFERENCES_H
#define TLSFP_PREFERENCES_H

#include <glib.h>
#include <stdbool.h>

/** Registers the preferences, after client_names_register(). */
void preferences_register(int proto);

/** Whether each packet of a connection shows the connection's fingerprints. */
bool preferences_stream(void);

/** Adds the paths of the lists of names that the user wants, of char *. */
void preferences_add_labels(GPtrArray *paths);

#endif
