/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What the worst input of each of the core's parsers costs (worst_table.h).
 *
 * To add a parser: a function that makes its input, one that reads it, and a row in rows[].
 */
#include <string.h>
#include <tlsfp/tlsfp.h>

#include "quic_seal.h"
#include "worst_table.h"
#include "writer.h"

enum { LIMIT = 131072 };

static tlsfp_context *context;
static volatile size_t sink; /* so that no result is dropped */

/* -- ClientHello: parsed, and all of its values */

/** A message with @p n_ciphers and @p n_extensions, from the highest number down. */
static void put_hello(GByteArray *out, size_t n_ciphers, size_t n_extensions)
{
    put_hex(out, "01");
    size_t message = begin_vector(out, 3);
    put_hex(out, "0303");
    put_times(out, 32, 0x5a);
    put_hex(out, "00");
    size_t ciphers = begin_vector(out, 2);
    for (size_t i = 0; i < n_ciphers; i++)
        put_integer(out, 2, 0xffff - i);
    end_vector(out, 2, ciphers);
    put_hex(out, "01 00");
    size_t block = begin_vector(out, 2);
    for (size_t i = 0; i < n_extensions; i++)
        put_integer(out, 4, (uint64_t)(0xffff - i) << 16);
    end_vector(out, 2, block);
    end_vector(out, 3, message);
}

static void make_hello(GByteArray *out, size_t n)
{
    (void)n;
    put_hello(out, 16, 18);
}

static void make_extensions(GByteArray *out, size_t n)
{
    put_hello(out, 1, n);
}

static void make_ciphers(GByteArray *out, size_t n)
{
    put_hello(out, n, 1);
}

static void read_hello(tlsfp_span input)
{
    tlsfp_client_hello hello;
    if (tlsfp_parse(input, TLSFP_TLS, &hello) != TLSFP_OK)
        g_error("the hello does not parse");
    GString *out = g_string_new(NULL);
    tlsfp_append_json_tls_data(&hello, out);
    tlsfp_append_json_tls_fingerprints(context, &hello, out);
    sink += out->len;
    g_string_free(out, TRUE);
}

/* -- Stream */

static void make_record(GByteArray *out, size_t n)
{
    put_hex(out, "160301");
    size_t record = begin_vector(out, 2);
    put_hello(out, n / 4, n / 8);
    end_vector(out, 2, record);
}

static void make_tiny_records(GByteArray *out, size_t n)
{
    GByteArray *hello = g_byte_array_new();
    put_hello(hello, n / 4, n / 8);
    for (size_t i = 0; i < hello->len; i++) {
        put_hex(out, "160301 0001");
        put_integer(out, 1, hello->data[i]);
    }
    g_byte_array_unref(hello);
}

static void read_stream(tlsfp_span input)
{
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    sink += tlsfp_stream_add(stream, 0, input) == TLSFP_OK;
    tlsfp_stream_free(stream);
}

/** One byte at a time: first those at odd offsets, from the last down, then the others. */
static void read_stream_holes(tlsfp_span input)
{
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, LIMIT);
    for (size_t i = input.len | 1; i > 1; i -= 2)
        sink += tlsfp_stream_add(stream, i - 2, slice(input, i - 2, i - 1));
    for (size_t i = 0; i < input.len; i += 2)
        sink += tlsfp_stream_add(stream, i, slice(input, i, i + 1));
    tlsfp_stream_free(stream);
}

/* -- DTLS */

static void put_dtls(GByteArray *out, const GByteArray *fragments)
{
    put_hex(out, "16 fefd 0000 000000000000");
    size_t record = begin_vector(out, 2);
    put_span(out, span_of(fragments));
    end_vector(out, 2, record);
}

/** @param len of each fragment; the last one comes first. */
static void put_fragments(GByteArray *out, size_t n, size_t len)
{
    GByteArray *fragments = g_byte_array_new();
    for (size_t i = n; i > 0; i--) {
        put_hex(fragments, "01");
        put_integer(fragments, 3, n * len);
        put_hex(fragments, "0000");
        put_integer(fragments, 3, (i - 1) * len);
        put_integer(fragments, 3, len);
        put_times(fragments, len, 0);
    }
    put_dtls(out, fragments);
    g_byte_array_unref(fragments);
}

static void make_dtls(GByteArray *out, size_t n)
{
    (void)n;
    put_fragments(out, 1, 300);
}

static void make_dtls_fragments(GByteArray *out, size_t n)
{
    put_fragments(out, n, 1);
}

static void make_dtls_tiny_hellos(GByteArray *out, size_t n)
{
    GByteArray *fragments = g_byte_array_new();
    for (size_t i = 0; i < n; i++)
        put_hex(fragments, "01 000000 0000 000000 000000");
    put_dtls(out, fragments);
    g_byte_array_unref(fragments);
}

static void read_dtls(tlsfp_span input)
{
    tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
    tlsfp_span message;
    while (tlsfp_dtls_add(dtls, &input, &message) == TLSFP_OK)
        sink += message.len;
    tlsfp_dtls_free(dtls);
}

/* -- QUIC: datagrams of 1,200 bytes, one after the other */

enum { DATAGRAM = 1200 };

static void put_initial(GByteArray *out, tlsfp_span dcid, const GByteArray *frames)
{
    const seal_packet packet = {.version = SEAL_VERSION_1,
                                .key_dcid = dcid,
                                .dcid = dcid,
                                .scid = SPAN(""),
                                .token = SPAN(""),
                                .number = 0,
                                .number_len = 1};
    seal_put(out, &packet, span_of(frames));
}

static void make_quic(GByteArray *out, size_t n)
{
    (void)n;
    GByteArray *frames = g_byte_array_new();
    put_hex(frames, "06 00 4190"); /* CRYPTO of 400 bytes */
    put_times(frames, 400, 1);
    put_times(frames, 740, 0);
    put_initial(out, SPAN("\1\2\3\4\5\6\7\x08"), frames);
    put_times(out, DATAGRAM - out->len, 0);
    g_byte_array_unref(frames);
}

/** Each datagram full of tiny Initials, each with keys of its own. */
static void make_quic_tiny(GByteArray *out, size_t n)
{
    GByteArray *frames = g_byte_array_new();
    put_times(frames, 4, 1); /* PING */
    for (size_t i = 0; i < n; i++) {
        GByteArray *datagram = g_byte_array_new();
        for (uint8_t id = 0; datagram->len + 40 <= DATAGRAM; id++)
            put_initial(datagram, (tlsfp_span){&id, 1}, frames);
        put_times(datagram, DATAGRAM - datagram->len, 0);
        put_span(out, span_of(datagram));
        g_byte_array_unref(datagram);
    }
    g_byte_array_unref(frames);
}

static void make_quic_pings(GByteArray *out, size_t n)
{
    GByteArray *frames = g_byte_array_new();
    put_times(frames, 1150, 1);
    for (size_t i = 0; i < n; i++) {
        const uint8_t id[] = {(uint8_t)(i >> 8), (uint8_t)i};
        size_t start = out->len;
        put_initial(out, (tlsfp_span){id, sizeof id}, frames);
        put_times(out, start + DATAGRAM - out->len, 0);
    }
    g_byte_array_unref(frames);
}

static void read_quic(tlsfp_span input)
{
    tlsfp_quic *quic = tlsfp_quic_new(LIMIT);
    for (size_t at = 0; at < input.len; at += DATAGRAM)
        sink += tlsfp_quic_add(context, quic, slice(input, at, at + DATAGRAM));
    tlsfp_quic_free(quic);
}

/* -- Lists of names, and text */

static void put_labels(GByteArray *out, size_t n, bool same)
{
    GString *text = g_string_new("ja4,name\n");
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(text, "t13d1516h2_%012zx_e5627efa2ab1,Client %zu\n", same ? 0 : i,
                               i);
    put_span(out, (tlsfp_span){(const uint8_t *)text->str, text->len});
    g_string_free(text, TRUE);
}

static void make_labels(GByteArray *out, size_t n)
{
    put_labels(out, n, false);
}

static void make_labels_of_one_value(GByteArray *out, size_t n)
{
    put_labels(out, n, true);
}

static void read_labels(tlsfp_span input)
{
    static const tlsfp_hash_key key = {{1, 2}};
    tlsfp_labels *labels = tlsfp_labels_new(&key);
    sink += tlsfp_labels_read(labels, "list", input, NULL, NULL);
    tlsfp_labels_free(labels);
}

static void make_ascii(GByteArray *out, size_t n)
{
    put_times(out, n, 'a');
}

static void make_controls(GByteArray *out, size_t n)
{
    put_times(out, n, 0x1b);
}

static void make_not_utf8(GByteArray *out, size_t n)
{
    put_times(out, n, 0xe2);
}

static void read_text(tlsfp_span input)
{
    GString *out = g_string_new(NULL);
    tlsfp_append_json_escaped(out, input);
    sink += out->len;
    g_string_free(out, TRUE);
}

static const worst_row rows[] = {
    {"hello", "ordinary", make_hello, read_hello, 0},
    {"hello", "extensions", make_extensions, read_hello, 4000},
    {"hello", "cipher suites", make_ciphers, read_hello, 8000},
    {"stream", "ordinary", make_record, read_stream, 0},
    {"stream", "one-byte records", make_tiny_records, read_stream, 4000},
    {"stream", "one-byte pieces, holes", make_record, read_stream_holes, 8000},
    {"dtls", "ordinary", make_dtls, read_dtls, 0},
    {"dtls", "descending fragments", make_dtls_fragments, read_dtls, 1200},
    {"dtls", "tiny hellos", make_dtls_tiny_hellos, read_dtls, 1300},
    {"quic", "ordinary", make_quic, read_quic, 0},
    {"quic", "tiny Initials", make_quic_tiny, read_quic, 32},
    {"quic", "PING frames", make_quic_pings, read_quic, 32},
    {"labels", "ordinary", make_labels, read_labels, 0},
    {"labels", "one value", make_labels_of_one_value, read_labels, 4000},
    {"escape", "ordinary", make_ascii, read_text, 0},
    {"escape", "control characters", make_controls, read_text, 16000},
    {"escape", "no UTF-8", make_not_utf8, read_text, 16000},
};

int main(int argc, char **argv)
{
    context = tlsfp_context_new();
    const int status = worst_main(argc, argv, rows, G_N_ELEMENTS(rows), UNIT_BYTE);
    tlsfp_context_free(context);
    return status;
}
