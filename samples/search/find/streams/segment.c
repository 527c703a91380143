/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/segment.h"

#include <tlsfp/reader.h>

enum {
    HEADER_SIZE = 20,
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_TIMESTAMPS = 8,
    OPTION_MD5 = 19,
    OPTION_AO = 29,
    MAX_WINDOW = 1 << 30, /* RFC 7323 2.3; an older acknowledgment is none of this connection */
    MAX_TIME_BACK = 1,    /* Linux's TCP_PAWS_WINDOW */

    /* Linux's __alloc_skb() gives a packet a buffer of 576 or 704 bytes (its small head, by what
     * the kernel was built with) or of a power of two; what the packet and shared_info leave of it
     * says whether held segments are joined. These are those of the kernel of which the numbers
     * were taken (6.x, MAX_TCP_HEADER without wireless: 576); where another differs, only which of
     * several overlapping copies counts does (tests/evasion/tcp.py). */
    HEADROOM = 64, /* NET_SKB_PAD */
    IP_HEADER = 20,
    SMALL_HEAD = 256, /* bytes in a buffer of the least size: MAX_TCP_HEADER, by configuration */
    SHARED_INFO = 320,
};

bool segment_parse(tlsfp_span bytes, tcp_segment *out)
{
    tlsfp_span header, options;
    if (!take(&bytes, HEADER_SIZE, &header))
        return false;
    size_t header_len = 4 * (size_t)(get_u8(header, 12) >> 4);
    if (header_len < HEADER_SIZE || !take(&bytes, header_len - HEADER_SIZE, &options))
        return false;
    *out = (tcp_segment){
        .src_port = get_u16(header, 0),
        .dst_port = get_u16(header, 2),
        .seq = get_u32(header, 4),
        .ack = get_u32(header, 8),
        .flags = get_u8(header, 13),
        .urgent = get_u16(header, 18),
        .options = options,
        .bytes = bytes,
    };
    return true;
}

void segment_parse_options(tcp_segment *segment)
{
    tlsfp_span rest = segment->options, body;
    uint8_t kind, len;
    while (take_u8(&rest, &kind) && kind != OPTION_END) {
        if (kind == OPTION_NOP)
            continue;
        if (!take_u8(&rest, &len) || len < 2 || !take(&rest, len - 2u, &body))
            return;
        segment->is_signed |= kind == OPTION_MD5 || kind == OPTION_AO;
        if (kind == OPTION_TIMESTAMPS && body.len == 8) {
            segment->has_time = true;
            segment->time = get_u32(body, 0);
        }
    }
}

/** RFC 7323 5.3, R1 and R3. */
static bool is_in_time(const tcp_segment *segment, struct flow *flow)
{
    if (!flow->has_time || !segment->has_time)
        return true;
    if ((int32_t)(flow->time - segment->time) > MAX_TIME_BACK)
        return false;
    if ((int32_t)(segment->seq - flow->next) <= 0)
        flow->time = segment->time;
    return true;
}

/** Whether the peer has sent what the segment acknowledges, as far as the capture shows. */
static bool acknowledges_what_was_sent(const tcp_segment *segment, const struct flow *peer)
{
    if (peer == NULL || !peer->has_start || peer->half != NULL)
        return true;
    int32_t ahead = (int32_t)(segment->ack - peer->next);
    return ahead <= 0 && ahead > -MAX_WINDOW;
}

bool segment_is_accepted(const tcp_segment *segment, struct flow *flow, const struct flow *peer)
{
    return segment->is_signed == flow->is_signed && acknowledges_what_was_sent(segment, peer) &&
           is_in_time(segment, flow);
}

uint32_t segment_room(tlsfp_span options, tlsfp_span bytes)
{
    size_t used = HEADROOM + IP_HEADER + HEADER_SIZE + options.len + bytes.len, size = 512;
    if (used <= SMALL_HEAD)
        return (uint32_t)(SMALL_HEAD - used);
    while (size < used + SHARED_INFO)
        size *= 2;
    return (uint32_t)(size - SHARED_INFO - used);
}
