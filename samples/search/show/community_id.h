/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Community ID, version 1, seed 0: https://github.com/corelight/community-id-spec */
#ifndef SEARCH_COMMUNITY_ID_H
#define SEARCH_COMMUNITY_ID_H

#include "find/finder.h"

enum { COMMUNITY_ID_LEN = 30 }; /**< "1:" and a SHA-1 in base64. */

/** Writes COMMUNITY_ID_LEN characters: the same for both directions of a connection. A context must
 * have been made before. @return the place behind them. */
char *write_community_id(char *at, const endpoints *ends);

#endif
