/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file Statistics, TLS Fingerprints; and tshark -z tlsfp,tree. */
#ifndef TLSFP_STATISTICS_H
#define TLSFP_STATISTICS_H

#include "results.h"

/** Registers the tap and its tree. */
void statistics_register(void);

/** Hands a ClientHello to whoever counts; on any pass. */
void statistics_count(packet_info *pinfo, result *client);

#endif
