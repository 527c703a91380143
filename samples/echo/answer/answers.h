/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a client is told: status, fields and body, for either HTTP. */
#ifndef ECHO_ANSWERS_H
#define ECHO_ANSWERS_H

#include <tlsfp/fingerprint.h>

#include "http/request.h"
#include "serve/client.h"

/** One answer. Strings are static. */
typedef struct {
    unsigned status;
    const char *reason; /**< "Not Found". */
    const char *type;   /**< Content-Type. */
    const char *cache;  /**< Cache-Control. */
    const char *allow;  /**< Allow, or NULL. */
    const char *policy; /**< Content-Security-Policy, or NULL. */
    GBytes *body;       /**< Owned; a HEAD's answer says its length. */
} answer;

/** The answers to one client. What is asked for again and again is made twice, and then kept. */
typedef struct answers answers;

/**
 * @param who must stay as long as the answers.
 * @param port that the server listens on.
 * @return owned by the caller, to be freed with answers_free().
 */
answers *answers_new(const client *who, uint16_t port);

/** Frees @p all; NULL is fine. */
void answers_free(answers *all);

/** The answer to @p asked; to be cleared with answer_clear(). */
answer answers_to(answers *all, tlsfp_context *context, const request *asked);

/** For what never became a request: 400, 405 or 431, with a line that says why. */
answer answer_refusing(unsigned status);

/** For a client that speaks HTTP without TLS: names the URL to ask for. */
answer answer_insecure(const request *asked, uint16_t port);

/** Frees what @p one holds. */
void answer_clear(answer *one);

#endif
