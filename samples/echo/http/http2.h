/* SPDX-License-Identifier: BSD-3-Clause */
/** @file HTTP/2 (RFC 9113), by nghttp2: frames in, frames out. */
#ifndef ECHO_HTTP2_H
#define ECHO_HTTP2_H

#include "answer/answers.h"
#include "http/request.h"

/** The server's side of a connection. */
typedef struct http2 http2;

/** Gives the answer to a request. */
typedef answer (*http2_answerer)(void *data, const request *asked);

/**
 * @param max_head longer heads (RFC 9113 10.5.1) are refused.
 * @param date gives the time as RFC 9110 5.6.7 has it.
 * @param data for @p answerer and @p date.
 * @return owned by the caller, to be freed with http2_free().
 */
http2 *http2_new(size_t max_head, http2_answerer answerer, const char *(*date)(void *data),
                 void *data);

/** Frees @p one; NULL is fine. */
void http2_free(http2 *one);

/**
 * Reads what the client sent.
 * @return false where the connection must end: send what http2_send() gives, and close.
 */
bool http2_receive(http2 *one, tlsfp_span input);

/** Appends frames to @p out until there are none, or @p out holds @p enough bytes. */
void http2_send(http2 *one, GString *out, size_t enough);

/** Tells the client that no more requests are served. Those that are open are. */
void http2_end(http2 *one);

/** Whether both sides have nothing more to say. */
bool http2_is_over(const http2 *one);

/** Whether a part of a head came, and the rest is missing. */
bool http2_in_head(const http2 *one);

/** Whether an answer is not yet all in what http2_send() gave. */
bool http2_is_answering(const http2 *one);

#endif
