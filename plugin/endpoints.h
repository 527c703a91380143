/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * JA4s as endpoints, each with a name: Statistics, Endpoints, where a row can be applied as a
 * filter.
 *
 * A row counts the packets with its hellos; with the preference tlsfp.stream, all packets of their
 * connections. tlsfp.endpoint is the row's text on the packets that it counts, hidden in the tree.
 */
#ifndef TLSFP_ENDPOINTS_H
#define TLSFP_ENDPOINTS_H

#include "results.h"

/** Registers the table, after the tap of statistics.h, and the field. */
void endpoints_register(int proto);

/** Adds tlsfp.endpoint to a packet that counts for @p client. */
void endpoints_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const result *client);

#endif
