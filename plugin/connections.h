/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * The hellos of each connection: tlsfp.retry, and tlsfp.stream on the connection's other packets.
 *
 * A connection is one of Wireshark's: a conversation, or in QUIC a connection number, whatever the
 * addresses are. It is kept until the file is closed.
 */
#ifndef TLSFP_CONNECTIONS_H
#define TLSFP_CONNECTIONS_H

#include "results.h"

typedef struct connection connection;

/** The fields with Wireshark's numbers of connections. */
typedef enum { STREAM_TCP, STREAM_UDP, STREAM_QUIC, N_STREAM_FIELDS } stream_field;

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
 * Adds a hello to its connection, in the order of packets. The ClientHello after a
 * HelloRetryRequest gets FLAG_RETRY; one that was there before, byte for byte, is marked as a
 * repeat.
 */
void connections_note(connection *conn, packet_info *pinfo, result *hello, tlsfp_span message);

/** Keeps the QUIC connection of a packet; to be called on the first pass, the only one that has the
 * number. */
void connections_follow(packet_info *pinfo, proto_tree *tree);

/** The ClientHello with which the packet's connection began, in this pass or an earlier one; or
 * NULL.
 */
const result *connections_client(packet_info *pinfo);

/** Whether the packet comes from the end to which its connection's first ClientHello went. */
bool connections_is_from_server(packet_info *pinfo);

/** "tcp.stream" ... */
const char *connections_field_name(stream_field field);

/** Calls @p visit for each connection of the file with a ClientHello, with the first one. */
void connections_visit(void (*visit)(stream_field field, uint32_t number, const result *client,
                                     void *data),
                       void *data);

/** Adds tlsfp.stream to the tree where a ClientHello of the packet's connection was seen, in this
 * pass or an earlier one. */
void connections_show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
