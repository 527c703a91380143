/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "quic/quic_conn_parts.h"

enum {
    SEGMENTS = 10, /* datagrams that are sent by one system call */
    VECTORS = 16,
};

/** Datagrams that go to one place by one system call. */
typedef struct {
    ngtcp2_path_storage path;
    uint8_t ecn;
    size_t len, segment_len;
} quic_batch;

static void flush(const quic_endpoint *endpoint, quic_batch *batch)
{
    const quic_listener *listener = batch->path.path.user_data;
    if (batch->len > 0 && listener != NULL)
        quic_send(&listener->socket, (const quic_address *)batch->path.path.local.addr,
                  (const quic_address *)batch->path.path.remote.addr, batch->ecn,
                  (tlsfp_span){endpoint->out, batch->len}, batch->segment_len);
    batch->len = 0;
}

/** Adds the datagram of @p len bytes at the end of the batch. */
static void add_datagram(quic_endpoint *endpoint, quic_batch *batch,
                         const ngtcp2_path_storage *path, uint8_t ecn, size_t len)
{
    const bool same = batch->len > 0 && ngtcp2_path_eq(&batch->path.path, &path->path) &&
                      batch->ecn == ecn && len <= batch->segment_len;
    if (!same) {
        const size_t at = batch->len;
        flush(endpoint, batch);
        memmove(endpoint->out, endpoint->out + at, len);
        ngtcp2_path_storage_zero(&batch->path);
        ngtcp2_path_copy(&batch->path.path, &path->path);
        batch->path.path.user_data = path->path.user_data;
        batch->ecn = ecn;
        batch->segment_len = len;
    }
    batch->len += len;
    if (len < batch->segment_len || batch->len >= SEGMENTS * batch->segment_len)
        flush(endpoint, batch);
}

/** What HTTP/3 has to send next. */
typedef struct {
    int64_t stream; /* -1: nothing */
    int fin;
    nghttp3_vec vectors[VECTORS];
    nghttp3_ssize n_vectors;
} stream_part;

static bool next_part(quic_conn *conn, stream_part *out)
{
    *out = (stream_part){.stream = -1};
    if (conn->http3 == NULL || ngtcp2_conn_get_max_data_left(conn->conn) == 0)
        return true;
    out->n_vectors = nghttp3_conn_writev_stream(http3_writer(conn->http3), &out->stream, &out->fin,
                                                out->vectors, VECTORS);
    if (out->n_vectors >= 0)
        return true;
    conn->http_error = (int)out->n_vectors;
    return false;
}

/** Tells HTTP/3 what became of a part. @return 0 to go on, or an error. */
static int settle_part(quic_conn *conn, const stream_part *part, ngtcp2_ssize len,
                       ngtcp2_ssize used)
{
    nghttp3_conn *writer = conn->http3 != NULL ? http3_writer(conn->http3) : NULL;
    if (len == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
        nghttp3_conn_block_stream(writer, part->stream);
        return 0;
    }
    if (len == NGTCP2_ERR_STREAM_SHUT_WR) {
        nghttp3_conn_shutdown_stream_write(writer, part->stream);
        return 0;
    }
    if (len < 0 && len != NGTCP2_ERR_WRITE_MORE)
        return (int)len;
    if (used >= 0 && writer != NULL)
        conn->http_error = nghttp3_conn_add_write_offset(writer, part->stream, (size_t)used);
    return conn->http_error != 0 ? NGTCP2_ERR_CALLBACK_FAILURE : 0;
}

/** Writes one datagram behind the batch; @p out_len is 0 where there is none to send. */
static int write_datagram(quic_conn *conn, quic_batch *batch, ngtcp2_tstamp now, size_t *out_len)
{
    quic_endpoint *endpoint = conn->endpoint;
    ngtcp2_path_storage path;
    ngtcp2_pkt_info info;
    stream_part part;
    ngtcp2_ssize len, used;
    ngtcp2_path_storage_zero(&path);
    do {
        if (!next_part(conn, &part))
            return NGTCP2_ERR_CALLBACK_FAILURE;
        used = -1;
        len = ngtcp2_conn_writev_stream(
            conn->conn, &path.path, &info, endpoint->out + batch->len,
            NGTCP2_MAX_PMTUD_UDP_PAYLOAD_SIZE, &used,
            NGTCP2_WRITE_STREAM_FLAG_MORE | (part.fin != 0 ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0),
            part.stream, (const ngtcp2_vec *)part.vectors, (size_t)part.n_vectors, now);
        const int error = settle_part(conn, &part, len, used);
        if (error != 0)
            return error;
    } while (len < 0);
    *out_len = (size_t)len;
    if (len > 0)
        add_datagram(endpoint, batch, &path, (uint8_t)info.ecn, (size_t)len);
    return 0;
}

int quic_conn_send(quic_conn *conn, ngtcp2_tstamp now)
{
    quic_batch batch = {.len = 0};
    const size_t quantum = ngtcp2_conn_get_send_quantum(conn->conn);
    size_t len = 1, sum = 0;
    int error = 0;
    while (error == 0 && len > 0 && sum < quantum) {
        error = write_datagram(conn, &batch, now, &len);
        sum += error == 0 ? len : 0;
    }
    flush(conn->endpoint, &batch);
    ngtcp2_conn_update_pkt_tx_time(conn->conn, now);
    return error;
}

void quic_conn_send_close(quic_conn *conn, const ngtcp2_ccerr *error)
{
    quic_endpoint *endpoint = conn->endpoint;
    ngtcp2_path_storage path;
    ngtcp2_pkt_info info;
    ngtcp2_path_storage_zero(&path);
    const ngtcp2_ssize len =
        ngtcp2_conn_write_connection_close(conn->conn, &path.path, &info, endpoint->out,
                                           NGTCP2_MAX_UDP_PAYLOAD_SIZE, error, quic_now());
    const quic_listener *listener = path.path.user_data;
    if (len <= 0 || listener == NULL)
        return;
    quic_send(&listener->socket, (const quic_address *)path.path.local.addr,
              (const quic_address *)path.path.remote.addr, 0,
              (tlsfp_span){endpoint->out, (size_t)len}, (size_t)len);
}
