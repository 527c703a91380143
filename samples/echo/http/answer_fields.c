/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/answer_fields.h"

size_t answer_list_fields(const http_answer *answer, const char *date, const char *alternative,
                          answer_numbers *numbers, answer_field out[ANSWER_MAX_FIELDS])
{
    g_snprintf(numbers->status, sizeof numbers->status, "%u", answer->status);
    g_snprintf(numbers->length, sizeof numbers->length, "%" G_GSIZE_FORMAT,
               g_bytes_get_size(answer->body));
    const answer_field all[ANSWER_MAX_FIELDS] = {
        {":status", numbers->status},
        {"Server", "tlsfp-echo"},
        {"Date", date},
        {"Content-Type", answer->preflight ? NULL : answer->type},
        {"Content-Length", answer->preflight ? NULL : numbers->length}, /* RFC 9110 8.6 */
        {"Content-Encoding", answer->compressed ? "gzip" : NULL},
        {"Cache-Control", answer->cache},
        {"Allow", answer->allow},
        {"Content-Security-Policy", answer->policy},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Access-Control-Allow-Origin", answer->shared ? "*" : NULL},
        {"Access-Control-Allow-Methods", answer->preflight ? "GET, HEAD" : NULL},
        {"Access-Control-Allow-Headers", answer->preflight ? "*" : NULL},
        {"Alt-Svc", alternative},
    };
    size_t n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i].value != NULL)
            out[n++] = all[i];
    return n;
}
