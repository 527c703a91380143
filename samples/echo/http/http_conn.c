/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http_conn.h"

#include "http/http1.h"
#include "http/http2.h"

struct http_conn {
    http_version version;
    http_responder responder;
    http1_reader *http1; /* HTTP/1.1 */
    http2_conn *http2;   /* HTTP/2 */
    bool ending;
};

http_conn *http_conn_new(http_version version, http_env *env, const client_info *client)
{
    http_conn *http = g_new0(http_conn, 1);
    http->version = version;
    responder_init(&http->responder, env, client, version == HTTP_2 ? 2 : 1);
    if (version == HTTP_2)
        http->http2 = http2_new(env->max_head, &http->responder);
    else
        http->http1 = http1_new(env->max_head);
    return http;
}

void http_conn_free(http_conn *http)
{
    if (http == NULL)
        return;
    http1_free(http->http1);
    http2_free(http->http2);
    responder_clear(&http->responder);
    g_free(http);
}

/* -- HTTP/1.1 */

/** Writes an answer that ends the connection. */
static void write_last(http_conn *http, http_answer answer, const http_request *request,
                       GString *out)
{
    http1_write(out, &answer, request, true, responder_date(&http->responder),
                http->responder.env->alternative);
    answer_clear(&answer);
}

static http_progress refuse(http_conn *http, unsigned status, GString *out)
{
    const http_request none = {0};
    if (http->version == HTTP_INSECURE)
        return HTTP_BROKEN;
    write_last(http, answer_refusing(status), &none, out);
    return HTTP_ENDS_UNREAD;
}

static http_progress answer_request(http_conn *http, const http_request *request, GString *out)
{
    if (http->version == HTTP_INSECURE) {
        write_last(http, answer_insecure(request, http->responder.env->answers.port), request, out);
        return HTTP_ENDS_UNREAD;
    }
    const bool last = !request->keep_alive || http->ending;
    http_answer answer = responder_answer(&http->responder, request);
    http1_write(out, &answer, request, last, responder_date(&http->responder),
                http->responder.env->alternative);
    answer_clear(&answer);
    if (request->has_body)
        return HTTP_ENDS_UNREAD;
    return last ? HTTP_ENDS : HTTP_GOES_ON;
}

static http_progress receive_http1(http_conn *http, tlsfp_span *input, GString *out)
{
    http_request request;
    http_progress progress = HTTP_GOES_ON;
    while (progress == HTTP_GOES_ON && out->len < HTTP_ENOUGH) {
        switch (http1_take(http->http1, input, &request)) {
        case HTTP1_REQUEST:
            progress = answer_request(http, &request, out);
            request_clear(&request);
            break;
        case HTTP1_MORE:
            return HTTP_GOES_ON;
        default:
            return refuse(http, http1_refusal(http->http1), out);
        }
    }
    return progress;
}

/* -- HTTP/2 */

static http_progress receive_http2(http_conn *http, tlsfp_span *input, GString *out)
{
    const bool fine = input->len == 0 || http2_receive(http->http2, *input);
    *input = (tlsfp_span){NULL, 0};
    http2_send(http->http2, out, HTTP_ENOUGH);
    if (!fine)
        return HTTP_ENDS_UNREAD;
    const bool done = http->ending && !http2_is_answering(http->http2);
    return done || http2_is_over(http->http2) ? HTTP_ENDS : HTTP_GOES_ON;
}

/* -- either */

http_progress http_conn_receive(http_conn *http, tlsfp_span *input, GString *out)
{
    return http->http1 != NULL ? receive_http1(http, input, out) : receive_http2(http, input, out);
}

http_progress http_conn_end(http_conn *http, GString *out)
{
    http->ending = true;
    if (http->http1 != NULL)
        return HTTP_ENDS;
    http2_end(http->http2);
    http2_send(http->http2, out, HTTP_ENOUGH);
    return http2_is_answering(http->http2) ? HTTP_GOES_ON : HTTP_ENDS;
}

bool http_conn_in_head(const http_conn *http)
{
    return http->http1 != NULL ? http1_in_head(http->http1) : http2_in_head(http->http2);
}

uint64_t http_conn_n_requests(const http_conn *http)
{
    return http->responder.n_requests;
}
