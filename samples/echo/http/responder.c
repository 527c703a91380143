/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/responder.h"

void responder_init(http_responder *out, http_env *env, const client_info *client, unsigned version)
{
    *out = (http_responder){.env = env, .client = client, .facts.version = version};
    out->answers = answers_new(client, &out->facts, &env->answers);
}

void responder_clear(http_responder *responder)
{
    answers_free(responder->answers);
    http_facts_clear(&responder->facts);
}

http_answer responder_answer(http_responder *responder, const http_request *request)
{
    const http_env *env = responder->env;
    http_facts *facts = &responder->facts;
    if (responder->n_requests == 0 && facts->version > 1 && request->fields != NULL)
        facts->first = g_string_new_len(request->fields->str, (gssize)request->fields->len);
    const http_answer answer = answers_to(responder->answers, env->context, request);
    responder->n_requests++;
    log_request(env->log, responder->client, request, answer.status);
    return answer;
}

const char *responder_date(http_responder *responder)
{
    return date_now(&responder->env->date);
}
