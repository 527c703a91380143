/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The handshake messages that Wireshark's dissectors found in a packet. */
#ifndef TLSFP_MESSAGES_H
#define TLSFP_MESSAGES_H

#include "compat.h"

#include <tlsfp/types.h>

/** Looks up the fields below; to be called once, when all dissectors have registered theirs. */
void messages_start(void);

/**
 * The fields in which Wireshark shows handshake messages, for set_postdissector_wanted_hfids().
 * @return a new array of int; owned by the caller.
 */
GArray *messages_wanted_hfids(void);

/**
 * Calls @p visit for each whole handshake message in the packet, in the order in which they stand
 * there.
 *
 * @param tree of a first pass: on later ones the fields are not there.
 * @param visit gets a message with its header, exactly as long as the header says, good until it
 * returns.
 */
void messages_visit(packet_info *pinfo, proto_tree *tree,
                    void (*visit)(tlsfp_span message, tlsfp_transport transport, void *data),
                    void *data);

#endif
