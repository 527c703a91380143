/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file Statistics, TLS Fingerprints; and tshark -z tlsfp,tree. */
#ifndef TLSFP_STATISTICS_H
#define TLSFP_STATISTICS_H

#include "results.h"

/** Registers the tap and its tree. @return the tap. */
int statistics_register(void);

/** Gives a ClientHello to the listeners; on any pass. */
void statistics_count(packet_info *pinfo, const result *client);

#endif
