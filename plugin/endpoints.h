/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file JA4s as endpoints: Statistics, Endpoints, where each row can be applied as a filter. */
#ifndef TLSFP_ENDPOINTS_H
#define TLSFP_ENDPOINTS_H

/** Registers the table, after the tap of statistics.h. */
void endpoints_register(int proto);

#endif
