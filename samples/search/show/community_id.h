/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Community ID, version 1, seed 0: https://github.com/corelight/community-id-spec */
#ifndef SEARCH_COMMUNITY_ID_H
#define SEARCH_COMMUNITY_ID_H

#include "find/finder.h"

/** Appends "1:" and the hash of a connection: the same for both of its directions. */
void append_community_id(GString *out, const endpoints *ends);

#endif
