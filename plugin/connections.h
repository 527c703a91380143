/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * What the hellos of one connection have to do with each other, and with its other packets.
 *
 * A connection is what Wireshark takes for one: a conversation, or in QUIC what has a connection
 * number, whatever the addresses. What is kept with it is kept until the file is closed.
 */
#ifndef TLSFP_CONNECTIONS_H
#define TLSFP_CONNECTIONS_H

#include "results.h"

typedef struct connection connection;

/** To be called once, when protocols are registered. */
void connections_register(int proto);

/** Looks up the field below; to be called once, when all dissectors have registered theirs. */
void connections_start(void);

/** Adds the fields that connections need to those that a postdissector wants. */
void connections_want_hfids(GArray *wanted);

/**
 * The connection of a packet, on the first pass; made where it is missing.
 * @param tree of the first pass.
 * @return NULL where Wireshark knows of none.
 */
connection *connections_of(packet_info *pinfo, proto_tree *tree);

/**
 * Notes a hello in its connection, on the first pass, in order: the ClientHello that follows a
 * HelloRetryRequest gets its flag, and others are what the connection's packets show.
 */
void connections_note(connection *of, result *hello);

/** Remembers to which QUIC connection a packet belongs, on the first pass: later passes do not find
 * the number. */
void connections_follow(packet_info *pinfo, proto_tree *tree);

/** Adds what the connection of the packet shows, if a hello of it was seen, in this pass or an
 * earlier one. */
void connections_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
