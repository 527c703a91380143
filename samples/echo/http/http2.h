/* SPDX-License-Identifier: BSD-3-Clause */
/** @file HTTP/2 (RFC 9113), by nghttp2: frames in, frames out. */
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

/** Frees @p one; NULL is fine. */
void http2_free(http2_conn *http2);

/**
 * Reads what the client sent.
 * @return false where the connection must end: send what http2_send() gives, and close.
 */
bool http2_receive(http2_conn *http2, tlsfp_span input);

/** Appends frames to @p out until there are none, or @p out holds @p enough bytes. */
void http2_send(http2_conn *http2, GString *out, size_t enough);

/** Tells the client that no more requests are served. Those that are open are. */
void http2_end(http2_conn *http2);

/** Whether both sides have nothing more to say. */
bool http2_is_over(const http2_conn *http2);

/** Whether a part of a head came, and the rest is missing. */
bool http2_in_head(const http2_conn *http2);

/** Whether an answer is not yet all in what http2_send() gave. */
bool http2_is_answering(const http2_conn *http2);

#endif
