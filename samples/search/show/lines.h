/* SPDX-License-Identifier: BSD-3-Clause */
/** @file How a hello is printed: as a line of fields, or as a line of JSON. */
#ifndef SEARCH_LINES_H
#define SEARCH_LINES_H

#include "show/fields.h"

/**
 * Appends the fields, joined by tabs, without a newline.
 * @param fields of const search_field *.
 */
void append_fields(GString *out, const GPtrArray *fields, sighting *seen);

/** Appends the names of the fields, likewise. */
void append_header(GString *out, const GPtrArray *fields);

/**
 * Appends one JSON object, without a newline:
 *
 *     time                string, RFC 3339 in UTC with nanoseconds
 *     frame               number
 *     file                string
 *     interface           string; only where it is known
 *     src, dst            strings
 *     srcport, dstport    numbers
 *     transport           "tls", "quic" or "dtls"
 *     sni                 string; null without that extension
 *     alpn                array of strings; null without that extension
 *     tls_data            as in tlsfp/json.h
 *     tls_fingerprints    likewise
 *     resumption, grease, pq, ech   true or false
 *     community_id        string
 *     vlan, vni           arrays of numbers; only where there are any
 *     overlap             true; only where the server did not take these bytes
 *     retry               true or false; this one and the next two with @p with_answer alone
 *     ja3s, ja3s_r        strings; null without an answer
 *     client, level       array of strings, string; with lists of names alone
 *
 * The strings in file, interface, sni and alpn are escaped as fields are (tlsfp/escape.h).
 */
void append_json(GString *out, sighting *seen, bool with_answer);

#endif
