/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/http2.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

#include "http/answer_fields.h"
#include "http/frame_room.h"

enum {
    MAX_STREAMS = 100,
    MAX_SETTINGS = 32,   /* in one frame */
    FIELD_OVERHEAD = 32, /* RFC 9113 6.5.2 */
    /* Each frame costs one credit; a client that runs out of it is closed (RFC 9113 10.5). */
    MAX_CREDIT = 500,
    ANSWER_EARNS = 8,
    BODY_ENOUGH = 32 * 1024,        /* of a request; more is stopped once it is answered */
    RESET_COSTS = ANSWER_EARNS + 1, /* a request that is reset at once must cost */
};

/** A request and its answer. */
typedef struct {
    GList link; /* in http2_conn.streams */
    http_request request;
    size_t n_head;
    http_answer answer;
    size_t n_sent;     /* of the answer's body */
    size_t n_received; /* of the request's body */
    bool answering, answered, stopped;
} http2_stream;

struct http2_conn {
    nghttp2_session *session;
    frame_room frames;
    http_responder *responder;
    size_t max_head;
    int credit;
    GQueue streams;
    unsigned n_answering;
    bool in_head;
};

static http2_stream *stream_of(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

static http2_stream *open_stream(http2_conn *http2)
{
    http2_stream *stream = g_new0(http2_stream, 1);
    stream->link.data = stream;
    g_queue_push_tail_link(&http2->streams, &stream->link);
    return stream;
}

static void finish_answer(http2_conn *http2, http2_stream *stream)
{
    if (!stream->answering)
        return;
    stream->answering = false;
    http2->n_answering--;
}

static void close_stream(http2_conn *http2, http2_stream *stream)
{
    finish_answer(http2, stream);
    g_queue_unlink(&http2->streams, &stream->link);
    answer_clear(&stream->answer);
    request_clear(&stream->request);
    g_free(stream);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    http2_conn *http2 = data;
    http2->in_head = true;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, open_stream(http2));
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *data)
{
    (void)flags;
    const http2_conn *http2 = data;
    http2_stream *stream = stream_of(session, frame->hd.stream_id);
    if (stream == NULL)
        return 0;
    stream->n_head += name_len + value_len + FIELD_OVERHEAD;
    if (stream->n_head <= http2->max_head)
        request_add_pseudo_field(&stream->request, (tlsfp_span){name, name_len},
                                 (tlsfp_span){value, value_len});
    return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *room, size_t size,
                         uint32_t *flags, nghttp2_data_source *source, void *data)
{
    (void)session;
    (void)id;
    (void)data;
    http2_stream *stream = source->ptr;
    gsize len;
    const uint8_t *body = g_bytes_get_data(stream->answer.body, &len);
    const size_t n = MIN(len - stream->n_sent, size);
    memcpy(room, body + stream->n_sent, n);
    stream->n_sent += n;
    if (stream->n_sent == len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

/** nghttp2 makes names lower case. */
static nghttp2_nv field(const answer_field *from)
{
    return (nghttp2_nv){(uint8_t *)from->name, (uint8_t *)from->value, strlen(from->name),
                        strlen(from->value), NGHTTP2_NV_FLAG_NONE};
}

static int submit(http2_conn *http2, int32_t id, http2_stream *stream)
{
    answer_numbers numbers;
    answer_field listed[ANSWER_MAX_FIELDS];
    nghttp2_nv fields[ANSWER_MAX_FIELDS];
    const size_t n = answer_list_fields(&stream->answer, responder_date(http2->responder),
                                        http2->responder->env->alternative, &numbers, listed);
    for (size_t i = 0; i < n; i++)
        fields[i] = field(&listed[i]);
    const nghttp2_data_provider body = {.source.ptr = stream, .read_callback = read_body};
    const bool bare =
        stream->request.method == METHOD_HEAD || g_bytes_get_size(stream->answer.body) == 0;
    stream->answering = true;
    http2->n_answering++;
    http2->credit = MIN(http2->credit + ANSWER_EARNS, MAX_CREDIT);
    return nghttp2_submit_response(http2->session, id, fields, n, bare ? NULL : &body);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    http2_conn *http2 = data;
    if (frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    http2->in_head = false;
    http2_stream *stream = stream_of(session, frame->hd.stream_id);
    if (stream == NULL || stream->answer.body != NULL) /* trailers of an answered request */
        return 0;
    stream->answer = stream->n_head > http2->max_head
                         ? answer_refusing(431)
                         : responder_answer(http2->responder, &stream->request);
    return submit(http2, frame->hd.stream_id, stream);
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *header, void *data)
{
    (void)session;
    http2_conn *http2 = data;
    http2->credit -= header->type == NGHTTP2_RST_STREAM ? RESET_COSTS : 1;
    return http2->credit < 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

/**
 * A long body is stopped by RST_STREAM with NO_ERROR after its answer (RFC 9113 8.1); before that
 * flow control has stopped it, as the stream's window is never enlarged. Short ones are let end:
 * curl before version 8 may drop the answer on RST_STREAM.
 */
static int stop_long_body(http2_conn *http2, int32_t id, http2_stream *stream)
{
    if (!stream->answered || stream->stopped || stream->n_received < BODY_ENOUGH)
        return 0;
    stream->stopped = true;
    return nghttp2_submit_rst_stream(http2->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
}

/** Only the connection's window is enlarged. */
static int on_body(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t len, void *data)
{
    (void)flags;
    (void)bytes;
    http2_stream *stream = stream_of(session, id);
    if (nghttp2_session_consume_connection(session, len) != 0)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (stream == NULL)
        return 0;
    stream->n_received += len;
    return stop_long_body(data, id, stream);
}

static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
    http2_stream *stream = stream_of(session, frame->hd.stream_id);
    const bool can_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (stream == NULL || !can_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
        return 0;
    finish_answer(data, stream);
    stream->answered = true;
    return stop_long_body(data, frame->hd.stream_id, stream);
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t reason, void *data)
{
    (void)reason;
    http2_stream *stream = stream_of(session, id);
    if (stream != NULL)
        close_stream(data, stream);
    return 0;
}

static nghttp2_session_callbacks *make_callbacks(void)
{
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        g_error("no memory");
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_body);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    return callbacks;
}

static nghttp2_option *make_limits(void)
{
    nghttp2_option *limits;
    if (nghttp2_option_new(&limits) != 0)
        g_error("no memory");
    nghttp2_option_set_max_settings(limits, MAX_SETTINGS);
    nghttp2_option_set_no_auto_window_update(limits, 1);
    return limits;
}

static void submit_settings(http2_conn *http2)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MAX_STREAMS},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)http2->max_head},
    };
    if (nghttp2_submit_settings(http2->session, NGHTTP2_FLAG_NONE, settings,
                                G_N_ELEMENTS(settings)) != 0)
        g_error("no memory");
}

http2_conn *http2_new(size_t max_head, http_responder *responder)
{
    http2_conn *http2 = g_new0(http2_conn, 1);
    *http2 = (http2_conn){.responder = responder, .max_head = max_head, .credit = MAX_CREDIT};
    nghttp2_session_callbacks *callbacks = make_callbacks();
    nghttp2_option *option = make_limits();
    nghttp2_mem memory = frame_room_allocator(&http2->frames);
    if (nghttp2_session_server_new3(&http2->session, callbacks, http2, option, &memory) != 0)
        g_error("no memory");
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    submit_settings(http2);
    return http2;
}

void http2_free(http2_conn *http2)
{
    if (http2 == NULL)
        return;
    nghttp2_session_del(http2->session);
    while (http2->streams.head != NULL)
        close_stream(http2, http2->streams.head->data);
    g_free(http2);
}

bool http2_receive(http2_conn *http2, tlsfp_span input)
{
    http2_frames *frames = &http2->responder->facts.frames;
    if (!frames->whole)
        http2_frames_read(frames, input);
    const ssize_t n = nghttp2_session_mem_recv(http2->session, input.data, input.len);
    if (n == (ssize_t)input.len)
        return true;
    const uint32_t reason = http2->credit < 0 ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR;
    nghttp2_session_terminate_session(http2->session, reason);
    return false;
}

void http2_send(http2_conn *http2, GString *out, size_t enough)
{
    const uint8_t *frame;
    ssize_t len;
    while (out->len < enough && (len = nghttp2_session_mem_send(http2->session, &frame)) > 0)
        g_string_append_len(out, (const char *)frame, len);
}

void http2_end(http2_conn *http2)
{
    nghttp2_submit_goaway(http2->session, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(http2->session), NGHTTP2_NO_ERROR,
                          NULL, 0);
}

bool http2_is_over(const http2_conn *http2)
{
    return nghttp2_session_want_read(http2->session) == 0 &&
           nghttp2_session_want_write(http2->session) == 0;
}

bool http2_in_head(const http2_conn *http2)
{
    return http2->in_head;
}

bool http2_is_answering(const http2_conn *http2)
{
    return http2->n_answering > 0;
}
