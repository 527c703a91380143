/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/responder.h"

void responder_init(http_responder *out, http_env *env, const client_info *client)
{
    *out =
        (http_responder){.env = env, .client = client, .answers = answers_new(client, env->port)};
}

void responder_clear(http_responder *responder)
{
    answers_free(responder->answers);
}

http_answer responder_answer(http_responder *responder, const http_request *request)
{
    const http_env *env = responder->env;
    const http_answer answer = answers_to(responder->answers, env->context, request);
    responder->n_requests++;
    log_request(env->log, responder->client, request, answer.status);
    return answer;
}

const char *responder_date(http_responder *responder)
{
    return date_now(&responder->env->date);
}
