/* SPDX-License-Identifier: BSD-3-Clause */
/** @file HTTP/3 (RFC 9114) by nghttp3: streams in, streams out. */
#ifndef ECHO_HTTP3_H
#define ECHO_HTTP3_H

#include <nghttp3/nghttp3.h>

#include "http/responder.h"
#include "quic/compat.h"

/** The server's side of a connection. */
typedef struct http3_conn http3_conn;

enum {
    HTTP3_MAX_STREAMS = 100,
    HTTP3_STREAM_WINDOW = 32 * 1024, /**< Of a request's body; it is never enlarged. */
};

/**
 * Opens the server's streams of its own.
 * @param responder must stay as long as the connection.
 * @return owned by the caller, to be freed with http3_free(); NULL where that fails.
 */
http3_conn *http3_new(ngtcp2_conn *quic, size_t max_head, http_responder *responder);

/** Frees @p http3; NULL is fine. */
void http3_free(http3_conn *http3);

/* Each of these returns 0, or an error of nghttp3 with which the connection is to be closed:
   http3_error_code(). */

int http3_receive(http3_conn *http3, int64_t stream, tlsfp_span bytes, bool last);
int http3_acknowledge(http3_conn *http3, int64_t stream, uint64_t n);
int http3_close_stream(http3_conn *http3, int64_t stream, bool has_code, uint64_t code);
int http3_unblock(http3_conn *http3, int64_t stream);
int http3_stop_reading(http3_conn *http3, int64_t stream);

/** RFC 9114 8.1 */
uint64_t http3_error_code(int error);

/** Whether the client has reset so many requests that the connection is to be closed. */
bool http3_is_flooded(const http3_conn *http3);

/** For ngtcp2_conn_writev_stream(): see nghttp3_conn_writev_stream(). */
nghttp3_conn *http3_writer(http3_conn *http3);

/** Sends GOAWAY: open requests are still answered, new ones are not. */
void http3_end(http3_conn *http3);

/** Requests that are open. */
unsigned http3_n_open(const http3_conn *http3);

/** Whether a head is incomplete. */
bool http3_in_head(const http3_conn *http3);

#endif
