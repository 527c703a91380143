/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file What a packet's menu offers in the Wireshark window: Conversation Filter, TLS client; and
 * the client as a line of a list of names. */
#ifndef TLSFP_CLIENT_FILTERS_H
#define TLSFP_CLIENT_FILTERS_H

/** Registers both; to be called after the fields are registered. */
void client_filters_register(void);

#endif
