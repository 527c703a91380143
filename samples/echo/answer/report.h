/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The JSON that /tls and /all give. */
#ifndef ECHO_REPORT_H
#define ECHO_REPORT_H

#include "answer/findings.h"
#include "http/request.h"

/**
 * The JSON of /tls: tls_data and tls_fingerprints as in tlsfp/json.h; then "connection", what was
 * negotiated; and "names", what the values of tls_data are called, key by key and one by one, null
 * where a value has no name. With lists of names, "client", an array of its names, and "level",
 * null without any.
 * @param indented for people to read; else it is one line.
 * @return JSON and a newline; to be released with g_bytes_unref().
 */
GBytes *report_json(findings *found, bool indented);

/**
 * The JSON of /all: "tls", "http", "quic", "tcp", "client", "level", "nearest", "claim". What a
 * connection does not have is null.
 */
GBytes *report_all(findings *found, const http_request *request, bool indented);

/** The JSON of /api/all, in another service's keys; the manual lists what is left out. */
GBytes *report_api_all(findings *found, const http_request *request, bool indented);

/** Makes a body of a report; frees it. */
GBytes *report_end(GString *report, bool indented);

#endif
