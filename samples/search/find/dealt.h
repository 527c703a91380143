/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * One search by several threads: opening QUIC's Initial packets takes most of the time where there
 * are many, so one finder deals them out to others, by connection, and does all else itself.
 */
#ifndef SEARCH_DEALT_H
#define SEARCH_DEALT_H

#include "find/finder.h"

/** A UDP payload with an Initial packet. */
typedef struct {
    const frame *frame;
    const endpoints *ends;
    tlsfp_span bytes;
    int depth; /**< How many headers that hold packets were opened. */
} dealt_datagram;

/**
 * Has @p deal called for each such payload, in place of a look into it. What it gets is good until
 * it returns. All payloads of a connection, by endpoints.connection, are for one other finder, in
 * their order.
 */
void finder_deal(struct finder *finder, void (*deal)(const dealt_datagram *, void *data),
                 void *data);

/** Looks into what another finder dealt; both have the same key. */
void finder_take(struct finder *finder, const dealt_datagram *dealt);

#endif
