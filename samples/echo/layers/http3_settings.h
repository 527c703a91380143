/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The settings that an HTTP/3 client sends: the first frame of its control stream (RFC 9114 7.2.4).
 */
#ifndef ECHO_HTTP3_SETTINGS_H
#define ECHO_HTTP3_SETTINGS_H

#include <tlsfp/types.h>

/** Reads one of the client's unidirectional streams from its start; starts as zeros. */
typedef struct {
    int64_t stream;    /**< Its id. */
    GByteArray *bytes; /**< The stream so far; NULL before its first byte, and once it is read. */
    bool done;         /**< It is no control stream, or its settings are known. */
} http3_control;

/**
 * Takes the next bytes of the stream.
 * @param out_settings appended to: the payload of the SETTINGS frame, when that is whole. Where it
 * is longer than a kilobyte nothing is.
 */
void http3_control_read(http3_control *control, tlsfp_span bytes, GByteArray *out_settings);

/** Frees what @p control holds. */
void http3_control_clear(http3_control *control);

/** Takes a setting off a list; false at the end. */
bool http3_next_setting(tlsfp_span *list, uint64_t *out_id, uint64_t *out_value);

/** Ids of the form 31 * N + 33 are chosen at random: RFC 9114 7.2.4.1. */
bool http3_setting_is_grease(uint64_t id);

/** "MAX_FIELD_SECTION_SIZE" ...; NULL for one that is not known here. */
const char *http3_setting_name(uint64_t id);

/**
 * Appends the fingerprint as services for testing print it: settings in the order sent, those
 * chosen at random as "GREASE"; "|"; pseudo-header fields.
 * @param pseudo_order "m,a,s,p" ...
 */
void http3_append_fingerprint(tlsfp_span settings, const char *pseudo_order, GString *out);

#endif
