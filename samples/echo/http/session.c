/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/session.h"

#include "answer/answers.h"
#include "answer/log.h"
#include "http/http1.h"
#include "http/http2.h"

struct session {
    session_language language;
    session_room *room;
    const client *who;
    answers *all;
    http1 *text;   /* HTTP/1 */
    http2 *frames; /* HTTP/2 */
    uint64_t n_requests;
    bool ending;
};

static answer give(void *data, const request *asked)
{
    session *one = data;
    answer given = answers_to(one->all, one->room->context, asked);
    one->n_requests++;
    log_request(one->room->log, one->who, one->room->context, asked, given.status);
    return given;
}

static const char *date(void *data)
{
    return date_now(&((session *)data)->room->date);
}

session *session_new(session_language language, session_room *room, const client *who)
{
    session *one = g_new0(session, 1);
    *one = (session){
        .language = language, .room = room, .who = who, .all = answers_new(who, room->port)};
    if (language == SPEAK_HTTP2)
        one->frames = http2_new(room->max_head, give, date, one);
    else
        one->text = http1_new(room->max_head);
    return one;
}

void session_free(session *one)
{
    if (one == NULL)
        return;
    http1_free(one->text);
    http2_free(one->frames);
    answers_free(one->all);
    g_free(one);
}

/** Writes an answer that ends the connection. */
static void write_last(session *one, answer given, const request *asked, GString *out)
{
    http1_write(out, &given, asked, true, date(one));
    answer_clear(&given);
}

static session_status refuse(session *one, unsigned status, GString *out)
{
    const request none = {0};
    if (one->language == SPEAK_INSECURE)
        return SESSION_BROKEN;
    write_last(one, answer_refusing(status), &none, out);
    return SESSION_ENDS_UNREAD;
}

static session_status answer_request(session *one, const request *asked, GString *out)
{
    if (one->language == SPEAK_INSECURE) {
        write_last(one, answer_insecure(asked, one->room->port), asked, out);
        return SESSION_ENDS_UNREAD;
    }
    const bool last = !asked->keep_alive || one->ending;
    answer given = give(one, asked);
    http1_write(out, &given, asked, last, date(one));
    answer_clear(&given);
    if (asked->has_body)
        return SESSION_ENDS_UNREAD;
    return last ? SESSION_ENDS : SESSION_GOES_ON;
}

static session_status receive_text(session *one, tlsfp_span *input, GString *out)
{
    request asked;
    session_status status = SESSION_GOES_ON;
    while (status == SESSION_GOES_ON && out->len < SESSION_ENOUGH) {
        switch (http1_take(one->text, input, &asked)) {
        case HTTP1_REQUEST:
            status = answer_request(one, &asked, out);
            break;
        case HTTP1_MORE:
            return SESSION_GOES_ON;
        case HTTP1_UNKNOWN_METHOD:
            return refuse(one, 405, out);
        case HTTP1_TOO_LARGE:
            return refuse(one, 431, out);
        default:
            return refuse(one, 400, out);
        }
    }
    return status;
}

static session_status receive_frames(session *one, tlsfp_span *input, GString *out)
{
    const bool fine = input->len == 0 || http2_receive(one->frames, *input);
    *input = (tlsfp_span){NULL, 0};
    http2_send(one->frames, out, SESSION_ENOUGH);
    if (!fine)
        return SESSION_ENDS_UNREAD;
    const bool done = one->ending && !http2_is_answering(one->frames);
    return done || http2_is_over(one->frames) ? SESSION_ENDS : SESSION_GOES_ON;
}

session_status session_receive(session *one, tlsfp_span *input, GString *out)
{
    return one->text != NULL ? receive_text(one, input, out) : receive_frames(one, input, out);
}

session_status session_end(session *one, GString *out)
{
    one->ending = true;
    if (one->text != NULL)
        return SESSION_ENDS;
    http2_end(one->frames);
    http2_send(one->frames, out, SESSION_ENOUGH);
    return http2_is_answering(one->frames) ? SESSION_GOES_ON : SESSION_ENDS;
}

bool session_in_head(const session *one)
{
    return one->text != NULL ? http1_in_head(one->text) : http2_in_head(one->frames);
}

uint64_t session_n_requests(const session *one)
{
    return one->n_requests;
}
