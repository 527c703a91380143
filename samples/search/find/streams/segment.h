/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A TCP segment, and which segments a server drops. */
#ifndef SEARCH_SEGMENT_H
#define SEARCH_SEGMENT_H

#include "find/streams/flows.h"

/** RFC 9293 3.1. */
enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
};

typedef struct {
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t urgent;
    tlsfp_span options, bytes;
    uint32_t time;  /**< Of the timestamp option, where has_time is set. */
    bool has_time;  /**< RFC 7323. */
    bool is_signed; /**< RFC 2385 or RFC 5925. */
} tcp_segment;

/** Parses a header; false where it contradicts itself. The options stay unparsed. */
bool segment_parse(tlsfp_span bytes, tcp_segment *out);

/** Parses the options of @p segment, as far as they matter here. */
void segment_parse_options(tcp_segment *segment);

/**
 * Whether a server takes the data of @p segment: an old timestamp (RFC 7323 5.3), an
 * acknowledgment of what was never sent (RFC 5961 5) and a signature without agreement (RFC 2385)
 * make it drop the segment.
 * @param peer the flow in the other direction, or NULL where that is not known.
 */
bool segment_is_accepted(const tcp_segment *segment, struct flow *flow, const struct flow *peer);

/** Bytes that fit behind the segment in the buffer that Linux allocates for its packet. */
uint32_t segment_room(tlsfp_span options, tlsfp_span bytes);

#endif
