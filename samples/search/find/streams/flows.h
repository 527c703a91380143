/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What is known of each direction of each connection: a table of fixed size, in which the newest
 * push out the oldest, and half-seen hellos, which have a limit of their own.
 */
#ifndef SEARCH_FLOWS_H
#define SEARCH_FLOWS_H

#include "find/finder.h"

struct half;

/** One direction of a connection. At most a cache line. */
struct flow {
    uint64_t key;         /**< Who to whom; never 0. */
    struct half *half;    /**< What has been seen of a hello; NULL when there is nothing to keep. */
    uint64_t id;          /**< QUIC: hash of the version and connection ID under which the client's
                             last hello was whole; or 0. */
    uint32_t told[2];     /**< Hashes of the last two hellos, the newest first; 0: none. */
    uint32_t start;       /**< TCP: the first sequence number, where has_start is set. */
    uint32_t next;        /**< TCP: the next sequence number, where anchored is set. */
    uint32_t syn;         /**< TCP: the first sequence number by a SYN that may be ignored. */
    uint32_t time;        /**< TCP: the last timestamp, RFC 7323, where has_time is set. */
    uint16_t record_left; /**< TLS: bytes of the record at hand still to come. */
    uint8_t anchored : 1, has_start : 1, has_syn : 1, has_time : 1;
    uint8_t has_syn_data : 1;    /**< TCP: the held bytes came in a SYN. */
    uint8_t has_preamble : 1;    /**< TLS: it started with another protocol. */
    uint8_t is_signed : 1;       /**< TCP: by MD5, RFC 2385, from the SYN on. */
    uint8_t retry_requested : 1; /**< The server asks for another hello. */
    uint8_t has_fin : 1;         /**< TCP: what comes behind it does not count. */
    uint8_t in_records : 1; /**< TLS: the next bytes are record_left of a record, then another. */
    uint8_t n_outside;      /**< TCP: segments in a row outside the window. */
    uint8_t patience;       /**< TCP: segments held while a hello waits for what lies before it. */
};

/** Numbered packets that carry TLS over UDP. */
typedef enum { PACKETS_NONE, PACKETS_OPENVPN, PACKETS_RDP, PACKETS_RDP2 } packet_kind;

/** Packets in a TCP connection that carry TLS or DTLS. */
typedef enum { FRAMES_NONE, FRAMES_OPENVPN, FRAMES_TDS, FRAMES_TURN } frame_kind;

/** A half-seen hello. Its owner adds to it, and says when its size has changed. */
struct half {
    struct half *older, *newer;
    struct flow *flow;
    uint64_t place; /**< Where the finder was when it was put in its queue. */
    bool finished;  /**< The hello is whole; what is kept helps with a second one. */
    size_t memory;
    tlsfp_stream *stream;  /**< TCP: records from the start of a hello on. */
    struct pieces *doubt;  /**< TCP: a hello in another copy of bytes that came before. */
    struct copies *copies; /**< TCP: hellos in all copies, where they are asked for. */
    struct pieces *held;   /**< TCP: segments that came before those in front of them. */
    tlsfp_dtls *dtls;
    tlsfp_quic *quic;
    uint64_t stream_len; /**< How many bytes stream has had. */
    endpoints held_ends; /**< Whose the held segments are, */
    frame held_frame;    /**< and in which frame the last one was. */
    uint32_t urgent; /**< TCP: the sequence number of an urgent byte, where has_urgent is set. */
    bool has_urgent;
    packet_kind numbered; /**< UDP: whose numbered packets these are. */
    uint16_t hmac;        /**< OpenVPN: bytes of HMAC in each packet. */
    uint32_t number;      /**< Of the next packet; EAP: of the last one. */
    uint32_t n_frames;    /**< TCP: packets in it that were opened, */
    frame_kind kind;      /**< of that kind, */
    GByteArray *frames;   /**< and the start of the next one; or NULL. */
};

struct flows;

/** @param memory bytes of half-seen hellos. */
struct flows *flows_new(size_t memory);

/** Has halves note @p place as it is when they are put in a queue. Borrowed. */
void flows_note_places(struct flows *flows, const uint64_t *place);

void flows_free(struct flows *flows);

/**
 * The entry with that key, made if need be.
 * @param out_new whether it was.
 */
struct flow *flows_get(struct flows *flows, uint64_t key, bool *out_new);

/** The entry with that key, or NULL. */
struct flow *flows_find(struct flows *flows, uint64_t key);

/** Fetches what says where the flow with that key is into the processor's cache, */
void flows_fetch_set(const struct flows *flows, uint64_t key);

/** and the flow, or that in whose place a new one would be. */
void flows_fetch(const struct flows *flows, uint64_t key);

/** The half-seen hello of an entry, made if need be. */
struct half *flows_start_half(struct flows *flows, struct flow *flow);

/** Counts anew what @p changed holds, and drops the oldest others while all hold too much: finished
 * ones first. */
void flows_weigh(struct flows *flows, struct half *changed, bool finished);

/** Frees the half-seen hello of an entry, if there is one. */
void flows_drop_half(struct flows *flows, struct flow *flow);

/** How many entries were made. */
uint64_t flows_made(const struct flows *flows);

/** How many half-seen hellos were dropped to stay within the limit. */
uint64_t flows_dropped(const struct flows *flows);

/** The oldest half-seen hello, or NULL. */
struct half *flows_oldest(const struct flows *flows);

#endif
