/* SPDX-License-Identifier: BSD-3-Clause */
/** @file HTTP/1.0 and 1.1 (RFC 9112): reads the heads of requests, writes answers. */
#ifndef ECHO_HTTP1_H
#define ECHO_HTTP1_H

#include "answer/answers.h"
#include "http/request.h"

typedef enum {
    HTTP1_REQUEST, /**< A whole head. */
    HTTP1_MORE,    /**< The head is incomplete. */
    HTTP1_REFUSED, /**< http1_refusal() says with which status; nothing more can be taken. */
} http1_status;

/** Reads the requests of one connection. */
typedef struct http1_reader http1_reader;

/**
 * @param max_head longest head, in bytes.
 * @return owned by the caller, to be freed with http1_free().
 */
http1_reader *http1_new(size_t max_head);

/** Frees @p reader; NULL is fine. */
void http1_free(http1_reader *reader);

/**
 * Takes a head off @p input, which may come in pieces of any size. Bodies are not read: a request
 * with a body is the last one.
 * @param out set with HTTP1_REQUEST only; to be cleared with request_clear().
 */
http1_status http1_take(http1_reader *reader, tlsfp_span *input, http_request *out);

/** After HTTP1_REFUSED: 400 for what is no request, 414 or 431 for one too long, 505. */
unsigned http1_refusal(const http1_reader *reader);

/** Whether a head is incomplete. */
bool http1_in_head(const http1_reader *reader);

/**
 * Appends an answer to @p out.
 * @param last whether the connection closes after it.
 * @param date value of the Date field.
 * @param alternative value of Alt-Svc, or NULL.
 */
void http1_write(GString *out, const http_answer *answer, const http_request *request, bool last,
                 const char *date, const char *alternative);

#endif
