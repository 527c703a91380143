/* SPDX-License-Identifier: BSD-3-Clause */
/** @file HTTP/1.0 and 1.1 (RFC 9112): heads of requests in, answers out. */
#ifndef ECHO_HTTP1_H
#define ECHO_HTTP1_H

#include "answer/answers.h"
#include "http/request.h"

typedef enum {
    HTTP1_REQUEST,        /**< The head of a request is whole. */
    HTTP1_MORE,           /**< It goes on after these bytes. */
    HTTP1_UNKNOWN_METHOD, /**< It begins with a word that is no method. */
    HTTP1_MALFORMED,      /**< It is no head. */
    HTTP1_TOO_LARGE,      /**< It is longer than the limit. */
} http1_status;

/** One client's side of a connection. */
typedef struct http1_reader http1_reader;

/**
 * @param max_head no longer head is read.
 * @return owned by the caller, to be freed with http1_free().
 */
http1_reader *http1_new(size_t max_head);

/** Frees @p one; NULL is fine. */
void http1_free(http1_reader *reader);

/**
 * Takes a head off @p input, which may come in pieces of any size. A body is not read: after a
 * request that has one, nothing more can be taken.
 * @param out the request, with HTTP1_REQUEST only.
 */
http1_status http1_take(http1_reader *reader, tlsfp_span *input, http_request *out);

/** Whether a part of a head was taken, and the rest is missing. */
bool http1_in_head(const http1_reader *reader);

/**
 * Appends an answer to @p out.
 * @param last tells the client that the connection ends with it.
 * @param date as RFC 9110 5.6.7 has it.
 */
void http1_write(GString *out, const http_answer *answer, const http_request *request, bool last,
                 const char *date);

#endif
