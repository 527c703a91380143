/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The subtree of a hello in the packet details. */
#ifndef TLSFP_TREE_H
#define TLSFP_TREE_H

#include "results.h"

/** Registers what only the subtree needs. */
void tree_register(int proto);

/**
 * Adds the subtree of a hello. In a tree that is not shown, items may stand for nothing: they are
 * passed on, never looked at.
 */
void tree_show(const result *shown, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
