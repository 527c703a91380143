/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Has Wireshark keep the fields that the plugin looks at, for as little as that can cost.
 *
 * Wireshark keeps a field where somebody asked for it before the packet is dissected. Where a
 * postdissector names what it wants, Wireshark asks for it on the first pass, and to have it builds
 * a tree of every packet, even where nobody looks at one: for tshark without a filter that is a
 * third more work. tshark takes packets in their order on every pass, so there it is enough to ask
 * for the fields in such trees as are built anyway: where there is none, nobody sees what the
 * plugin adds.
 */
#ifndef TLSFP_WANTED_H
#define TLSFP_WANTED_H

#include "compat.h"

/** To be called once, when all dissectors have registered their fields. */
void wanted_start(dissector_handle_t handle);

/** Whether the fields are in the packet's tree: elsewhere than in tshark, on the first pass only.
 */
bool wanted_are_there(const packet_info *pinfo);

/** Sees to the packets that follow; to be called for each packet with a tree. */
void wanted_go_on(packet_info *pinfo);

#endif
