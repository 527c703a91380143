/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Whether a hello fits what a client says it is. */
#ifndef EXPLAIN_CLAIM_H
#define EXPLAIN_CLAIM_H

#include <tlsfp/nearest.h>

typedef enum { CLAIM_FITS, CLAIM_DOES_NOT_FIT, CLAIM_UNKNOWN } claim_verdict;

/**
 * Compares a hello with the real clients of the list that the User-Agent names.
 *
 * It fits where one of these, of that version, sends the same, but for what comes and goes with a
 * connection or with what is asked for. It does not where versions below and above the one claimed
 * are in the list and none of them does. Nothing is known of families that are in no list, and of
 * versions beyond those in it.
 *
 * @param out_why a sentence; to be freed with g_free().
 */
claim_verdict claim_judge(tlsfp_clients *clients, const char *user_agent, const tlsfp_shape *shape,
                          char **out_why);

/** "fits", "does not fit", "unknown". */
const char *claim_verdict_name(claim_verdict verdict);

#endif
