/* SPDX-License-Identifier: BSD-3-Clause */
/** @file HTTP/2 (RFC 9113) by nghttp2: frames in, frames out. */
#ifndef ECHO_HTTP2_H
#define ECHO_HTTP2_H

#include "http/responder.h"

/** The server's side of a connection. */
typedef struct http2_conn http2_conn;

/**
 * @param max_head longest request head, as RFC 9113 10.5.1 counts it; longer ones are refused.
 * @param responder must stay as long as the connection.
 * @return owned by the caller, to be freed with http2_free().
 */
http2_conn *http2_new(size_t max_head, http_responder *responder);

/** Frees @p http2; NULL is fine. */
void http2_free(http2_conn *http2);

/**
 * Reads frames.
 * @return false where the connection must close, after what http2_send() gives is sent.
 */
bool http2_receive(http2_conn *http2, tlsfp_span input);

/** Appends frames to @p out until there are none, or @p out holds @p enough bytes. */
void http2_send(http2_conn *http2, GString *out, size_t enough);

/** Sends GOAWAY: open requests are still answered, new ones are not. */
void http2_end(http2_conn *http2);

/** Whether neither side has more to send. */
bool http2_is_over(const http2_conn *http2);

/** Whether a head is incomplete. */
bool http2_in_head(const http2_conn *http2);

/** Whether http2_send() has more of an answer to give. */
bool http2_is_answering(const http2_conn *http2);

#endif
