/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The fields of the plugin's trees, in the order in which they stand there. */
#ifndef TLSFP_FIELDS_H
#define TLSFP_FIELDS_H

#include <tlsfp/fingerprint.h>

/** Yes or no, of a ClientHello. */
typedef enum { FLAG_RETRY, FLAG_RESUMPTION, FLAG_GREASE, FLAG_PQ, FLAG_ECH, N_FLAGS } flag;

/** What a ClientHello lists; each list has a subtree. */
typedef enum {
    LIST_CIPHERS,
    LIST_EXTENSIONS,
    LIST_GROUPS,
    LIST_SIGNATURE_ALGORITHMS,
    N_LISTS
} list_index;

extern int hf_client;  /**< A name that fits. */
extern int hf_nearest; /**< The name of the known client that the hello resembles most. */
extern int hf_level;   /**< The highest level of its labels. */
extern int hf_fields[TLSFP_N_KINDS]; /**< The fingerprints, as text. */
extern int hf_flags[N_FLAGS];
extern int hf_lists[N_LISTS]; /**< A value in such a list. */
extern int ett_lists[N_LISTS];

/** Registers all of them. */
void fields_register(int proto);

#endif
