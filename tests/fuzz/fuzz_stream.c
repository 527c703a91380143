/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input says what a stream's bytes are, and in which pieces and order they come:
 *
 *     transport (1), limit (2), bytes (2 + n), then operations of 4 bytes: kind, offset (2), length
 *
 * What the stream gives must be what it gives for the same bytes in order, and what taking off the
 * records by hand gives.
 */
#include <string.h>
#include <tlsfp/stream.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "input.h"
#include "same_bytes.h"

enum {
    MAX_LIMIT = 1 << 13,
    MAX_OPERATIONS = 300,
};

enum { KIND_NEXT = 1, KIND_CONFLICT = 2, KIND_FAR = 4 }; /* bits of an operation's kind */

/** What the stream should hold: at each offset the byte that came first. */
typedef struct {
    tlsfp_transport transport;
    size_t limit;
    uint8_t bytes[MAX_LIMIT];
    bool seen[MAX_LIMIT];
    size_t n_next; /* messages gone past */
} model;

static void model_add(model *m, uint64_t offset, tlsfp_span piece)
{
    for (size_t i = 0; i < piece.len; i++)
        if (offset < m->limit && i < m->limit - offset && !m->seen[offset + i]) {
            m->bytes[offset + i] = piece.data[i];
            m->seen[offset + i] = true;
        }
}

static tlsfp_span model_whole(const model *m)
{
    size_t len = 0;
    while (len < m->limit && m->seen[len])
        len++;
    return (tlsfp_span){m->bytes, len};
}

/** The handshake bytes in records, up to what is no record. */
static GByteArray *handshake_bytes(const model *m)
{
    tlsfp_span rest = model_whole(m);
    GByteArray *out = g_byte_array_new();
    if (m->transport != TLSFP_TLS) {
        put_span(out, rest);
        return out;
    }
    while (rest.len >= 5) {
        size_t len = (size_t)(rest.data[3] << 8 | rest.data[4]);
        if (rest.data[0] < 20 || rest.data[0] > 22)
            break;
        if (rest.data[0] == 22)
            put_span(out, slice(rest, 5, 5 + len));
        rest = slice(rest, 5 + len, rest.len);
    }
    return out;
}

/** The message that stands at the front by the records taken off by hand; empty for none. */
static tlsfp_span expected_message(const model *m, tlsfp_span handshake)
{
    size_t header = m->transport == TLSFP_DTLS ? 12 : 4;
    for (size_t i = 0;; i++) {
        if (handshake.len < header || (handshake.data[0] != 1 && handshake.data[0] != 2))
            return slice(handshake, 0, 0);
        size_t len = header + ((size_t)handshake.data[1] << 16 | (size_t)handshake.data[2] << 8 |
                               handshake.data[3]);
        if (len > handshake.len)
            return slice(handshake, 0, 0);
        if (i == m->n_next)
            return slice(handshake, 0, len);
        handshake = slice(handshake, len, handshake.len);
    }
}

static void check_message(const model *m, const tlsfp_stream *stream)
{
    GByteArray *handshake = handshake_bytes(m);
    tlsfp_span expected = expected_message(m, span_of(handshake)), message = {NULL, 0};
    tlsfp_status status = tlsfp_stream_message(stream, &message);
    g_assert_true((status == TLSFP_OK) == (expected.len > 0));
    if (status == TLSFP_OK)
        assert_same_bytes(message.data, message.len, expected.data, expected.len);
    else
        g_assert_null(message.data);
    g_byte_array_unref(handshake);
}

/** A stream that had the same bytes in order is in the same state. */
static void check_same(const model *m, const tlsfp_stream *stream, size_t step)
{
    tlsfp_span whole = model_whole(m), message = {NULL, 0}, expected = {NULL, 0};
    tlsfp_stream *in_order = tlsfp_stream_new(m->transport, m->limit);
    for (size_t at = 0; at < whole.len; at += step)
        tlsfp_stream_add(in_order, at, slice(whole, at, at + step));
    for (size_t i = 0; i < m->n_next; i++) {
        g_assert_cmpint(tlsfp_stream_message(in_order, NULL), ==, TLSFP_OK);
        tlsfp_stream_next(in_order);
    }
    g_assert_cmpint(tlsfp_stream_message(stream, &message), ==,
                    tlsfp_stream_message(in_order, &expected));
    assert_same_bytes(message.data, message.len, expected.data, expected.len);
    message = tlsfp_stream_rest(stream);
    expected = tlsfp_stream_rest(in_order);
    assert_same_bytes(message.data, message.len, expected.data, expected.len);
    tlsfp_stream_free(in_order);
}

static void check_memory(const model *m, const tlsfp_stream *stream)
{
    g_assert_cmpuint(tlsfp_stream_memory(stream), <=, 256 + m->limit + (m->limit + 7) / 8);
}

static void add_piece(model *m, tlsfp_stream *stream, uint64_t offset, tlsfp_span piece)
{
    tlsfp_span block = exact_block(piece);
    tlsfp_status status = tlsfp_stream_add(stream, offset, block);
    g_assert_cmpint(status, ==, tlsfp_stream_message(stream, NULL));
    exact_block_free(block);
    model_add(m, offset, piece);
}

static void go_on(model *m, tlsfp_stream *stream)
{
    bool whole = tlsfp_stream_message(stream, NULL) == TLSFP_OK;
    g_assert_cmpint(tlsfp_stream_next(stream), ==, tlsfp_stream_message(stream, NULL));
    m->n_next += whole;
}

/** One operation: a piece of @p bytes at its place, maybe with other bytes or far away. */
static void operate(model *m, tlsfp_stream *stream, tlsfp_span bytes, tlsfp_span *input)
{
    uint8_t kind = input_u8(input);
    uint16_t offset = input_u16(input);
    tlsfp_span piece = slice(bytes, offset, (size_t)offset + input_u8(input));
    if (kind & KIND_NEXT)
        go_on(m, stream);
    GByteArray *changed = g_byte_array_new();
    for (size_t i = 0; i < piece.len; i++)
        put_integer(changed, 1, piece.data[i] ^ (kind & KIND_CONFLICT ? 0x55 : 0));
    uint64_t far = kind & KIND_FAR ? UINT64_MAX - 255 : 0;
    add_piece(m, stream, far != 0 ? far + offset % 256 : offset, span_of(changed));
    g_byte_array_unref(changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const tlsfp_transport transports[] = {TLSFP_TLS, TLSFP_QUIC, TLSFP_DTLS};
    tlsfp_span input = {data, len};
    model m = {.transport = transports[input_u8(&input) % G_N_ELEMENTS(transports)]};
    m.limit = input_u16(&input) % MAX_LIMIT;
    tlsfp_span bytes = input_vector(&input);
    tlsfp_stream *stream = tlsfp_stream_new(m.transport, m.limit);
    for (size_t i = 0; input.len > 0 && i < MAX_OPERATIONS; i++) {
        operate(&m, stream, bytes, &input);
        check_message(&m, stream);
        check_memory(&m, stream);
    }
    check_same(&m, stream, MAX(1, m.limit));
    add_piece(&m, stream, 0, bytes);
    check_message(&m, stream);
    while (tlsfp_stream_message(stream, NULL) == TLSFP_OK) {
        check_message(&m, stream);
        go_on(&m, stream);
    }
    check_same(&m, stream, 1);
    check_memory(&m, stream);
    tlsfp_stream_free(stream);
    return 0;
}
