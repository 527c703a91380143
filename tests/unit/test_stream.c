/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/stream.h>

#include "exact_block.h"
#include "hello_bytes.h"
#include "same_bytes.h"
#include "writer.h"

enum {
    LIMIT = 1 << 16,
    HELLO_SIZE = 150,
    FIRST_ROOM = 2048, /* what a stream of small messages may hold */
};

/** The @p number-th hello of a stream. */
static GByteArray *hello_number(tlsfp_transport transport, size_t number)
{
    return make_client_hello(transport, (uint8_t)(number + 1), HELLO_SIZE + 7 * number);
}

static void put_hello(GByteArray *out, tlsfp_transport transport, size_t number)
{
    GByteArray *hello = hello_number(transport, number);
    put_span(out, span_of(hello));
    g_byte_array_unref(hello);
}

/** @p messages in records of @p size bytes each; the last may be shorter. */
static void put_records(GByteArray *out, tlsfp_span messages, size_t size)
{
    for (size_t at = 0; at < messages.len; at += size)
        put_record(out, RECORD_HANDSHAKE, slice(messages, at, at + size));
}

/* What streams are made of. */

static void put_hello_records(GByteArray *out, size_t number, size_t size)
{
    GByteArray *hello = g_byte_array_new();
    put_hello(hello, TLSFP_TLS, number);
    put_records(out, span_of(hello), size);
    g_byte_array_unref(hello);
}

static void one_record(GByteArray *out)
{
    put_hello_records(out, 0, HELLO_SIZE);
}

static void two_records(GByteArray *out)
{
    put_hello_records(out, 0, 100);
}

static void records_of_one_byte(GByteArray *out)
{
    put_hello_records(out, 0, 1);
}

static void records_of_three_bytes(GByteArray *out)
{
    put_hello_records(out, 0, 3);
}

static void empty_records_between(GByteArray *out)
{
    GByteArray *hello = hello_number(TLSFP_TLS, 0);
    for (size_t at = 0; at < hello->len; at += 50) {
        put_record(out, RECORD_HANDSHAKE, SPAN(""));
        put_record(out, RECORD_HANDSHAKE, slice(span_of(hello), at, at + 50));
    }
    g_byte_array_unref(hello);
}

static void change_cipher_spec_between(GByteArray *out)
{
    put_hello_records(out, 0, 100);
    put_record(out, 20, SPAN("\x01"));
    put_hello_records(out, 1, 100);
}

static void alert_between(GByteArray *out)
{
    put_hello_records(out, 0, HELLO_SIZE);
    put_record(out, 21, SPAN("\x01\x70"));
    put_hello_records(out, 1, 1);
}

static void alert_before(GByteArray *out)
{
    put_record(out, 21, SPAN("\x01\x00"));
    put_hello_records(out, 0, HELLO_SIZE);
}

static void alert_inside(GByteArray *out)
{
    GByteArray *hello = hello_number(TLSFP_TLS, 0);
    put_record(out, RECORD_HANDSHAKE, slice(span_of(hello), 0, 80));
    put_record(out, 21, SPAN("\x01\x00"));
    put_record(out, RECORD_HANDSHAKE, slice(span_of(hello), 80, hello->len));
    g_byte_array_unref(hello);
}

static GByteArray *hellos(tlsfp_transport transport, size_t n)
{
    GByteArray *messages = g_byte_array_new();
    for (size_t i = 0; i < n; i++)
        put_hello(messages, transport, i);
    return messages;
}

static void two_in_a_record(GByteArray *out)
{
    GByteArray *messages = hellos(TLSFP_TLS, 2);
    put_record(out, RECORD_HANDSHAKE, span_of(messages));
    g_byte_array_unref(messages);
}

static void three_across_records(GByteArray *out)
{
    GByteArray *messages = hellos(TLSFP_TLS, 3);
    put_records(out, span_of(messages), 120);
    g_byte_array_unref(messages);
}

static void three_in_records_of_one_byte(GByteArray *out)
{
    GByteArray *messages = hellos(TLSFP_TLS, 3);
    put_records(out, span_of(messages), 1);
    g_byte_array_unref(messages);
}

static void application_data_after(GByteArray *out)
{
    put_hello_records(out, 0, HELLO_SIZE);
    put_record(out, 23, SPAN("\x01\x02\x03\x04"));
    put_hello_records(out, 1, HELLO_SIZE); /* never seen */
}

static void certificate_after(GByteArray *out)
{
    GByteArray *messages = hellos(TLSFP_TLS, 1);
    put_hex(messages, "0b000003 000000");
    put_record(out, RECORD_HANDSHAKE, span_of(messages));
    g_byte_array_unref(messages);
}

static void crypto_data(GByteArray *out)
{
    put_hello(out, TLSFP_QUIC, 0);
}

static void two_in_crypto_data(GByteArray *out)
{
    put_hello(out, TLSFP_QUIC, 0);
    put_hello(out, TLSFP_QUIC, 1);
}

static void dtls_message(GByteArray *out)
{
    put_hello(out, TLSFP_DTLS, 0);
}

typedef struct {
    const char *name;
    tlsfp_transport transport;
    void (*put)(GByteArray *out);
    size_t n_hellos;
    tlsfp_status last; /* after them */
} stream_case;

static const stream_case stream_cases[] = {
    {"one-record", TLSFP_TLS, one_record, 1, TLSFP_MORE},
    {"two-records", TLSFP_TLS, two_records, 1, TLSFP_MORE},
    {"records-of-one-byte", TLSFP_TLS, records_of_one_byte, 1, TLSFP_MORE},
    {"records-of-three-bytes", TLSFP_TLS, records_of_three_bytes, 1, TLSFP_MORE},
    {"empty-records-between", TLSFP_TLS, empty_records_between, 1, TLSFP_MORE},
    {"change-cipher-spec-between", TLSFP_TLS, change_cipher_spec_between, 2, TLSFP_MORE},
    {"alert-between", TLSFP_TLS, alert_between, 2, TLSFP_MORE},
    {"alert-before", TLSFP_TLS, alert_before, 1, TLSFP_MORE},
    {"alert-inside", TLSFP_TLS, alert_inside, 1, TLSFP_MORE},
    {"two-in-a-record", TLSFP_TLS, two_in_a_record, 2, TLSFP_MORE},
    {"three-across-records", TLSFP_TLS, three_across_records, 3, TLSFP_MORE},
    {"three-in-records-of-one-byte", TLSFP_TLS, three_in_records_of_one_byte, 3, TLSFP_MORE},
    {"application-data-after", TLSFP_TLS, application_data_after, 1, TLSFP_NOT_HELLO},
    {"certificate-after", TLSFP_TLS, certificate_after, 1, TLSFP_NOT_HELLO},
    {"crypto-data", TLSFP_QUIC, crypto_data, 1, TLSFP_MORE},
    {"two-in-crypto-data", TLSFP_QUIC, two_in_crypto_data, 2, TLSFP_MORE},
    {"dtls-message", TLSFP_DTLS, dtls_message, 1, TLSFP_MORE},
};

/* In which order the bytes come. */

static tlsfp_status add(tlsfp_stream *stream, size_t offset, tlsfp_span piece)
{
    tlsfp_span block = exact_block(piece);
    tlsfp_status status = tlsfp_stream_add(stream, offset, block);
    g_assert_cmpint(tlsfp_stream_message(stream, NULL), ==, status);
    exact_block_free(block);
    return status;
}

/** Other bytes than those of @p piece, which must lose. */
static void add_conflict(tlsfp_stream *stream, size_t offset, tlsfp_span piece)
{
    GByteArray *other = g_byte_array_new();
    for (size_t i = 0; i < piece.len; i++)
        put_integer(other, 1, (uint8_t)~piece.data[i]);
    add(stream, offset, span_of(other));
    g_byte_array_unref(other);
}

static void feed_whole(tlsfp_stream *stream, tlsfp_span bytes)
{
    add(stream, 0, bytes);
}

static void feed_bytes(tlsfp_stream *stream, tlsfp_span bytes)
{
    for (size_t at = 0; at < bytes.len; at++)
        add(stream, at, slice(bytes, at, at + 1));
}

static void feed_bytes_reversed(tlsfp_stream *stream, tlsfp_span bytes)
{
    for (size_t at = bytes.len; at > 0; at--)
        add(stream, at - 1, slice(bytes, at - 1, at));
}

static void feed_halves_reversed(tlsfp_stream *stream, tlsfp_span bytes)
{
    add(stream, bytes.len / 2, slice(bytes, bytes.len / 2, bytes.len));
    add(stream, 0, slice(bytes, 0, bytes.len / 2));
}

/** Pieces of 1 to 9 bytes in an order that is the same in every run. */
static void feed_shuffled(tlsfp_stream *stream, tlsfp_span bytes)
{
    GRand *random = g_rand_new_with_seed(20180514);
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (size_t at = 0; at < bytes.len; at += (size_t)g_rand_int_range(random, 1, 10))
        g_array_append_val(starts, at);
    GArray *order = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < starts->len; i++)
        g_array_insert_val(order, (guint)g_rand_int_range(random, 0, (gint32)i + 1), i);
    for (guint i = 0; i < order->len; i++) {
        guint k = g_array_index(order, guint, i);
        size_t from = g_array_index(starts, size_t, k);
        size_t to = k + 1 < starts->len ? g_array_index(starts, size_t, k + 1) : bytes.len;
        add(stream, from, slice(bytes, from, to));
    }
    g_array_unref(order);
    g_array_unref(starts);
    g_rand_free(random);
}

/** Every piece again, and with other bytes. */
static void feed_twice(tlsfp_stream *stream, tlsfp_span bytes)
{
    for (size_t at = 0; at < bytes.len; at += 7) {
        tlsfp_span piece = slice(bytes, at, at + 7);
        add(stream, at, piece);
        add(stream, at, piece);
        add_conflict(stream, at, piece);
    }
}

/** A piece that starts inside the last one, whose bytes are others there. */
static void add_overlapping(tlsfp_stream *stream, tlsfp_span bytes, size_t from, size_t known_from,
                            size_t known_to, size_t to)
{
    GByteArray *piece = g_byte_array_new();
    put_span(piece, slice(bytes, from, to));
    for (size_t at = known_from; at < known_to && at < bytes.len; at++)
        piece->data[at - from] ^= 0xff;
    add(stream, from, span_of(piece));
    g_byte_array_unref(piece);
}

static void feed_overlapped(tlsfp_stream *stream, tlsfp_span bytes)
{
    for (size_t at = 0; at < bytes.len; at += 4)
        add_overlapping(stream, bytes, at, at, at == 0 ? 0 : at + 3, at + 7);
}

static void feed_overlapped_by_one(tlsfp_stream *stream, tlsfp_span bytes)
{
    for (size_t at = 0; at < bytes.len; at += 4)
        add_overlapping(stream, bytes, at, at, at == 0 ? 0 : at + 1, at + 5);
}

/** The same from the end: here the bytes known already are islands. */
static void feed_overlapped_reversed(tlsfp_stream *stream, tlsfp_span bytes)
{
    size_t last = (bytes.len - 1) / 4 * 4;
    for (size_t at = last + 4; at >= 4; at -= 4)
        add_overlapping(stream, bytes, at - 4, at, at - 4 == last ? at : at + 3, at + 3);
}

/** Every second piece, then all of it with other bytes where those are. */
static void feed_islands(tlsfp_stream *stream, tlsfp_span bytes)
{
    GByteArray *rest = g_byte_array_new();
    put_span(rest, bytes);
    for (size_t at = 11; at < bytes.len; at += 22) {
        add(stream, at, slice(bytes, at, at + 11));
        for (size_t i = at; i < at + 11 && i < bytes.len; i++)
            rest->data[i] ^= 0xff;
    }
    add(stream, 0, span_of(rest));
    g_byte_array_unref(rest);
}

static const struct {
    const char *name;
    void (*feed)(tlsfp_stream *stream, tlsfp_span bytes);
} orders[] = {
    {"whole", feed_whole},
    {"bytes", feed_bytes},
    {"bytes-reversed", feed_bytes_reversed},
    {"halves-reversed", feed_halves_reversed},
    {"shuffled", feed_shuffled},
    {"twice", feed_twice},
    {"overlapped", feed_overlapped},
    {"overlapped-by-one", feed_overlapped_by_one},
    {"overlapped-reversed", feed_overlapped_reversed},
    {"islands", feed_islands},
};

static void assert_front_is(const tlsfp_stream *stream, tlsfp_transport transport, size_t number)
{
    GByteArray *hello = hello_number(transport, number);
    tlsfp_span message = {NULL, 0};
    g_assert_cmpint(tlsfp_stream_message(stream, &message), ==, TLSFP_OK);
    assert_same_bytes(message.data, message.len, hello->data, hello->len);
    g_byte_array_unref(hello);
}

static void assert_hellos(tlsfp_stream *stream, const stream_case *row)
{
    for (size_t i = 0; i < row->n_hellos; i++) {
        assert_front_is(stream, row->transport, i);
        g_assert_cmpint(tlsfp_stream_next(stream), ==,
                        i + 1 < row->n_hellos ? TLSFP_OK : row->last);
    }
    g_assert_cmpint(tlsfp_stream_next(stream), ==, row->last);
    tlsfp_span untouched = {(const uint8_t *)row, 1};
    g_assert_cmpint(tlsfp_stream_message(stream, &untouched), ==, row->last);
    g_assert_true(untouched.data == (const uint8_t *)row && untouched.len == 1);
}

static size_t empty_memory(tlsfp_transport transport)
{
    tlsfp_stream *stream = tlsfp_stream_new(transport, LIMIT);
    size_t memory = tlsfp_stream_memory(stream);
    tlsfp_stream_free(stream);
    return memory;
}

typedef struct {
    const stream_case *row;
    void (*feed)(tlsfp_stream *stream, tlsfp_span bytes);
} order_case;

static void test_order(const void *data)
{
    const order_case *order = data;
    GByteArray *bytes = g_byte_array_new();
    order->row->put(bytes);
    tlsfp_stream *stream = tlsfp_stream_new(order->row->transport, LIMIT);
    order->feed(stream, span_of(bytes));
    assert_hellos(stream, order->row);
    size_t room = MAX(FIRST_ROOM, 2 * bytes->len);
    g_assert_cmpuint(tlsfp_stream_memory(stream), <=,
                     empty_memory(order->row->transport) + room + (room + 7) / 8);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

/** Going on as soon as a message is whole, with the rest still to come. */
static void test_next_at_once(const void *data)
{
    const stream_case *row = data;
    GByteArray *bytes = g_byte_array_new();
    row->put(bytes);
    tlsfp_stream *stream = tlsfp_stream_new(row->transport, LIMIT);
    size_t n = 0;
    tlsfp_status status = TLSFP_MORE;
    for (size_t at = 0; at < bytes->len; at++) {
        status = add(stream, at, slice(span_of(bytes), at, at + 1));
        while (status == TLSFP_OK) {
            assert_front_is(stream, row->transport, n++);
            status = tlsfp_stream_next(stream);
        }
    }
    g_assert_cmpuint(n, ==, row->n_hellos);
    g_assert_cmpint(status, ==, row->last);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

/** Each prefix that holds no whole message: more. */
static void test_prefixes(const void *data)
{
    const stream_case *row = data;
    GByteArray *bytes = g_byte_array_new();
    row->put(bytes);
    bool ok = false;
    for (size_t len = 0; len <= bytes->len; len++) {
        tlsfp_stream *stream = tlsfp_stream_new(row->transport, LIMIT);
        tlsfp_status status = add(stream, 0, slice(span_of(bytes), 0, len));
        g_assert_cmpint(status, ==, ok || len >= HELLO_SIZE ? status : TLSFP_MORE);
        g_assert_true(status == TLSFP_MORE || status == TLSFP_OK);
        g_assert_true(status == TLSFP_OK || !ok);
        ok = status == TLSFP_OK;
        tlsfp_stream_free(stream);
    }
    g_assert_true(ok);
    g_byte_array_unref(bytes);
}

/** The limit at the stream's last byte, and one before it. */
static void test_limit(const void *data)
{
    const stream_case *row = data;
    GByteArray *bytes = g_byte_array_new();
    row->put(bytes);
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        tlsfp_stream *stream = tlsfp_stream_new(row->transport, bytes->len);
        orders[i].feed(stream, span_of(bytes));
        g_assert_cmpint(tlsfp_stream_message(stream, NULL), ==, TLSFP_OK);
        tlsfp_stream_free(stream);

        stream = tlsfp_stream_new(row->transport, bytes->len - 1);
        orders[i].feed(stream, span_of(bytes));
        g_assert_cmpint(tlsfp_stream_message(stream, NULL), ==,
                        row->n_hellos > 1 ? TLSFP_OK : TLSFP_TOO_LARGE);
        g_assert_cmpuint(tlsfp_stream_memory(stream), <=,
                         empty_memory(row->transport) + bytes->len + bytes->len / 8);
        tlsfp_stream_free(stream);
    }
    g_byte_array_unref(bytes);
}

/* Bytes in which there is no hello, or none that can be had; in one piece and byte by byte. */
typedef struct {
    const char *name;
    tlsfp_transport transport;
    size_t limit;
    const char *bytes;
    tlsfp_status status;
} refused_case;

static const refused_case refused_cases[] = {
    {"nothing", TLSFP_TLS, LIMIT, "", TLSFP_MORE},
    {"one-byte", TLSFP_TLS, LIMIT, "16", TLSFP_MORE},
    {"half-record-header", TLSFP_TLS, LIMIT, "16030100", TLSFP_MORE},
    {"record-header", TLSFP_TLS, LIMIT, "1603010100", TLSFP_MORE},
    {"http", TLSFP_TLS, LIMIT, "474554202f20485454502f312e310d0a", TLSFP_NOT_HELLO},
    {"ssh", TLSFP_TLS, LIMIT, "5353482d322e30", TLSFP_NOT_HELLO},
    {"zeros", TLSFP_TLS, LIMIT, "0000000000", TLSFP_NOT_HELLO},
    {"ssl-2-hello", TLSFP_TLS, LIMIT, "802e0100020015000000100100800300800700c0", TLSFP_NOT_HELLO},
    {"application-data", TLSFP_TLS, LIMIT, "170303000401020304", TLSFP_NOT_HELLO},
    {"heartbeat", TLSFP_TLS, LIMIT, "180303000401020304", TLSFP_NOT_HELLO},
    {"dtls-record", TLSFP_TLS, LIMIT, "16feff0000000000000000", TLSFP_NOT_HELLO},
    {"major-version-2", TLSFP_TLS, LIMIT, "1602000004 01000000", TLSFP_OK},
    {"any-version", TLSFP_TLS, LIMIT, "16ffff0004 01000000", TLSFP_OK},
    {"unknown-minor-version", TLSFP_TLS, LIMIT, "1603630004 01000000", TLSFP_OK},
    {"longest-record", TLSFP_TLS, LIMIT, "160301ffff 01", TLSFP_MORE},
    {"certificate", TLSFP_TLS, LIMIT, "1603010004 0b000000", TLSFP_NOT_HELLO},
    {"hello-request", TLSFP_TLS, LIMIT, "1603010004 00000000", TLSFP_NOT_HELLO},
    {"type-of-certificate", TLSFP_TLS, LIMIT, "1603010001 0b", TLSFP_NOT_HELLO},
    {"type-of-hello", TLSFP_TLS, LIMIT, "1603010001 01", TLSFP_MORE},
    {"only-alerts", TLSFP_TLS, LIMIT, "1503010002 0100 1503010002 0100", TLSFP_MORE},
    {"hello-cut-by-application-data", TLSFP_TLS, LIMIT, "1603010006 01000008ffff 1703030001 00",
     TLSFP_NOT_HELLO},
    {"hello-cut-by-other-bytes", TLSFP_TLS, LIMIT, "1603010006 01000008ffff 485454502f",
     TLSFP_NOT_HELLO},
    {"empty-client-hello", TLSFP_TLS, LIMIT, "1603010004 01000000", TLSFP_OK},
    {"empty-server-hello", TLSFP_TLS, LIMIT, "1603010004 02000000", TLSFP_OK},
    {"no-limit-at-all", TLSFP_TLS, 0, "1603010004 01000000", TLSFP_TOO_LARGE},
    {"limit-in-record-header", TLSFP_TLS, 4, "1603010004 01000000", TLSFP_TOO_LARGE},
    {"limit-in-message-header", TLSFP_TLS, 8, "1603010004 01000000", TLSFP_TOO_LARGE},
    {"limit-exact", TLSFP_TLS, 9, "1603010004 01000000", TLSFP_OK},
    {"length-over-limit", TLSFP_TLS, 100, "1603010004 01000064", TLSFP_TOO_LARGE},
    {"length-one-over-limit", TLSFP_TLS, 100, "1603010004 01000061", TLSFP_TOO_LARGE},
    {"longest-length", TLSFP_TLS, LIMIT, "1603010004 01ffffff", TLSFP_TOO_LARGE},
    {"crypto-nothing", TLSFP_QUIC, LIMIT, "", TLSFP_MORE},
    {"crypto-type", TLSFP_QUIC, LIMIT, "01", TLSFP_MORE},
    {"crypto-certificate", TLSFP_QUIC, LIMIT, "0b", TLSFP_NOT_HELLO},
    {"crypto-records", TLSFP_QUIC, LIMIT, "1603010004 01000000", TLSFP_NOT_HELLO},
    {"crypto-server-hello", TLSFP_QUIC, LIMIT, "02000000", TLSFP_OK},
    {"crypto-length-up-to-limit", TLSFP_QUIC, 100, "01000060", TLSFP_MORE},
    {"crypto-length-one-over-limit", TLSFP_QUIC, 100, "01000061", TLSFP_TOO_LARGE},
    {"crypto-limit-exact", TLSFP_QUIC, 4, "01000000", TLSFP_OK},
    {"crypto-limit-one-less", TLSFP_QUIC, 3, "01000000", TLSFP_TOO_LARGE},
    {"crypto-no-limit-at-all", TLSFP_QUIC, 0, "01000000", TLSFP_TOO_LARGE},
    {"dtls-type", TLSFP_DTLS, LIMIT, "01", TLSFP_MORE},
    {"dtls-half-header", TLSFP_DTLS, LIMIT, "0100000000000000000000", TLSFP_MORE},
    {"dtls-header", TLSFP_DTLS, LIMIT, "010000000000000000000000", TLSFP_OK},
    {"dtls-length-up-to-limit", TLSFP_DTLS, 100, "010000580000000000000058", TLSFP_MORE},
    {"dtls-length-one-over-limit", TLSFP_DTLS, 100, "010000590000000000000059", TLSFP_TOO_LARGE},
};

static void test_refused(const void *data)
{
    const refused_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->bytes);
    tlsfp_stream *stream = tlsfp_stream_new(row->transport, row->limit);
    g_assert_cmpint(add(stream, 0, span_of(bytes)), ==, row->status);
    tlsfp_stream_free(stream);

    stream = tlsfp_stream_new(row->transport, row->limit);
    feed_bytes(stream, span_of(bytes));
    g_assert_cmpint(tlsfp_stream_message(stream, NULL), ==, row->status);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

/** Far from the front nothing costs more than the limit, and what lies past it nothing at all. */
static void test_memory(void)
{
    const size_t limit = 5000;
    const uint64_t offsets[] = {0,       4998,       4999,           5000,      5001,
                                1 << 20, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, limit);
        size_t empty = tlsfp_stream_memory(stream);
        g_assert_cmpint(tlsfp_stream_add(stream, offsets[i], SPAN("\x16\x03\x01")), ==, TLSFP_MORE);
        if (offsets[i] >= limit)
            g_assert_cmpuint(tlsfp_stream_memory(stream), ==, empty);
        g_assert_cmpuint(tlsfp_stream_memory(stream), <=, empty + limit + (limit + 7) / 8);
        tlsfp_stream_free(stream);
    }
}

/** A stream that goes on and on after its hello holds no more than the limit. */
static void test_memory_of_a_long_stream(void)
{
    const size_t limit = 3000;
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, limit);
    size_t empty = tlsfp_stream_memory(stream);
    GByteArray *bytes = g_byte_array_new();
    one_record(bytes);
    while (bytes->len < 20 * limit)
        put_record(bytes, 21, SPAN("\x01\x00"));
    for (size_t at = 0; at < bytes->len; at += 1000)
        g_assert_cmpint(add(stream, at, slice(span_of(bytes), at, at + 1000)), ==, TLSFP_OK);
    assert_front_is(stream, TLSFP_TLS, 0);
    g_assert_cmpuint(tlsfp_stream_memory(stream), <=, empty + limit + (limit + 7) / 8);
    g_assert_cmpint(tlsfp_stream_next(stream), ==, TLSFP_TOO_LARGE);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

/** Bytes in order need no map of what has come. */
static void test_memory_in_order(void)
{
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    size_t empty = tlsfp_stream_memory(stream);
    g_assert_cmpuint(empty, <=, 256);
    GByteArray *bytes = g_byte_array_new();
    one_record(bytes);
    feed_bytes(stream, span_of(bytes));
    g_assert_cmpuint(tlsfp_stream_memory(stream), <=, empty + FIRST_ROOM);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

static void test_no_bytes(void)
{
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    g_assert_cmpint(tlsfp_stream_message(stream, NULL), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_stream_next(stream), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_stream_add(stream, 0, (tlsfp_span){NULL, 0}), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_stream_add(stream, UINT64_MAX, (tlsfp_span){NULL, 0}), ==, TLSFP_MORE);
    tlsfp_stream_free(stream);
    tlsfp_stream_free(NULL);
}

/** While the message at the front is not whole, going on changes nothing. */
static void test_next_too_early(void)
{
    GByteArray *bytes = g_byte_array_new();
    one_record(bytes);
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    g_assert_cmpint(add(stream, 0, slice(span_of(bytes), 0, bytes->len - 1)), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_stream_next(stream), ==, TLSFP_MORE);
    g_assert_cmpint(add(stream, bytes->len - 1, slice(span_of(bytes), bytes->len - 1, bytes->len)),
                    ==, TLSFP_OK);
    assert_front_is(stream, TLSFP_TLS, 0);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

/** What is read is given back, and what follows it still found at its offset. */
static void test_empty(void)
{
    GByteArray *bytes = g_byte_array_new();
    three_across_records(bytes);
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    size_t empty = tlsfp_stream_memory(stream);
    unsigned n_messages = 0;
    g_assert_true(tlsfp_stream_is_empty(stream));
    for (size_t at = 0; at < bytes->len; at++) {
        if (add(stream, at, slice(span_of(bytes), at, at + 1)) == TLSFP_OK) {
            assert_front_is(stream, TLSFP_TLS, n_messages++);
            g_assert_false(tlsfp_stream_is_empty(stream));
            tlsfp_stream_next(stream);
        } else
            g_assert_false(tlsfp_stream_is_empty(stream));
    }
    g_assert_cmpuint(n_messages, ==, 3);
    g_assert_true(tlsfp_stream_is_empty(stream));
    g_assert_cmpuint(tlsfp_stream_memory(stream), ==, empty);

    size_t len = bytes->len;
    g_assert_cmpint(add(stream, 0, span_of(bytes)), ==, TLSFP_MORE); /* all of it once more */
    g_assert_true(tlsfp_stream_is_empty(stream));
    g_assert_cmpint(add(stream, len + 1, SPAN("island")), ==, TLSFP_MORE);
    g_assert_false(tlsfp_stream_is_empty(stream));
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

/** What ends the search is given from its record's header on, however it came. */
static void test_rest(void)
{
    GByteArray *bytes = g_byte_array_new();
    one_record(bytes);
    put_record(bytes, 20, SPAN("\x01"));
    size_t start = bytes->len;
    put_record(bytes, 23, SPAN("early"));
    for (size_t step = 1; step <= bytes->len; step++) {
        tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
        for (size_t at = 0; at < bytes->len; at += step) {
            (void)add(stream, at, slice(span_of(bytes), at, at + step));
            size_t end = MIN(at + step, bytes->len);
            tlsfp_span rest = tlsfp_stream_rest(stream), expected = {NULL, 0};
            if (end >= start + 5)
                expected = slice(span_of(bytes), start, end);
            assert_same_bytes(rest.data, rest.len, expected.data, expected.len);
        }
        assert_front_is(stream, TLSFP_TLS, 0);
        g_assert_cmpint(tlsfp_stream_next(stream), ==, TLSFP_NOT_HELLO);
        g_assert_cmpuint(tlsfp_stream_rest(stream).len, ==, bytes->len - start);
        tlsfp_stream_free(stream);
    }
    g_byte_array_unref(bytes);
}

/** The message stays while other bytes come. */
static void test_message_stays(void)
{
    GByteArray *bytes = g_byte_array_new();
    three_across_records(bytes);
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    for (size_t at = 0; at < bytes->len; at += 13)
        if (add(stream, at, slice(span_of(bytes), at, at + 13)) == TLSFP_OK)
            assert_front_is(stream, TLSFP_TLS, 0);
    assert_front_is(stream, TLSFP_TLS, 0);
    tlsfp_stream_free(stream);
    g_byte_array_unref(bytes);
}

static void test_server_hello(void)
{
    GByteArray *bytes = g_byte_array_new();
    GByteArray *message = make_message(TLSFP_TLS, TYPE_SERVER_HELLO, 0, SPAN("\x03\x03 and so on"));
    put_record(bytes, RECORD_HANDSHAKE, span_of(message));
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    tlsfp_span out;
    g_assert_cmpint(add(stream, 0, span_of(bytes)), ==, TLSFP_OK);
    g_assert_cmpint(tlsfp_stream_message(stream, &out), ==, TLSFP_OK);
    assert_same_bytes(out.data, out.len, message->data, message->len);
    tlsfp_stream_free(stream);
    g_byte_array_unref(message);
    g_byte_array_unref(bytes);
}

/** A hello as long as several records may be. */
static void test_long_message(void)
{
    GByteArray *hello = make_client_hello(TLSFP_TLS, 9, 60000);
    GByteArray *bytes = g_byte_array_new();
    put_records(bytes, span_of(hello), 1 << 14);
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
        tlsfp_span out = {NULL, 0};
        orders[i].feed(stream, span_of(bytes));
        g_assert_cmpint(tlsfp_stream_message(stream, &out), ==, TLSFP_OK);
        assert_same_bytes(out.data, out.len, hello->data, hello->len);
        tlsfp_stream_free(stream);
    }
    g_byte_array_unref(bytes);
    g_byte_array_unref(hello);
}

static void add_case(const char *group, const char *name, const void *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/stream/%s/%s", group, name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

static void add_order_cases(const stream_case *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        order_case *order = g_new(order_case, 1);
        *order = (order_case){row, orders[i].feed};
        char *path = g_strdup_printf("/stream/%s/%s", row->name, orders[i].name);
        g_test_add_data_func_full(path, order, test_order, g_free);
        g_free(path);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(stream_cases); i++) {
        const stream_case *row = &stream_cases[i];
        add_order_cases(row);
        add_case(row->name, "next-at-once", row, test_next_at_once);
        add_case(row->name, "prefixes", row, test_prefixes);
        if (row->last == TLSFP_MORE)
            add_case(row->name, "limit", row, test_limit);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused_cases); i++)
        add_case("add", refused_cases[i].name, &refused_cases[i], test_refused);
    g_test_add_func("/stream/no-bytes", test_no_bytes);
    g_test_add_func("/stream/next-too-early", test_next_too_early);
    g_test_add_func("/stream/empty", test_empty);
    g_test_add_func("/stream/rest", test_rest);
    g_test_add_func("/stream/message-stays", test_message_stays);
    g_test_add_func("/stream/server-hello", test_server_hello);
    g_test_add_func("/stream/long-message", test_long_message);
    g_test_add_func("/stream/memory/limit", test_memory);
    g_test_add_func("/stream/memory/long-stream", test_memory_of_a_long_stream);
    g_test_add_func("/stream/memory/in-order", test_memory_in_order);
    return g_test_run();
}
