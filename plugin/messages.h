/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The handshake messages that Wireshark's dissectors found in a packet. */
#ifndef TLSFP_MESSAGES_H
#define TLSFP_MESSAGES_H

#include "compat.h"

#include <tlsfp/types.h>

/** Callbacks for the messages of a packet. */
typedef struct {
    /** Gets a message with its header, exactly as long as the header says, good until it returns.
     */
    void (*message)(tlsfp_span message, tlsfp_transport transport, void *data);
    /** Called for each ClientHello in SSL 2.0 framing, of which no bytes are given. */
    void (*ssl2)(void *data);
} message_visitor;

/** Looks up the fields below; to be called once, when all dissectors have registered theirs. */
void messages_start(void);

/** Adds the fields that show handshake messages to those that a postdissector wants. */
void messages_want_hfids(GArray *wanted);

/**
 * Visits each whole handshake message in the packet, in their order there. What an ICMP error
 * quotes was sent before, in another packet.
 *
 * @param tree with these fields (wanted.h).
 */
void messages_visit(packet_info *pinfo, proto_tree *tree, const message_visitor *visitor,
                    void *data);

#endif
