/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Makes Wireshark keep the fields that the plugin looks at.
 *
 * Wireshark keeps a field if it was asked for before the packet was dissected. A postdissector
 * names its fields by set_postdissector_wanted_hfids(): they are then there on the first pass, and
 * Wireshark builds a tree of every packet for them. In tshark without a filter, where no tree is
 * built otherwise, that is a third more work.
 *
 * tshark and rawshark dissect packets in order on every pass. There the plugin asks for its fields
 * itself, packet by packet, in the trees that are built anyway; without a tree, what it would add
 * is not shown. That relies on how Wireshark keeps fields, so only the versions on which it was
 * measured do it (see TLSFP_MEASURED in compat.h).
 */
#ifndef TLSFP_WANTED_H
#define TLSFP_WANTED_H

#include "compat.h"

/** To be called once, when the plugin is registered. */
void wanted_register(void);

/**
 * To be called once, when all dissectors have registered their fields.
 * @param tap a tree is built once it has a listener.
 */
void wanted_start(dissector_handle_t handle, int tap);

/** Whether the packet's tree has the fields: on every pass where the plugin asks for them itself,
 * else on the first one only. */
bool wanted_are_there(const packet_info *pinfo);

/** Asks for the fields of the next packet; to be called for each packet with a tree. */
void wanted_go_on(packet_info *pinfo);

#endif
