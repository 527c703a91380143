/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The frames that an HTTP/2 client sends up to its first request, as they were sent.
 *
 * RFC 9113 4.1. Of each frame the header and the first bytes of its payload are kept, of the
 * HEADERS frame only what comes before its fields.
 */
#ifndef ECHO_HTTP2_FRAMES_H
#define ECHO_HTTP2_FRAMES_H

#include <tlsfp/types.h>

/* RFC 9113 6, RFC 9218 7.1 */
enum {
    FRAME_HEADERS = 1,
    FRAME_PRIORITY = 2,
    FRAME_SETTINGS = 4,
    FRAME_WINDOW_UPDATE = 8,
    FRAME_PRIORITY_UPDATE = 16,
};

/* Flags of HEADERS; RFC 9113 6.2 */
enum {
    FLAG_END_STREAM = 1,
    FLAG_ACK = 1,
    FLAG_END_HEADERS = 4,
    FLAG_PADDED = 8,
    FLAG_PRIORITY = 32
};

/** Starts as zeros. */
typedef struct {
    GByteArray *kept;  /**< Of the frames so far; NULL before the first byte. */
    size_t n_preface;  /**< Bytes seen of the preface, RFC 9113 3.4. */
    size_t n_wanted;   /**< Bytes to keep until the next step. */
    size_t n_skipped;  /**< Then these are passed over. */
    unsigned n_frames; /**< Whose header is kept. */
    bool in_payload;   /**< What is wanted is of a payload. */
    bool whole;        /**< The first HEADERS frame was seen, or too many other ones. */
} http2_frames;

/** Takes the next bytes that the client sent; there is no need to call it once whole is set. */
void http2_frames_read(http2_frames *frames, tlsfp_span bytes);

/** Frees what @p frames holds. */
void http2_frames_clear(http2_frames *frames);

/** A frame; the payload is what was kept of it. */
typedef struct {
    uint32_t len; /**< As the frame says; the payload may have been cut. */
    uint8_t type;
    uint8_t flags;
    uint32_t stream;
    tlsfp_span payload;
} http2_frame;

/** RFC 7540 6.3 */
typedef struct {
    bool exclusive;
    uint32_t depends_on;
    unsigned weight; /**< 1 to 256. */
} http2_priority;

/** The frames so far, for http2_next_frame(). */
tlsfp_span http2_frames_list(const http2_frames *frames);

/** Takes a frame off @p list; false at the end. */
bool http2_next_frame(tlsfp_span *list, http2_frame *out);

/** Takes a setting off the payload of a SETTINGS frame; false at the end. */
bool http2_next_setting(tlsfp_span *payload, uint16_t *out_id, uint32_t *out_value);

/** The increment of a WINDOW_UPDATE frame. */
bool http2_window_increment(const http2_frame *frame, uint32_t *out);

/** The priority in a PRIORITY frame, or in a HEADERS frame that has one. */
bool http2_frame_priority(const http2_frame *frame, http2_priority *out);

/** "HEADER_TABLE_SIZE" ...; NULL for one that IANA does not list. */
const char *http2_setting_name(uint16_t id);

/** "SETTINGS" ...; NULL for one that IANA does not list. */
const char *http2_frame_name(uint8_t type);

/**
 * Appends the fingerprint of Akamai's "Passive Fingerprinting of HTTP/2 Clients" (2017), section 4:
 * settings, the first WINDOW_UPDATE of the connection, PRIORITY frames, pseudo-header fields.
 * @param pseudo_order "m,a,s,p" ...
 */
void http2_append_akamai(const http2_frames *frames, const char *pseudo_order, GString *out);

#endif
