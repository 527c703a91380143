/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/http3.h"

#include <string.h>

#include "http/answer_fields.h"
#include "layers/http3_settings.h"

enum {
    FIELD_OVERHEAD = 32, /* RFC 9114 4.2.2 */
    MAX_CONTROLS = 4,    /* unidirectional streams that are searched for settings */
    STREAM_KIND = 3,     /* RFC 9000 2.1 */
    CLIENT_UNI = 2,
    /* As in http/http2.c: a request that is reset at once must cost. */
    MAX_CREDIT = 500,
    ANSWER_EARNS = 8,
    RESET_COSTS = ANSWER_EARNS + 1,
    LONGEST_NAME = 48,                     /* of an answer's field */
    BODY_ENOUGH = HTTP3_STREAM_WINDOW / 2, /* of a request; more is stopped */
};

/** A request and its answer. */
typedef struct {
    GList link; /* in http3_conn.streams */
    int64_t id;
    http_request request;
    size_t n_head;
    size_t n_received; /* of the request's body */
    http_answer answer;
    bool in_head;
} http3_stream;

struct http3_conn {
    ngtcp2_conn *quic;
    nghttp3_conn *session;
    http_responder *responder;
    size_t max_head;
    GQueue streams;
    unsigned n_in_head;
    int credit;
    http3_control controls[MAX_CONTROLS];
    size_t n_controls;
};

static void leave_head(http3_conn *http3, http3_stream *stream)
{
    http3->n_in_head -= stream->in_head;
    stream->in_head = false;
}

static void free_stream(http3_conn *http3, http3_stream *stream)
{
    leave_head(http3, stream);
    g_queue_unlink(&http3->streams, &stream->link);
    answer_clear(&stream->answer);
    request_clear(&stream->request);
    g_free(stream);
}

/* -- requests */

static int on_begin_headers(nghttp3_conn *session, int64_t id, void *data, void *stream_data)
{
    (void)stream_data;
    http3_conn *http3 = data;
    http3_stream *stream = g_new0(http3_stream, 1);
    *stream = (http3_stream){.link.data = stream, .id = id, .in_head = true};
    http3->n_in_head++;
    g_queue_push_tail_link(&http3->streams, &stream->link);
    nghttp3_conn_set_stream_user_data(session, id, stream);
    return 0;
}

static tlsfp_span span_of(const nghttp3_rcbuf *buffer)
{
    const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
    return (tlsfp_span){bytes.base, bytes.len};
}

static int on_header(nghttp3_conn *session, int64_t id, int32_t token, nghttp3_rcbuf *name,
                     nghttp3_rcbuf *value, uint8_t flags, void *data, void *stream_data)
{
    (void)session;
    (void)id;
    (void)token;
    (void)flags;
    const http3_conn *http3 = data;
    http3_stream *stream = stream_data;
    if (stream == NULL)
        return 0;
    stream->n_head += span_of(name).len + span_of(value).len + FIELD_OVERHEAD;
    if (stream->n_head <= http3->max_head)
        request_add_pseudo_field(&stream->request, span_of(name), span_of(value));
    return 0;
}

static nghttp3_ssize give_body(nghttp3_conn *session, int64_t id, nghttp3_vec *out, size_t n,
                               uint32_t *flags, void *data, void *stream_data)
{
    (void)session;
    (void)id;
    (void)n;
    (void)data;
    http3_stream *stream = stream_data;
    gsize len = 0;
    const void *body = g_bytes_get_data(stream->answer.body, &len);
    *flags |= NGHTTP3_DATA_FLAG_EOF;
    out[0] = (nghttp3_vec){(uint8_t *)body, len};
    return len > 0 ? 1 : 0;
}

/** RFC 9114 4.2: names are lower case. */
static nghttp3_nv field(const answer_field *from, char name[LONGEST_NAME])
{
    const size_t len = strlen(from->name);
    for (size_t i = 0; i < len; i++)
        name[i] = g_ascii_tolower(from->name[i]);
    return (nghttp3_nv){.name = (uint8_t *)name,
                        .value = (uint8_t *)from->value,
                        .namelen = len,
                        .valuelen = strlen(from->value)};
}

static int submit(http3_conn *http3, http3_stream *stream)
{
    answer_numbers numbers;
    answer_field listed[ANSWER_MAX_FIELDS];
    char names[ANSWER_MAX_FIELDS][LONGEST_NAME];
    nghttp3_nv fields[ANSWER_MAX_FIELDS];
    const nghttp3_data_reader body = {give_body};
    const size_t n = answer_list_fields(&stream->answer, responder_date(http3->responder), NULL,
                                        &numbers, listed);
    for (size_t i = 0; i < n; i++)
        fields[i] = field(&listed[i], names[i]);
    const bool bare =
        stream->request.method == METHOD_HEAD || g_bytes_get_size(stream->answer.body) == 0;
    http3->credit = MIN(http3->credit + ANSWER_EARNS, MAX_CREDIT);
    return nghttp3_conn_submit_response(http3->session, stream->id, fields, n, bare ? NULL : &body);
}

static int on_end_headers(nghttp3_conn *session, int64_t id, int fin, void *data, void *stream_data)
{
    (void)session;
    (void)id;
    (void)fin;
    http3_conn *http3 = data;
    http3_stream *stream = stream_data;
    if (stream == NULL)
        return 0;
    leave_head(http3, stream);
    stream->answer = stream->n_head > http3->max_head
                         ? answer_refusing(431)
                         : responder_answer(http3->responder, &stream->request);
    return submit(http3, stream) == 0 ? 0 : NGHTTP3_ERR_CALLBACK_FAILURE;
}

/**
 * A long body is stopped by STOP_SENDING with H3_NO_ERROR (RFC 9114 4.1): its request is answered,
 * and its stream's window is never enlarged, so that the client would wait for one until it gives
 * up.
 */
static int on_data(nghttp3_conn *session, int64_t id, const uint8_t *bytes, size_t len, void *data,
                   void *stream_data)
{
    (void)session;
    (void)bytes;
    http3_conn *http3 = data;
    http3_stream *stream = stream_data;
    ngtcp2_conn_extend_max_offset(http3->quic, len);
    if (stream == NULL || stream->n_received >= BODY_ENOUGH)
        return 0;
    stream->n_received += len;
    if (stream->n_received < BODY_ENOUGH)
        return 0;
    const int error = compat_stop_stream(http3->quic, id, NGHTTP3_H3_NO_ERROR);
    return error == 0 ? 0 : NGHTTP3_ERR_CALLBACK_FAILURE;
}

static int on_deferred(nghttp3_conn *session, int64_t id, size_t n, void *data, void *stream_data)
{
    (void)session;
    (void)stream_data;
    http3_conn *http3 = data;
    ngtcp2_conn_extend_max_stream_offset(http3->quic, id, n);
    ngtcp2_conn_extend_max_offset(http3->quic, n);
    return 0;
}

static int on_stop_sending(nghttp3_conn *session, int64_t id, uint64_t code, void *data,
                           void *stream_data)
{
    (void)session;
    (void)stream_data;
    http3_conn *http3 = data;
    return compat_stop_stream(http3->quic, id, code) == 0 ? 0 : NGHTTP3_ERR_CALLBACK_FAILURE;
}

static int on_reset(nghttp3_conn *session, int64_t id, uint64_t code, void *data, void *stream_data)
{
    (void)session;
    (void)stream_data;
    http3_conn *http3 = data;
    return compat_reset_stream(http3->quic, id, code) == 0 ? 0 : NGHTTP3_ERR_CALLBACK_FAILURE;
}

static int on_stream_close(nghttp3_conn *session, int64_t id, uint64_t code, void *data,
                           void *stream_data)
{
    (void)session;
    (void)id;
    http3_conn *http3 = data;
    if (code != NGHTTP3_H3_NO_ERROR)
        http3->credit -= RESET_COSTS;
    if (stream_data != NULL)
        free_stream(http3, stream_data);
    return 0;
}

/* -- the connection */

/** RFC 9114 6.2: the control stream, and QPACK's two. */
static bool open_streams(http3_conn *http3)
{
    int64_t control, encoder, decoder;
    return ngtcp2_conn_open_uni_stream(http3->quic, &control, NULL) == 0 &&
           ngtcp2_conn_open_uni_stream(http3->quic, &encoder, NULL) == 0 &&
           ngtcp2_conn_open_uni_stream(http3->quic, &decoder, NULL) == 0 &&
           nghttp3_conn_bind_control_stream(http3->session, control) == 0 &&
           nghttp3_conn_bind_qpack_streams(http3->session, encoder, decoder) == 0;
}

http3_conn *http3_new(ngtcp2_conn *quic, size_t max_head, http_responder *responder)
{
    const nghttp3_callbacks callbacks = {
        .stream_close = on_stream_close,
        .recv_data = on_data,
        .deferred_consume = on_deferred,
        .begin_headers = on_begin_headers,
        .recv_header = on_header,
        .end_headers = on_end_headers,
        .stop_sending = on_stop_sending,
        .reset_stream = on_reset,
    };
    nghttp3_settings settings;
    nghttp3_settings_default(&settings);
    settings.max_field_section_size = max_head;
    http3_conn *http3 = g_new0(http3_conn, 1);
    *http3 = (http3_conn){
        .quic = quic, .responder = responder, .max_head = max_head, .credit = MAX_CREDIT};
    responder->facts.settings = g_byte_array_new();
    if (nghttp3_conn_server_new(&http3->session, &callbacks, &settings, nghttp3_mem_default(),
                                http3) == 0) {
        nghttp3_conn_set_max_client_streams_bidi(http3->session, HTTP3_MAX_STREAMS);
        if (open_streams(http3))
            return http3;
    }
    http3_free(http3);
    return NULL;
}

void http3_free(http3_conn *http3)
{
    if (http3 == NULL)
        return;
    nghttp3_conn_del(http3->session);
    while (http3->streams.head != NULL)
        free_stream(http3, http3->streams.head->data);
    for (size_t i = 0; i < http3->n_controls; i++)
        http3_control_clear(&http3->controls[i]);
    g_free(http3);
}

/** Looks for the client's settings. */
static void watch(http3_conn *http3, int64_t stream, tlsfp_span bytes)
{
    size_t i = 0;
    while (i < http3->n_controls && http3->controls[i].stream != stream)
        i++;
    if (i == MAX_CONTROLS)
        return;
    if (i == http3->n_controls)
        http3->controls[http3->n_controls++].stream = stream;
    http3_control_read(&http3->controls[i], bytes, http3->responder->facts.settings);
}

int http3_receive(http3_conn *http3, int64_t stream, tlsfp_span bytes, bool last)
{
    if ((stream & STREAM_KIND) == CLIENT_UNI)
        watch(http3, stream, bytes);
    const nghttp3_ssize n =
        nghttp3_conn_read_stream(http3->session, stream, bytes.data, bytes.len, last);
    if (n < 0)
        return (int)n;
    ngtcp2_conn_extend_max_stream_offset(http3->quic, stream, (uint64_t)n);
    ngtcp2_conn_extend_max_offset(http3->quic, (uint64_t)n);
    return 0;
}

int http3_acknowledge(http3_conn *http3, int64_t stream, uint64_t n)
{
    return nghttp3_conn_add_ack_offset(http3->session, stream, n);
}

int http3_close_stream(http3_conn *http3, int64_t stream, bool has_code, uint64_t code)
{
    const int error =
        nghttp3_conn_close_stream(http3->session, stream, has_code ? code : NGHTTP3_H3_NO_ERROR);
    return error == NGHTTP3_ERR_STREAM_NOT_FOUND ? 0 : error;
}

int http3_unblock(http3_conn *http3, int64_t stream)
{
    return nghttp3_conn_unblock_stream(http3->session, stream);
}

int http3_stop_reading(http3_conn *http3, int64_t stream)
{
    return nghttp3_conn_shutdown_stream_read(http3->session, stream);
}

uint64_t http3_error_code(int error)
{
    return nghttp3_err_infer_quic_app_error_code(error);
}

bool http3_is_flooded(const http3_conn *http3)
{
    return http3->credit < 0;
}

nghttp3_conn *http3_writer(http3_conn *http3)
{
    return http3->session;
}

void http3_end(http3_conn *http3)
{
    nghttp3_conn_shutdown(http3->session);
}

unsigned http3_n_open(const http3_conn *http3)
{
    return http3->streams.length;
}

bool http3_in_head(const http3_conn *http3)
{
    return http3->n_in_head > 0;
}
