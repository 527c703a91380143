/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The head of an HTTP/1 request, RFC 9112: strict where the RFC says MUST.
 *
 * No library of Debian 12 does that: http-parser is archived (2022) and takes much of what
 * tests/echo/test_head.c refuses, llhttp comes in C with Debian 13 only, and libevent's parser is
 * a part of its own server.
 */
#ifndef ECHO_HEAD_H
#define ECHO_HEAD_H

#include "http/request.h"

/**
 * Parses a whole head: request line, fields, and the empty line.
 * @param out set where the head is a request; to be cleared with request_clear().
 * @return 0, or the status to refuse it with: 400 or 505.
 */
unsigned head_parse(tlsfp_span head, http_request *out);

/** Checks the request line of a head that may be incomplete behind it. @return as head_parse(). */
unsigned head_check_request_line(tlsfp_span head);

/** Whether a byte may stand in a request line, its line end included. */
bool head_may_begin(uint8_t byte);

#endif
