/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The answer to a request: status, fields and body, whichever version of HTTP carries it. */
#ifndef ECHO_ANSWERS_H
#define ECHO_ANSWERS_H

#include "answer/findings.h"
#include "http/request.h"

/** Strings are static. */
typedef struct {
    unsigned status;
    const char *reason; /**< "Not Found". */
    const char *type;   /**< Content-Type. */
    const char *cache;  /**< Cache-Control. */
    const char *allow;  /**< Allow, or NULL. */
    const char *policy; /**< Content-Security-Policy, or NULL. */
    bool compressed;    /**< The body is in gzip. */
    bool shared;        /**< Scripts of other sites may read it. */
    bool preflight;     /**< It answers a question whether they may ask. */
    GBytes *body;       /**< Owned; after HEAD only its length is sent. */
} http_answer;

/** The answers to one client. A body that is asked for a second time is kept from then on. */
typedef struct client_answers client_answers;

/** What all answers of the server have in common. */
typedef struct {
    uint16_t port;        /**< The server's. */
    known_clients *known; /**< NULL where there are no lists. */
    bool cors;            /**< JSON is for scripts of other sites, too. */
    bool json_only;       /**< "/" gives JSON, and there are no pages. */
} answer_setup;

/**
 * @param client, @param facts, @param setup must stay as long as the answers.
 * @return owned by the caller, to be freed with answers_free().
 */
client_answers *answers_new(const client_info *client, const http_facts *facts,
                            const answer_setup *setup);

/** Frees @p answers; NULL is fine. */
void answers_free(client_answers *answers);

/** Answers @p request; the answer is to be cleared with answer_clear(). */
http_answer answers_to(client_answers *answers, tlsfp_context *context,
                       const http_request *request);

/** For bytes that are no request: 400, 414, 431, 501 or 505, with a line that says why. */
http_answer answer_refusing(unsigned status);

/** For a client that speaks HTTP without TLS: 400, with the https URL. */
http_answer answer_insecure(const http_request *request, uint16_t port);

/** Frees the body. */
void answer_clear(http_answer *answer);

#endif
