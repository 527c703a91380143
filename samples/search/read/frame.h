/* SPDX-License-Identifier: BSD-3-Clause */
/** @file One packet of a capture. */
#ifndef SEARCH_FRAME_H
#define SEARCH_FRAME_H

#include <tlsfp/types.h>

typedef struct {
    uint64_t number;       /**< In its file, from 1, as Wireshark counts. */
    int64_t time_ns;       /**< Since 1970-01-01 UTC. */
    int link_type;         /**< As libpcap's LINKTYPE_ values number them in files. */
    uint32_t wire_len;     /**< Its length when it was captured, in bytes. */
    const char *interface; /**< On which it was captured; NULL where that is not known. */
    const char *file;      /**< As its reader names it; NULL where it does not. */
    tlsfp_span bytes;      /**< What of it the capture holds; good until the next frame is read. */
} frame;

#endif
