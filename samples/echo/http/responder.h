/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Answers the requests of one connection, and logs them.
 *
 * This is what a version of HTTP needs of the rest of the server: it turns bytes or frames into an
 * http_request, asks responder_answer(), and sends the http_answer. HTTP/1.1 and HTTP/2 use it
 * through http_conn; a version with a transport of its own uses it directly.
 */
#ifndef ECHO_RESPONDER_H
#define ECHO_RESPONDER_H

#include "answer/answers.h"
#include "answer/log.h"
#include "http/date.h"
#include "options.h"

/** What the connections of one thread share. */
typedef struct {
    tlsfp_context *context;
    date_line date;
    const event_log *log;
    size_t max_head; /**< Longest request head, in bytes. */
    answer_setup answers;
    const char *alternative; /**< Value of Alt-Svc, where HTTP/3 is served; NULL else. */
} http_env;

typedef struct {
    http_env *env;
    const client_info *client;
    http_facts facts;
    client_answers *answers;
    uint64_t n_requests; /**< Answered so far. */
} http_responder;

/**
 * @param env, @param client must stay as long as the responder, which must stay in its place.
 * @param version of HTTP: 1, 2 or 3.
 * @param out to be cleared with responder_clear().
 */
void responder_init(http_responder *out, http_env *env, const client_info *client,
                    unsigned version);

/** Frees what @p responder holds. */
void responder_clear(http_responder *responder);

/** Answers a request; the answer is to be cleared with answer_clear(). */
http_answer responder_answer(http_responder *responder, const http_request *request);

/** The time for a Date field; good until the next call. */
const char *responder_date(http_responder *responder);

#endif
