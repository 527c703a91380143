/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file Statistics, TLS Fingerprints; and tshark -z tlsfp,tree. */
#ifndef TLSFP_STATISTICS_H
#define TLSFP_STATISTICS_H

#include "results.h"

/** Registers the tap and its tree. @return the tap. */
int statistics_register(void);

/** What the tap gives to its listeners. */
typedef struct {
    const result *client;
    bool is_hello; /**< Else the packet belongs to the client's connection. */
    bool is_row;   /**< Whether it counts in the table of endpoints. */
    bool is_from_server;
} tapped_client;

/** Gives a packet's ClientHello, or that of its connection, to the listeners; on any pass. */
void statistics_count(packet_info *pinfo, tapped_client tapped);

#endif
