/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * HTTP/1.1 or HTTP/2 over a byte stream: decrypted bytes in, bytes to encrypt out. It knows no
 * sockets and no clock, except for the Date field.
 */
#ifndef ECHO_HTTP_CONN_H
#define ECHO_HTTP_CONN_H

#include "http/responder.h"

typedef enum {
    HTTP_1,
    HTTP_2,
    HTTP_INSECURE, /**< HTTP/1.1 without TLS: every request is answered with the https URL. */
} http_version;

typedef enum {
    HTTP_GOES_ON,
    HTTP_ENDS,        /**< Send the output, then close. */
    HTTP_ENDS_UNREAD, /**< Likewise, but the client may still be sending. */
    HTTP_BROKEN,      /**< Close at once. */
} http_progress;

typedef struct http_conn http_conn;

/**
 * @param env, @param client must stay as long as the connection.
 * @return owned by the caller, to be freed with http_conn_free().
 */
http_conn *http_conn_new(http_version version, http_env *env, const client_info *client);

/** Frees @p http; NULL is fine. */
void http_conn_free(http_conn *http);

/** Once a call has given this many bytes, it waits until they are sent. */
enum { HTTP_ENOUGH = 32 * 1024 };

/**
 * Takes requests off @p input and appends answers to @p out, until that holds HTTP_ENOUGH bytes.
 * When those are sent, call again with the rest of the input, or with none.
 */
http_progress http_conn_receive(http_conn *http, tlsfp_span *input, GString *out);

/** Serves only the requests that have already come; appends what tells the client so (GOAWAY). */
http_progress http_conn_end(http_conn *http, GString *out);

/** Whether the connection waits for the rest of a request's head. */
bool http_conn_in_head(const http_conn *http);

/** Requests answered so far. */
uint64_t http_conn_n_requests(const http_conn *http);

#endif
