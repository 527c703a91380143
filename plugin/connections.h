/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file What the hellos of one connection have to do with each other, and with its other packets.
 */
#ifndef TLSFP_CONNECTIONS_H
#define TLSFP_CONNECTIONS_H

#include "results.h"

/** Makes room for what is shared by all packets; to be called once. */
void connections_start(int proto);

/**
 * Notes a hello in the connection that its packet belongs to, on the first pass, in order: the
 * ClientHello that follows a HelloRetryRequest gets its flag.
 */
void connections_note(packet_info *pinfo, const result *hello);

#endif
