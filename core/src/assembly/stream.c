/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/stream.h>

#include "hello/handshake.h"
#include "hello/iana.h"

enum {
    RECORD_HEADER_SIZE = 5, /* RFC 8446 5.1 */
};

/*
 * data holds the stream's bytes at their offsets. Those of records are then pushed down to where
 * the message's bytes end, over what has been read already:
 *
 *     | messages read already | message so far | spare | not yet read: whole | holes and islands |
 *     0                       start            end     at                    whole size
 */
struct tlsfp_stream {
    tlsfp_transport transport;
    uint64_t origin; /* offset of data[0]: what lay before it is read, and given back */
    size_t limit;    /* bytes from there on */
    uint8_t *data;
    size_t size;        /* allocated */
    uint8_t *seen;      /* a bit for each byte at or past whole; NULL while there are no islands */
    size_t seen_end;    /* no bit at or past it is set */
    size_t whole;       /* every byte below it has come */
    size_t at;          /* of record bytes, how far they have been read */
    size_t record_left; /* payload of the record at `at` that is still to come */
    bool in_handshake;  /* whether that payload is handshake bytes */
    bool foreign;       /* these are no TLS records */
    size_t start, end;  /* the message */
};

tlsfp_stream *tlsfp_stream_new(tlsfp_transport transport, size_t limit)
{
    tlsfp_stream *stream = g_new0(tlsfp_stream, 1);
    stream->transport = transport;
    stream->limit = limit;
    return stream;
}

void tlsfp_stream_free(tlsfp_stream *stream)
{
    if (stream == NULL)
        return;
    g_free(stream->data);
    g_free(stream->seen);
    g_free(stream);
}

static size_t bitmap_size(size_t n_bits)
{
    return (n_bits + 7) / 8;
}

/** Room for bytes up to @p end, which is at most the limit. */
static void make_room(tlsfp_stream *stream, size_t end)
{
    if (end <= stream->size)
        return;
    size_t old = stream->size;
    stream->size = MIN(MAX(end, 2 * old), stream->limit);
    stream->data = g_realloc(stream->data, stream->size);
    if (stream->seen != NULL) {
        stream->seen = g_realloc(stream->seen, bitmap_size(stream->size));
        memset(stream->seen + bitmap_size(old), 0, bitmap_size(stream->size) - bitmap_size(old));
    }
}

static bool is_seen(const tlsfp_stream *stream, size_t at)
{
    return stream->seen[at / 8] >> at % 8 & 1;
}

/** Copies the bytes that had not come yet. */
static void put_island(tlsfp_stream *stream, size_t offset, tlsfp_span piece)
{
    if (stream->seen == NULL)
        stream->seen = g_malloc0(bitmap_size(stream->size));
    for (size_t i = 0; i < piece.len; i++)
        if (!is_seen(stream, offset + i)) {
            stream->data[offset + i] = piece.data[i];
            stream->seen[(offset + i) / 8] |= (uint8_t)(1 << (offset + i) % 8);
        }
    stream->seen_end = MAX(stream->seen_end, offset + piece.len);
}

/** Keeps @p piece, which lies below the limit and past what is whole. */
static void put(tlsfp_stream *stream, size_t offset, tlsfp_span piece)
{
    make_room(stream, offset + piece.len);
    if (offset == stream->whole && stream->seen_end <= offset) {
        memcpy(stream->data + offset, piece.data, piece.len);
        stream->whole = offset + piece.len;
        return;
    }
    put_island(stream, offset, piece);
    while (stream->whole < stream->seen_end && is_seen(stream, stream->whole))
        stream->whole++;
}

/** RFC 8446 5.1. What may come before or between hellos is passed over; all else ends the search.
 * The version must be ignored; servers differ in how long a record may be, so that any length is
 * taken. */
static bool start_record(tlsfp_stream *stream, tlsfp_span header)
{
    uint8_t type;
    uint16_t version, len;
    if (!take_u8(&header, &type) || !take_u16(&header, &version) || !take_u16(&header, &len) ||
        (type != CONTENT_HANDSHAKE && type != CONTENT_CHANGE_CIPHER_SPEC && type != CONTENT_ALERT))
        return false;
    stream->record_left = len;
    stream->in_handshake = type == CONTENT_HANDSHAKE;
    return true;
}

/** Reads records as far as the bytes are whole, and pushes their payload together. */
static void read_records(tlsfp_stream *stream)
{
    while (!stream->foreign) {
        tlsfp_span ready = {stream->data + stream->at, stream->whole - stream->at};
        if (stream->record_left == 0) {
            if (ready.len < RECORD_HEADER_SIZE)
                return;
            stream->foreign = !start_record(stream, ready);
            stream->at += stream->foreign ? 0 : RECORD_HEADER_SIZE;
            continue;
        }
        if (ready.len == 0)
            return;
        size_t len = MIN(stream->record_left, ready.len);
        if (stream->in_handshake) {
            memmove(stream->data + stream->end, ready.data, len);
            stream->end += len;
        }
        stream->at += len;
        stream->record_left -= len;
    }
}

static void read_whole(tlsfp_stream *stream)
{
    if (stream->transport == TLSFP_TLS)
        read_records(stream);
    else
        stream->end = stream->whole;
}

tlsfp_status tlsfp_stream_add(tlsfp_stream *stream, uint64_t offset, tlsfp_span piece)
{
    uint64_t whole = stream->origin + stream->whole;
    if (offset < whole) {
        (void)take_up_to(&piece, MIN(whole - offset, piece.len));
        offset = whole;
    }
    offset -= stream->origin;
    if (offset < stream->limit && piece.len > 0) {
        put(stream, (size_t)offset, take_up_to(&piece, stream->limit - (size_t)offset));
        read_whole(stream);
    }
    return tlsfp_stream_message(stream, NULL);
}

/** Where there is no whole message: whether one can still come. */
static tlsfp_status without_message(const tlsfp_stream *stream)
{
    if (stream->foreign)
        return TLSFP_NOT_HELLO;
    return stream->whole >= stream->limit ? TLSFP_TOO_LARGE : TLSFP_MORE;
}

tlsfp_status tlsfp_stream_message(const tlsfp_stream *stream, tlsfp_span *out)
{
    tlsfp_span rest = {NULL, stream->end - stream->start};
    if (rest.len == 0)
        return without_message(stream);
    rest.data = stream->data + stream->start;
    tlsfp_span message = rest;
    if (rest.data[0] != HANDSHAKE_CLIENT_HELLO && rest.data[0] != HANDSHAKE_SERVER_HELLO)
        return TLSFP_NOT_HELLO;
    handshake_header header;
    if (!take_handshake_header(&rest, stream->transport, &header))
        return without_message(stream);
    size_t header_len = message.len - rest.len;
    if (header.length > stream->limit || stream->start + header_len + header.length > stream->limit)
        return TLSFP_TOO_LARGE;
    if (header.length > rest.len)
        return without_message(stream);
    message.len = header_len + header.length;
    if (out != NULL)
        *out = message;
    return TLSFP_OK;
}

tlsfp_span tlsfp_stream_rest(const tlsfp_stream *stream)
{
    tlsfp_span rest = {NULL, 0};
    if (stream->foreign)
        rest = (tlsfp_span){stream->data + stream->at, stream->whole - stream->at};
    return rest;
}

bool tlsfp_stream_is_empty(const tlsfp_stream *stream)
{
    bool all_read =
        stream->transport != TLSFP_TLS || (stream->at == stream->whole && stream->record_left == 0);
    return stream->start == stream->end && all_read && stream->seen_end <= stream->whole;
}

/** Gives back the memory of what is read. */
static void give_back(tlsfp_stream *stream)
{
    g_clear_pointer(&stream->data, g_free);
    g_clear_pointer(&stream->seen, g_free);
    stream->origin += stream->whole;
    stream->limit -= stream->whole;
    stream->size = stream->seen_end = stream->whole = stream->at = stream->start = stream->end = 0;
}

tlsfp_status tlsfp_stream_next(tlsfp_stream *stream)
{
    tlsfp_span message;
    if (tlsfp_stream_message(stream, &message) == TLSFP_OK)
        stream->start += message.len;
    if (tlsfp_stream_is_empty(stream))
        give_back(stream);
    return tlsfp_stream_message(stream, NULL);
}

size_t tlsfp_stream_memory(const tlsfp_stream *stream)
{
    return sizeof *stream + stream->size + (stream->seen != NULL ? bitmap_size(stream->size) : 0);
}
