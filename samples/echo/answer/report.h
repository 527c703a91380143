/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The JSON that /tls gives. */
#ifndef ECHO_REPORT_H
#define ECHO_REPORT_H

#include "client.h"

/**
 * tls_data and tls_fingerprints as in tlsfp/json.h; then "connection", what was negotiated; and
 * "names", what the values of tls_data are called, key by key and one by one, null where a value
 * has no name. With lists of names, "client", an array of its names, and "level", null without any.
 * @param indented for people to read; else it is one line.
 * @return JSON and a newline; to be released with g_bytes_unref().
 */
GBytes *report_json(const client_info *client, tlsfp_context *context, bool indented);

#endif
