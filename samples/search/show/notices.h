/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the search could not look at, so that "none found" can be told from "could not look".
 */
#ifndef SEARCH_NOTICES_H
#define SEARCH_NOTICES_H

#include "find/finder.h"

/** Sums over all captures. */
typedef struct {
    uint64_t packets;
    uint64_t hellos;
    uint64_t fitting;  /**< Of the hellos: those that the search was for. */
    uint64_t given_up; /**< Half-seen hellos dropped for want of room. */
    uint64_t lost;     /**< Packets that the kernel had no room for. */
    uint64_t ssl2, too_long, cut_hellos, unknown_links, passed_others; /**< As finder_counts. */
    size_t cut_len;
    passed_packets passed[MAX_PASSED];
} totals;

/** Adds what one finder counted. */
void totals_add_counts(totals *sums, const finder_counts *counts);

/** Adds other sums. */
void totals_add(totals *sums, const totals *added);

/**
 * Appends a line for each kind of thing that was not looked at, the most frequent first, each ended
 * by a newline: "12 packets of EtherType 0x8926 passed over".
 * @param prefix of each line.
 */
void append_notices(GString *out, const totals *sums, const char *prefix);

/** Appends all of it as one JSON object, without a newline. */
void append_stats(GString *out, const totals *sums);

#endif
