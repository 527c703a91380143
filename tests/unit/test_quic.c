/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <tlsfp/quic.h>

#include "exact_block.h"
#include "hello_bytes.h"
#include "quic_samples.h"
#include "quic_seal.h"
#include "same_bytes.h"
#include "writer.h"

enum {
    LIMIT = 1 << 16,
    HELLO_SIZE = 300,
};

#define CLIENT_DCID SPAN("\x83\x94\xc8\xf0\x3e\x51\x57\x08")
#define OTHER_DCID SPAN("after retry")

/*
 * Datagrams are written down in words:
 *     c0-100    a CRYPTO frame with bytes 0 to 100 of the hello
 *     x0-100    the same with other bytes
 *     d0-100    as c, of a second hello that follows the first
 *     p         PADDING, 8 bytes        P    PING
 *     a         ACK                     A    ACK with three more ranges
 *     e         ACK with ECN counts     X    CONNECTION_CLOSE, reason 5 bytes
 *     !         a STREAM frame          ~    a CRYPTO frame longer than its packet
 *     ?         an ACK frame that is cut
 *     |         ends a packet           /    ends a datagram
 * Blanks part words.
 */
static const struct {
    const char *word, *frame;
} fixed_frames[] = {
    {"p", "0000000000000000"},
    {"P", "01"},
    {"a", "02 4123 19 00 05"},
    {"A", "02 80001234 00 03 01 00 01 02 03 4004 05"},
    {"e", "03 09 00 01 02 03 04 11 4012 80000013"},
    {"X", "1c 0a 06 05 7368757421"},
    {"!", "08 00 01020304"},
    {"~", "06 00 7fff 010203"},
    {"?", "02 05 00 09 01"},
};

static GByteArray *the_hello(void)
{
    return make_client_hello(TLSFP_QUIC, 1, HELLO_SIZE);
}

static GByteArray *second_hello(void)
{
    return make_client_hello(TLSFP_QUIC, 2, HELLO_SIZE + 20);
}

static void put_crypto(GByteArray *frames, size_t offset, tlsfp_span data)
{
    put_integer(frames, 1, 6);
    put_varint(frames, offset < 64 ? 1 : offset < 1 << 14 ? 2 : 4, offset);
    put_varint(frames, 2, data.len);
    put_span(frames, data);
}

static void put_crypto_word(GByteArray *frames, char letter, size_t from, size_t to)
{
    GByteArray *hello = letter == 'd' ? second_hello() : the_hello();
    if (letter == 'x')
        for (size_t i = 0; i < hello->len; i++)
            hello->data[i] ^= 0xff;
    put_crypto(frames, letter == 'd' ? HELLO_SIZE + from : from, slice(span_of(hello), from, to));
    g_byte_array_unref(hello);
}

static void put_frame_word(GByteArray *frames, const char *word)
{
    size_t from, to;
    if (sscanf(word + 1, "%zu-%zu", &from, &to) == 2) {
        put_crypto_word(frames, word[0], from, to);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fixed_frames); i++)
        if (strcmp(fixed_frames[i].word, word) == 0)
            put_hex(frames, fixed_frames[i].frame);
}

static void free_bytes(void *bytes)
{
    g_byte_array_unref(bytes);
}

/** The datagrams that @p text writes down, in packets like @p packet. */
static GPtrArray *datagrams_of(const char *text, seal_packet packet)
{
    GPtrArray *datagrams = g_ptr_array_new_with_free_func(free_bytes);
    GByteArray *datagram = g_byte_array_new(), *frames = g_byte_array_new();
    char *ended = g_strconcat(text, " /", NULL);
    char **words = g_strsplit(ended, " ", -1);
    for (char **word = words; *word != NULL; word++) {
        bool ends_datagram = strcmp(*word, "/") == 0;
        if (!ends_datagram && strcmp(*word, "|") != 0) {
            put_frame_word(frames, *word);
            continue;
        }
        if (frames->len > 0) {
            seal_put(datagram, &packet, span_of(frames));
            packet.number++;
            g_byte_array_set_size(frames, 0);
        }
        if (ends_datagram) {
            g_ptr_array_add(datagrams, datagram);
            datagram = g_byte_array_new();
        }
    }
    g_strfreev(words);
    g_free(ended);
    g_byte_array_unref(frames);
    g_byte_array_unref(datagram);
    return datagrams;
}

static seal_packet packet_of(uint32_t version)
{
    return (seal_packet){
        .version = version,
        .key_dcid = CLIENT_DCID,
        .dcid = CLIENT_DCID,
        .scid = SPAN("me"),
        .number_len = 4,
    };
}

typedef struct {
    tlsfp_context *context;
    tlsfp_quic *quic;
} receiver;

static receiver new_receiver(size_t limit)
{
    return (receiver){tlsfp_context_new(), tlsfp_quic_new(limit)};
}

static void free_receiver(receiver to)
{
    tlsfp_quic_free(to.quic);
    tlsfp_context_free(to.context);
}

static tlsfp_status add(receiver to, tlsfp_span datagram)
{
    tlsfp_span block = exact_block(datagram);
    tlsfp_status status = tlsfp_quic_add(to.context, to.quic, block);
    exact_block_free(block);
    return status;
}

/** Feeds datagrams; returns the last status. */
static tlsfp_status add_text(receiver to, const char *text, seal_packet packet)
{
    GPtrArray *datagrams = datagrams_of(text, packet);
    tlsfp_status status = TLSFP_UNREADABLE;
    for (guint i = 0; i < datagrams->len; i++)
        status = add(to, span_of(datagrams->pdata[i]));
    g_ptr_array_unref(datagrams);
    return status;
}

static void assert_message_is(receiver to, GByteArray *expected)
{
    tlsfp_span message = {NULL, 0};
    g_assert_cmpint(tlsfp_quic_message(to.quic, &message), ==, TLSFP_OK);
    assert_same_bytes(message.data, message.len, expected->data, expected->len);
    g_byte_array_unref(expected);
}

typedef struct {
    const char *name;
    const char *datagrams;
    tlsfp_status status;
} quic_case;

static const quic_case quic_cases[] = {
    {"one-frame", "c0-300", TLSFP_OK},
    {"one-frame-and-padding", "c0-300 p p p p", TLSFP_OK},
    {"padding-first", "p p c0-300", TLSFP_OK},
    {"other-frames-between", "a P c0-100 A e p c100-200 P p c200-300 e", TLSFP_OK},
    {"frames-out-of-order", "c200-300 c0-100 c100-200", TLSFP_OK},
    {"frames-out-of-order-with-others", "P c200-300 p P c100-200 p p c0-100 p", TLSFP_OK},
    {"frames-overlap", "c0-200 c100-300", TLSFP_OK},
    {"frames-overlap-reversed", "c100-300 c0-200", TLSFP_OK},
    {"frame-sent-twice", "c0-150 c0-150 c150-300", TLSFP_OK},
    {"first-bytes-win", "c0-150 x50-150 c100-300", TLSFP_OK},
    {"first-bytes-win-on-an-island", "c100-200 x100-200 c0-100 c150-300", TLSFP_OK},
    {"empty-crypto-frames", "c0-0 c0-300 c300-300", TLSFP_OK},
    {"frames-of-one-byte-at-front", "c3-300 c2-3 c1-2 c0-1", TLSFP_OK},
    {"two-packets-in-a-datagram", "c0-150 | c150-300", TLSFP_OK},
    {"two-packets-in-a-datagram-reversed", "c150-300 | c0-150", TLSFP_OK},
    {"padding-packet-first", "p | c0-300", TLSFP_OK},
    {"two-datagrams", "c0-150 / c150-300", TLSFP_OK},
    {"two-datagrams-reversed", "c150-300 / c0-150", TLSFP_OK},
    {"three-datagrams-132", "c0-100 / c200-300 / c100-200", TLSFP_OK},
    {"three-datagrams-213", "c100-200 / c0-100 / c200-300", TLSFP_OK},
    {"three-datagrams-231", "c100-200 / c200-300 / c0-100", TLSFP_OK},
    {"three-datagrams-312", "c200-300 / c0-100 / c100-200", TLSFP_OK},
    {"three-datagrams-321", "c200-300 / c100-200 / c0-100", TLSFP_OK},
    {"sent-again", "c0-300 / c0-300", TLSFP_OK},
    {"ack-after", "c0-300 / a p", TLSFP_OK},

    {"no-crypto", "P p p", TLSFP_MORE},
    {"only-padding", "p", TLSFP_MORE},
    {"hole", "c0-100 / c200-300", TLSFP_MORE},
    {"front-missing", "c1-300", TLSFP_MORE},
    {"last-byte-missing", "c0-299", TLSFP_MORE},
    {"header-only", "c0-4", TLSFP_MORE},
    {"type-only", "c0-1 p", TLSFP_MORE},
    {"no-hello", "x0-100", TLSFP_NOT_HELLO},

    {"close-after", "c0-300 X", TLSFP_OK},
    {"close-alone", "X", TLSFP_MORE},
    {"nothing-counts-after-close", "X c0-300", TLSFP_MORE},
    {"stream-frame-alone", "!", TLSFP_MALFORMED},
    {"stream-frame-before", "! c0-300", TLSFP_MALFORMED},
    {"stream-frame-after-part", "c0-100 !", TLSFP_MALFORMED},
    {"stream-frame-after", "c0-300 !", TLSFP_OK},
    {"stream-frame-then-whole", "! p / c0-300", TLSFP_OK},
    {"stream-frame-then-whole-in-a-datagram", "! p | c0-300", TLSFP_OK},
    {"stream-frame-then-part-in-a-datagram", "! p | c0-100", TLSFP_MALFORMED},
    {"part-then-stream-frame-in-a-datagram", "c0-100 | ! p", TLSFP_MALFORMED},
    {"cut-crypto", "~", TLSFP_MALFORMED},
    {"cut-crypto-after", "c0-300 ~", TLSFP_OK},
    {"cut-ack", "?", TLSFP_MALFORMED},
    {"cut-ack-after-part", "c0-100 ?", TLSFP_MALFORMED},
    {"part-malformed-rest", "c0-150 ~ / c150-300", TLSFP_OK},
};

typedef struct {
    const char *name;
    uint32_t version;
} version_case;

static const version_case versions[] = {
    {"v1", SEAL_VERSION_1},   {"v2", SEAL_VERSION_2},   {"draft-29", 0xff00001d},
    {"draft-30", 0xff00001e}, {"draft-31", 0xff00001f}, {"draft-32", 0xff000020},
    {"draft-33", 0xff000021}, {"draft-34", 0xff000022}, {"draft-23", 0xff000017},
    {"draft-28", 0xff00001c}, {"mvfst-27", 0xfaceb002}, {"mvfst-experimental", 0xfaceb00e},
};

typedef struct {
    const quic_case *row;
    uint32_t version;
} versioned_case;

static void test_add(const void *data)
{
    const versioned_case *c = data;
    receiver to = new_receiver(LIMIT);
    g_assert_cmpint(add_text(to, c->row->datagrams, packet_of(c->version)), ==, c->row->status);
    if (c->row->status == TLSFP_OK)
        assert_message_is(to, the_hello());
    else
        g_assert_cmpint(tlsfp_quic_message(to.quic, &(tlsfp_span){0}), !=, TLSFP_OK);
    free_receiver(to);
}

/* Whole frames, of which each prefix is malformed. */
typedef struct {
    const char *name;
    const char *frame;
} frame_case;

static const frame_case frame_cases[] = {
    {"ack", "02 4123 19 00 05"},
    {"ack-with-ranges", "02 80001234 00 03 01 00 01 02 03 4004 05"},
    {"ack-with-ecn", "03 09 00 01 02 03 04 11 4012 80000013"},
    {"crypto", "06 4001 03 010203"},
    {"crypto-with-long-numbers", "06 c000000000000000 8000 0002 0100"},
    {"padding-with-a-long-type", "4000"},
    {"ping-with-a-long-type", "c000000000000001"},
};

static void test_cut_frame(const void *data)
{
    const frame_case *row = data;
    GByteArray *frame = bytes_of_hex(row->frame);
    seal_packet packet = packet_of(SEAL_VERSION_1);
    for (size_t len = 1; len <= frame->len; len++) {
        receiver to = new_receiver(LIMIT);
        GByteArray *datagram = g_byte_array_new();
        seal_put(datagram, &packet, slice(span_of(frame), 0, len));
        g_assert_cmpint(add(to, span_of(datagram)), ==,
                        len < frame->len ? TLSFP_MALFORMED : TLSFP_MORE);
        g_byte_array_unref(datagram);
        free_receiver(to);
    }
    g_byte_array_unref(frame);
}

/* What a header may say besides. */
typedef struct {
    const char *name;
    seal_packet packet;
    tlsfp_status status;
} header_case;

#define PACKET(length, ...)                                                                        \
    {                                                                                              \
        .version = SEAL_VERSION_1, .number_len = (length), __VA_ARGS__                             \
    }
#define SPAN_INIT(literal)                                                                         \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define TWENTY "abcdefghijklmnopqrst"
#define LONG_TOKEN TWENTY TWENTY TWENTY TWENTY

static const header_case header_cases[] = {
    {"number-of-1-byte", PACKET(1, .number = 0x7f), TLSFP_OK},
    {"number-of-2-bytes", PACKET(2, .number = 0xfffe), TLSFP_OK},
    {"number-of-3-bytes", PACKET(3, .number = 0xabcdef), TLSFP_OK},
    {"number-of-4-bytes", PACKET(4, .number = 0xfedcba98), TLSFP_OK},
    {"no-connection-ids", PACKET(4, .number = 1), TLSFP_OK},
    {"longest-connection-ids",
     PACKET(4, .key_dcid = SPAN_INIT(TWENTY), .dcid = SPAN_INIT(TWENTY), .scid = SPAN_INIT(TWENTY)),
     TLSFP_OK},
    {"dcid-too-long", PACKET(4, .key_dcid = SPAN_INIT(TWENTY "u"), .dcid = SPAN_INIT(TWENTY "u")),
     TLSFP_UNREADABLE},
    {"scid-too-long", PACKET(4, .scid = SPAN_INIT(TWENTY "u")), TLSFP_UNREADABLE},
    {"token", PACKET(4, .token = SPAN_INIT("token")), TLSFP_OK},
    {"long-token", PACKET(4, .token = SPAN_INIT(LONG_TOKEN)), TLSFP_OK},
    {"keys-of-another-dcid", PACKET(4, .key_dcid = SPAN_INIT("a"), .dcid = SPAN_INIT("b")),
     TLSFP_UNREADABLE},
    {"of-a-server", PACKET(4, .from_server = true), TLSFP_UNREADABLE},
    {"version-unknown", {.version = 0x0a0a0a0a, .number_len = 4}, TLSFP_UNREADABLE},
    {"version-draft-22", {.version = 0xff000016, .number_len = 4}, TLSFP_UNREADABLE},
    {"version-0", {.version = 0, .number_len = 4}, TLSFP_UNREADABLE},
};

static void test_header(const void *data)
{
    const header_case *row = data;
    receiver to = new_receiver(LIMIT);
    g_assert_cmpint(add_text(to, "c0-300 p", row->packet), ==, row->status);
    if (row->status == TLSFP_OK)
        assert_message_is(to, the_hello());
    free_receiver(to);
}

/* Datagrams in which there is nothing to open. */
typedef struct {
    const char *name;
    const char *datagram;
    bool is_initial; /* by its clear bytes */
} unreadable_case;

static const unreadable_case unreadable_cases[] = {
    {"empty", "", false},
    {"first-byte", "c0", false},
    {"short-header", "40 0102030405060708 aabbccddeeff00112233445566778899aabbccddeeff", false},
    {"dtls", "16fefd0000000000000000000c 010000000000000000000000", false},
    {"dns", "123401000001000000000000", false},
    {"version-negotiation", "80 00000000 02 0102 02 0304 00000001 6b3343cf 0a0a0a0a", false},
    {"retry-of-rfc9001-a4", sample_retry_v1, false},
    {"retry-v2", "c0 6b3343cf 00 02 0304 746f6b656e 00112233445566778899aabbccddeeff", false},
    {"0-rtt", "d0 00000001 02 0102 00 18 000102030405060708090a0b0c0d0e0f1011121314151617", false},
    {"handshake", "e0 00000001 02 0102 00 18 000102030405060708090a0b0c0d0e0f1011121314151617",
     false},
    {"initial-of-v1-in-v2",
     "c0 6b3343cf 02 0102 00 00 18 "
     "000102030405060708090a0b0c0d0e0f1011121314151617",
     false},
    {"garbage-in-initial",
     "c0 00000001 02 0102 00 00 18 "
     "000102030405060708090a0b0c0d0e0f1011121314151617",
     true},
    {"garbage-in-initial-v2",
     "d0 6b3343cf 02 0102 00 00 18 "
     "000102030405060708090a0b0c0d0e0f1011121314151617",
     true},
    {"garbage-in-initial-draft",
     "c0 ff00001d 02 0102 00 00 18 "
     "000102030405060708090a0b0c0d0e0f1011121314151617",
     true},
    {"initial-behind-0-rtt",
     "d0 00000001 02 0102 00 18 000102030405060708090a0b0c0d0e0f1011121314151617"
     "c0 00000001 02 0102 00 00 18 000102030405060708090a0b0c0d0e0f1011121314151617",
     true},
    {"too-short-for-a-sample", "c0 00000001 00 00 00 13 000102030405060708090a0b0c0d0e0f101112",
     true},
    {"empty-payload", "c0 00000001 00 00 00 00", true},
    {"length-one-over", "c0 00000001 00 00 00 15 000102030405060708090a0b0c0d0e0f10111213", false},
    {"length-of-8-bytes", "c0 00000001 00 00 00 ffffffffffffffff 00", false},
    {"token-one-over", "c0 00000001 00 00 04 010203", false},
    {"token-length-of-8-bytes", "c0 00000001 00 00 ffffffffffffffff 00", false},
    {"dcid-one-over", "c0 00000001 04 010203", false},
    {"scid-one-over", "c0 00000001 00 04 010203", false},
    {"no-scid", "c0 00000001 00", false},
    {"no-token", "c0 00000001 00 00", false},
    {"no-length", "c0 00000001 00 00 00", false},
    {"server-of-rfc9001-a3", sample_server_v1, true},
    {"server-of-rfc9369-a3", sample_server_v2, true},
};

static void test_unreadable(const void *data)
{
    const unreadable_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->datagram);
    tlsfp_span block = exact_block(span_of(bytes));
    receiver to = new_receiver(LIMIT);
    size_t empty = tlsfp_quic_memory(to.quic);
    g_assert_cmpint(tlsfp_quic_is_initial(block), ==, row->is_initial);
    g_assert_cmpint(tlsfp_quic_add(to.context, to.quic, block), ==, TLSFP_UNREADABLE);
    g_assert_cmpint(tlsfp_quic_message(to.quic, NULL), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_MORE);
    g_assert_cmpuint(tlsfp_quic_memory(to.quic), ==, empty);
    free_receiver(to);
    exact_block_free(block);
    g_byte_array_unref(bytes);
}

/** RFC 9001 A.2 and RFC 9369 A.2, to the last byte of their hello. */
static void test_sample(const void *data)
{
    GByteArray *bytes = bytes_of_hex(data), *frames = bytes_of_hex(sample_frames);
    GByteArray *hello = g_byte_array_new();
    put_span(hello, slice(span_of(frames), 4, frames->len)); /* behind type, offset and length */
    receiver to = new_receiver(LIMIT);
    g_assert_true(tlsfp_quic_is_initial(span_of(bytes)));
    g_assert_cmpint(add(to, span_of(bytes)), ==, TLSFP_OK);
    assert_message_is(to, hello);
    free_receiver(to);
    g_byte_array_unref(frames);
    g_byte_array_unref(bytes);
}

/** Of a cut packet nothing can be read, however little is missing. */
static void test_cut_sample(const void *data)
{
    GByteArray *bytes = bytes_of_hex(data);
    receiver to = new_receiver(LIMIT);
    for (size_t len = 0; len < bytes->len; len++) {
        tlsfp_span block = exact_block(slice(span_of(bytes), 0, len));
        g_assert_false(tlsfp_quic_is_initial(block));
        g_assert_cmpint(tlsfp_quic_add(to.context, to.quic, block), ==, TLSFP_UNREADABLE);
        exact_block_free(block);
    }
    g_assert_cmpint(add(to, span_of(bytes)), ==, TLSFP_OK);
    free_receiver(to);
    g_byte_array_unref(bytes);
}

/** Any bit changed: unreadable, with the keys still to be found and with them at hand. */
static void test_damaged_sample(const void *data)
{
    GByteArray *bytes = bytes_of_hex(data);
    receiver fresh = new_receiver(LIMIT), keyed = new_receiver(LIMIT);
    g_assert_cmpint(add(keyed, span_of(bytes)), ==, TLSFP_OK);
    for (size_t at = 0; at < bytes->len; at++) {
        bytes->data[at] ^= 0x04;
        g_assert_cmpint(add(fresh, span_of(bytes)), ==, TLSFP_UNREADABLE);
        g_assert_cmpint(add(keyed, span_of(bytes)), ==, TLSFP_UNREADABLE);
        bytes->data[at] ^= 0x04;
    }
    g_assert_cmpint(tlsfp_quic_message(fresh.quic, NULL), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_quic_message(keyed.quic, NULL), ==, TLSFP_OK);
    free_receiver(fresh);
    free_receiver(keyed);
    g_byte_array_unref(bytes);
}

/** RFC 9001 5.2: after Retry the keys follow from the connection ID that the server chose, and the
 * CRYPTO data starts anew. */
static void test_retry(const void *data)
{
    const version_case *version = data;
    receiver to = new_receiver(LIMIT);
    seal_packet packet = packet_of(version->version);
    g_assert_cmpint(add_text(to, "x0-150 P", packet), ==, TLSFP_NOT_HELLO);
    GByteArray *retry = bytes_of_hex(sample_retry_v1);
    g_assert_cmpint(add(to, span_of(retry)), ==, TLSFP_UNREADABLE);
    packet.key_dcid = packet.dcid = OTHER_DCID;
    packet.token = SPAN("token");
    packet.number = 1;
    g_assert_cmpint(add_text(to, "c150-300", packet), ==, TLSFP_MORE);
    g_assert_cmpint(add_text(to, "c0-150", packet), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    g_byte_array_unref(retry);
    free_receiver(to);
}

/** Once the server has answered, the client writes to the server's connection ID, and the keys stay
 * (RFC 9001 5.2). */
static void test_connection_id_of_server(const void *data)
{
    const version_case *version = data;
    receiver to = new_receiver(LIMIT);
    seal_packet packet = packet_of(version->version);
    g_assert_cmpint(add_text(to, "c0-150", packet), ==, TLSFP_MORE);
    packet.dcid = SPAN("server's");
    g_assert_cmpint(add_text(to, "c150-300", packet), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    free_receiver(to);
}

/** An Initial packet of the server between those of the client changes nothing. */
static void test_server_between(const void *data)
{
    const version_case *version = data;
    receiver to = new_receiver(LIMIT);
    seal_packet packet = packet_of(version->version), answer = packet;
    answer.from_server = true;
    answer.dcid = SPAN("me");
    g_assert_cmpint(add_text(to, "c0-150", packet), ==, TLSFP_MORE);
    g_assert_cmpint(add_text(to, "x0-300", answer), ==, TLSFP_UNREADABLE);
    g_assert_cmpint(add_text(to, "c150-300", packet), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    free_receiver(to);
}

/* What may be coalesced with an Initial packet, RFC 9000 12.2. */
typedef struct {
    const char *name;
    const char *before, *after;
    tlsfp_status status;
} coalesced_case;

#define PROTECTED "18 000102030405060708090a0b0c0d0e0f1011121314151617"

static const coalesced_case coalesced_cases[] = {
    {"0-rtt-after", "", "d0 00000001 02 0102 00" PROTECTED, TLSFP_OK},
    {"0-rtt-before", "d0 00000001 02 0102 00" PROTECTED, "", TLSFP_OK},
    {"handshake-after", "", "e0 00000001 02 0102 00" PROTECTED, TLSFP_OK},
    {"handshake-before", "e0 00000001 02 0102 00" PROTECTED, "", TLSFP_OK},
    {"other-initial-after", "", "c0 00000001 02 0102 00 00" PROTECTED, TLSFP_OK},
    {"other-initial-before", "c0 00000001 02 0102 00 00" PROTECTED, "", TLSFP_OK},
    {"short-header-after", "", "40 000102030405060708090a0b0c0d0e0f10111213", TLSFP_OK},
    {"zeros-after", "", "0000000000000000", TLSFP_OK},
    {"cut-packet-after", "", "c0 00000001 02", TLSFP_OK},
    {"retry-after", "", sample_retry_v1, TLSFP_OK},
    {"unknown-version-after", "", "c0 0a0a0a0a 02 0102 00 00" PROTECTED, TLSFP_OK},
    {"unknown-version-before", "c0 0a0a0a0a 02 0102 00 00" PROTECTED, "", TLSFP_UNREADABLE},
};

static void test_coalesced(const void *data)
{
    const coalesced_case *row = data;
    GPtrArray *datagrams = datagrams_of("c0-300", packet_of(SEAL_VERSION_1));
    GByteArray *bytes = bytes_of_hex(row->before);
    put_span(bytes, span_of(datagrams->pdata[0]));
    put_hex(bytes, row->after);
    receiver to = new_receiver(LIMIT);
    g_assert_cmpint(add(to, span_of(bytes)), ==, row->status);
    if (row->status == TLSFP_OK)
        assert_message_is(to, the_hello());
    free_receiver(to);
    g_byte_array_unref(bytes);
    g_ptr_array_unref(datagrams);
}

/** After HelloRetryRequest a second hello follows the first in the CRYPTO data. */
/** What a client would not send: packets with many connection IDs in one datagram. */
static void test_many_connection_ids(void)
{
    for (unsigned n = 0; n <= 5; n++) {
        GPtrArray *datagrams = datagrams_of("c0-300", packet_of(SEAL_VERSION_1));
        GByteArray *bytes = g_byte_array_new();
        for (unsigned i = 0; i < n; i++)
            put_hex(bytes, "c0 00000001 02 0102 00 00" PROTECTED);
        put_span(bytes, span_of(datagrams->pdata[0]));
        receiver to = new_receiver(LIMIT);
        g_assert_cmpint(add(to, span_of(bytes)), ==, n < 2 ? TLSFP_OK : TLSFP_UNREADABLE);
        free_receiver(to);
        g_byte_array_unref(bytes);
        g_ptr_array_unref(datagrams);
    }
}

/** Sealed anew by the key that the context had before, and by another one between. */
static void test_keys_by_turns(void)
{
    receiver first = new_receiver(LIMIT), second = new_receiver(LIMIT);
    seal_packet packet = packet_of(SEAL_VERSION_1), other = packet_of(SEAL_VERSION_1);
    other.dcid = other.key_dcid = SPAN("another connection");
    tlsfp_context *own = second.context;
    second.context = first.context;
    for (unsigned from = 0; from < 300; from += 100) {
        char text[32];
        g_snprintf(text, sizeof text, "c%u-%u", from, from + 100);
        const tlsfp_status status = from < 200 ? TLSFP_MORE : TLSFP_OK;
        g_assert_cmpint(add_text(first, text, packet), ==, status);
        g_assert_cmpint(add_text(second, text, other), ==, status);
        packet.number = ++other.number;
    }
    assert_message_is(first, the_hello());
    assert_message_is(second, the_hello());
    second.context = own;
    free_receiver(first);
    free_receiver(second);
}

static void test_next(void)
{
    receiver to = new_receiver(LIMIT);
    seal_packet packet = packet_of(SEAL_VERSION_1);
    g_assert_true(tlsfp_quic_is_empty(to.quic));
    g_assert_cmpint(add_text(to, "c0-200", packet), ==, TLSFP_MORE);
    g_assert_false(tlsfp_quic_is_empty(to.quic));
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_MORE);
    g_assert_cmpint(add_text(to, "c200-300 d0-100", packet), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_MORE);
    g_assert_cmpint(add_text(to, "c0-300", packet), ==, TLSFP_MORE); /* sent again */
    packet.dcid = SPAN("server's");
    g_assert_cmpint(add_text(to, "d200-320 / d100-200", packet), ==, TLSFP_OK);
    assert_message_is(to, second_hello());
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_MORE);
    free_receiver(to);
}

static void test_limit(void)
{
    receiver to = new_receiver(HELLO_SIZE);
    g_assert_cmpint(add_text(to, "c0-300", packet_of(SEAL_VERSION_1)), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    free_receiver(to);

    to = new_receiver(HELLO_SIZE - 1);
    g_assert_cmpint(add_text(to, "c0-300", packet_of(SEAL_VERSION_1)), ==, TLSFP_TOO_LARGE);
    g_assert_cmpint(tlsfp_quic_message(to.quic, NULL), ==, TLSFP_TOO_LARGE);
    free_receiver(to);

    to = new_receiver(HELLO_SIZE - 1);
    g_assert_cmpint(add_text(to, "c0-4", packet_of(SEAL_VERSION_1)), ==, TLSFP_TOO_LARGE);
    free_receiver(to);

    to = new_receiver(0);
    g_assert_cmpint(add_text(to, "c0-300", packet_of(SEAL_VERSION_1)), ==, TLSFP_TOO_LARGE);
    free_receiver(to);
}

/** CRYPTO data far away costs no more than the limit, and past it nothing. */
static void test_memory(void)
{
    static const uint64_t offsets[] = {0, 4999, 5000, 1 << 20, ((uint64_t)1 << 62) - 1};
    const size_t limit = 5000;
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        receiver to = new_receiver(limit);
        size_t empty = tlsfp_quic_memory(to.quic);
        g_assert_cmpuint(empty, <=, 256);
        GByteArray *frames = g_byte_array_new(), *datagram = g_byte_array_new();
        seal_packet packet = packet_of(SEAL_VERSION_1);
        put_integer(frames, 1, 6);
        put_varint(frames, 8, offsets[i]);
        put_varint(frames, 8, 1);
        put_integer(frames, 1, TYPE_CLIENT_HELLO);
        seal_put(datagram, &packet, span_of(frames));
        g_assert_cmpint(add(to, span_of(datagram)), ==, TLSFP_MORE);
        g_assert_cmpuint(tlsfp_quic_memory(to.quic), <=, empty + 256 + limit + (limit + 7) / 8);
        if (offsets[i] >= limit)
            g_assert_cmpuint(tlsfp_quic_memory(to.quic), <=, empty + 256);
        g_byte_array_unref(frames);
        g_byte_array_unref(datagram);
        free_receiver(to);
    }
    tlsfp_quic_free(NULL);
}

/** Of new connections over and over on the same object, 16 are kept. */
static void test_memory_of_many_keys(void)
{
    const size_t limit = 5000;
    receiver to = new_receiver(limit);
    size_t most = 0;
    for (uint8_t i = 0; i < 50; i++) {
        seal_packet packet = packet_of(SEAL_VERSION_1);
        packet.dcid = packet.key_dcid = (tlsfp_span){&i, 1};
        g_assert_cmpint(add_text(to, "c200-300", packet), ==, TLSFP_MORE);
        if (i < 16)
            most = tlsfp_quic_memory(to.quic);
        g_assert_cmpuint(tlsfp_quic_memory(to.quic), <=, most);
    }
    free_receiver(to);
}

/** Up to 16 connections side by side; of more, the one that was silent longest is dropped. */
static void test_interleaved(void)
{
    for (uint8_t n = 2; n <= 17; n++) {
        receiver to = new_receiver(LIMIT);
        tlsfp_status status = TLSFP_MORE;
        for (int part = 0; part < 2; part++)
            for (uint8_t i = 0; i < n; i++) {
                seal_packet packet = packet_of(SEAL_VERSION_1);
                packet.dcid = packet.key_dcid = (tlsfp_span){&i, 1};
                status = add_text(to, part == 0 ? "c0-150" : "c150-300", packet);
                bool is_whole = part == 1 && n <= 16;
                g_assert_cmpint(status, ==, is_whole ? TLSFP_OK : TLSFP_MORE);
                if (is_whole) {
                    assert_message_is(to, the_hello());
                    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_MORE);
                }
            }
        g_assert_cmpint(tlsfp_quic_is_empty(to.quic), ==, n <= 16);
        free_receiver(to);
    }
}

/** Two that become whole in one datagram are both given. */
static void test_interleaved_in_a_datagram(void)
{
    receiver to = new_receiver(LIMIT);
    seal_packet packet = packet_of(SEAL_VERSION_1), other = packet;
    other.dcid = other.key_dcid = OTHER_DCID;
    GPtrArray *one = datagrams_of("c0-300", packet), *two = datagrams_of("c0-300 d0-320", other);
    put_span(one->pdata[0], span_of(two->pdata[0]));
    g_assert_cmpint(add(to, span_of(one->pdata[0])), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_OK);
    assert_message_is(to, second_hello());
    g_assert_cmpint(tlsfp_quic_next(to.quic), ==, TLSFP_MORE);
    g_ptr_array_unref(one);
    g_ptr_array_unref(two);
    free_receiver(to);
}

/** A datagram too small for a server to look at says nothing about the others: RFC 9000 14.1. */
static void test_small_datagram(void)
{
    receiver to = new_receiver(LIMIT);
    seal_packet packet = packet_of(SEAL_VERSION_1);
    g_assert_cmpint(add_text(to, "d0-200", packet), ==, TLSFP_MORE);
    GPtrArray *large = datagrams_of("c0-300", packet);
    put_times(large->pdata[0], 1200 - ((GByteArray *)large->pdata[0])->len, 0);
    g_assert_cmpint(add(to, span_of(large->pdata[0])), ==, TLSFP_OK);
    assert_message_is(to, the_hello());
    g_ptr_array_unref(large);
    free_receiver(to);
}

/** One context serves many connections, in turn. */
static void test_shared_context(void)
{
    tlsfp_context *context = tlsfp_context_new();
    receiver one = {context, tlsfp_quic_new(LIMIT)}, other = {context, tlsfp_quic_new(LIMIT)};
    seal_packet packet = packet_of(SEAL_VERSION_1), other_packet = packet_of(SEAL_VERSION_2);
    other_packet.dcid = other_packet.key_dcid = OTHER_DCID;
    g_assert_cmpint(add_text(one, "c0-100", packet), ==, TLSFP_MORE);
    g_assert_cmpint(add_text(other, "c100-300", other_packet), ==, TLSFP_MORE);
    g_assert_cmpint(add_text(one, "c100-300", packet), ==, TLSFP_OK);
    g_assert_cmpint(add_text(other, "c0-100", other_packet), ==, TLSFP_OK);
    assert_message_is(one, the_hello());
    assert_message_is(other, the_hello());
    tlsfp_quic_free(one.quic);
    tlsfp_quic_free(other.quic);
    tlsfp_context_free(context);
}

/** The largest UDP payload. */
static void test_largest_datagram(void)
{
    GByteArray *frames = g_byte_array_new(), *datagram = g_byte_array_new(), *hello = the_hello();
    seal_packet packet = packet_of(SEAL_VERSION_1);
    put_crypto(frames, 0, span_of(hello));
    put_times(frames, 65527 - 40 - frames->len, 0);
    seal_put(datagram, &packet, span_of(frames));
    receiver to = new_receiver(LIMIT);
    g_assert_cmpint(add(to, span_of(datagram)), ==, TLSFP_OK);
    assert_message_is(to, hello);
    free_receiver(to);
    g_byte_array_unref(frames);
    g_byte_array_unref(datagram);
}

/** More than any UDP payload: whatever the answer, no byte is written past the context's room. */
static void test_more_than_a_datagram(void)
{
    GByteArray *frames = g_byte_array_new(), *datagram = g_byte_array_new();
    seal_packet packet = packet_of(SEAL_VERSION_1);
    put_times(frames, 80000, 0);
    seal_put(datagram, &packet, span_of(frames));
    receiver to = new_receiver(LIMIT);
    g_assert_cmpint(add(to, span_of(datagram)), ==, TLSFP_UNREADABLE);
    free_receiver(to);
    g_byte_array_unref(frames);
    g_byte_array_unref(datagram);
}

typedef struct {
    const char *name, *client, *server;
} answer_case;

static const answer_case answer_cases[] = {
    {"rfc9001-a3", sample_client_v1, sample_server_v1},
    {"rfc9369-a3", sample_client_v2, sample_server_v2},
    {"rfc9368", sample_client_v1, sample_server_v2}, /* the server takes up version 2 */
};

static tlsfp_status add_answer(receiver to, tlsfp_span datagram)
{
    tlsfp_span block = exact_block(datagram);
    tlsfp_status status = tlsfp_quic_add_answer(to.context, to.quic, block);
    exact_block_free(block);
    return status;
}

/* Only behind the client's packet; whole or not at all; once. */
static void test_answer(const void *data)
{
    const answer_case *row = data;
    GByteArray *client = g_byte_array_new(), *server = g_byte_array_new(),
               *frames = g_byte_array_new();
    put_hex(client, row->client);
    put_hex(server, row->server);
    put_hex(frames, sample_server_frames);
    tlsfp_span message, whole = span_of(server);
    receiver to = new_receiver(LIMIT);
    g_assert_cmpint(add_answer(to, whole), ==, TLSFP_UNREADABLE);
    g_assert_cmpint(tlsfp_quic_take_answer(to.quic, &message), ==, TLSFP_MORE);
    g_assert_cmpint(add(to, span_of(client)), ==, TLSFP_OK);
    for (size_t len = 0; len < whole.len; len++)
        g_assert_cmpint(add_answer(to, slice(whole, 0, len)), ==, TLSFP_UNREADABLE);
    g_assert_cmpint(add_answer(to, span_of(client)), ==, TLSFP_UNREADABLE);
    const size_t memory = tlsfp_quic_memory(to.quic);
    g_assert_cmpint(add_answer(to, whole), ==, TLSFP_OK);
    g_assert_cmpuint(tlsfp_quic_memory(to.quic), >, memory);
    g_assert_cmpint(tlsfp_quic_take_answer(to.quic, &message), ==, TLSFP_OK);
    const size_t ack = 5, crypto = 4; /* bytes of frames in front of the message */
    const tlsfp_span expected = slice(span_of(frames), ack + crypto, frames->len);
    assert_same_bytes(message.data, message.len, expected.data, expected.len);
    g_assert_cmpint(tlsfp_quic_take_answer(to.quic, &message), ==, TLSFP_MORE);
    g_assert_cmpint(add_answer(to, whole), ==, TLSFP_OK);
    g_assert_cmpint(tlsfp_quic_take_answer(to.quic, &message), ==, TLSFP_MORE);
    free_receiver(to);
    g_byte_array_unref(client);
    g_byte_array_unref(server);
    g_byte_array_unref(frames);
}

static void add_case(const char *group, const char *name, const void *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/quic/%s/%s", group, name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

static void add_version_cases(const version_case *version)
{
    for (size_t i = 0; i < G_N_ELEMENTS(quic_cases); i++) {
        versioned_case *c = g_new(versioned_case, 1);
        *c = (versioned_case){&quic_cases[i], version->version};
        char *path = g_strdup_printf("/quic/add/%s/%s", version->name, quic_cases[i].name);
        g_test_add_data_func_full(path, c, test_add, g_free);
        g_free(path);
    }
    add_case("retry", version->name, version, test_retry);
    add_case("connection-id-of-server", version->name, version, test_connection_id_of_server);
    add_case("server-between", version->name, version, test_server_between);
}

static void add_sample_cases(const char *name, const char *sample)
{
    add_case("sample", name, sample, test_sample);
    add_case("cut-sample", name, sample, test_cut_sample);
    add_case("damaged-sample", name, sample, test_damaged_sample);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        add_version_cases(&versions[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(frame_cases); i++)
        add_case("cut-frame", frame_cases[i].name, &frame_cases[i], test_cut_frame);
    for (size_t i = 0; i < G_N_ELEMENTS(header_cases); i++)
        add_case("header", header_cases[i].name, &header_cases[i], test_header);
    for (size_t i = 0; i < G_N_ELEMENTS(unreadable_cases); i++)
        add_case("unreadable", unreadable_cases[i].name, &unreadable_cases[i], test_unreadable);
    for (size_t i = 0; i < G_N_ELEMENTS(coalesced_cases); i++)
        add_case("coalesced", coalesced_cases[i].name, &coalesced_cases[i], test_coalesced);
    for (size_t i = 0; i < G_N_ELEMENTS(answer_cases); i++)
        add_case("answer", answer_cases[i].name, &answer_cases[i], test_answer);
    add_sample_cases("rfc9001-a2", sample_client_v1);
    add_sample_cases("rfc9369-a2", sample_client_v2);
    g_test_add_func("/quic/next", test_next);
    g_test_add_func("/quic/many-connection-ids", test_many_connection_ids);
    g_test_add_func("/quic/keys-by-turns", test_keys_by_turns);
    g_test_add_func("/quic/limit", test_limit);
    g_test_add_func("/quic/memory/limit", test_memory);
    g_test_add_func("/quic/memory/many-keys", test_memory_of_many_keys);
    g_test_add_func("/quic/interleaved/many", test_interleaved);
    g_test_add_func("/quic/interleaved/in-a-datagram", test_interleaved_in_a_datagram);
    g_test_add_func("/quic/small-datagram", test_small_datagram);
    g_test_add_func("/quic/shared-context", test_shared_context);
    g_test_add_func("/quic/largest-datagram", test_largest_datagram);
    g_test_add_func("/quic/more-than-a-datagram", test_more_than_a_datagram);
    return g_test_run();
}
