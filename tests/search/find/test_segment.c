/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/segment.h"

#include <string.h>

#include "exact_block.h"
#include "same_bytes.h"
#include "writer.h"

#define PORTS "9c40 01bb"
#define SEQ "fffffffe"
#define ACK "12345678"

/** A header whose data offset says @p words words. */
static GByteArray *make_segment(unsigned words, const char *options, const char *bytes)
{
    GByteArray *out = bytes_of_hex(PORTS SEQ ACK);
    put_integer(out, 1, words << 4);
    put_hex(out, "38 ffff 0000 0102");
    put_hex(out, options);
    put_hex(out, bytes);
    return out;
}

static void test_header(void)
{
    GByteArray *made = make_segment(5, "", "616263");
    tcp_segment segment;
    g_assert_true(segment_parse(span_of(made), &segment));
    g_assert_cmpuint(segment.src_port, ==, 40000);
    g_assert_cmpuint(segment.dst_port, ==, 443);
    g_assert_cmpuint(segment.seq, ==, 0xfffffffe);
    g_assert_cmpuint(segment.ack, ==, 0x12345678);
    g_assert_cmpuint(segment.flags, ==, 0x38);
    g_assert_cmpuint(segment.urgent, ==, 0x0102);
    g_assert_cmpuint(segment.options.len, ==, 0);
    assert_same_bytes(segment.bytes.data, segment.bytes.len, "abc", 3);
    g_byte_array_unref(made);
}

/** The options are 8 bytes long; each prefix of the segment is parsed or refused. */
static void test_prefixes(void)
{
    GByteArray *made = make_segment(7, "0101 0402 01010101", "616263");
    for (size_t len = 0; len <= made->len; len++) {
        tlsfp_span block = exact_block((tlsfp_span){made->data, len});
        tcp_segment segment;
        g_assert_true(segment_parse(block, &segment) == (len >= 28));
        if (len >= 28) {
            g_assert_cmpuint(segment.options.len, ==, 8);
            g_assert_cmpuint(segment.bytes.len, ==, len - 28);
        }
        exact_block_free(block);
    }
    g_byte_array_unref(made);
}

static void test_header_too_short(void)
{
    for (unsigned words = 0; words < 5; words++) {
        GByteArray *made = make_segment(words, "", "616263616263");
        tcp_segment segment;
        g_assert_false(segment_parse(span_of(made), &segment));
        g_byte_array_unref(made);
    }
}

typedef struct {
    const char *name;
    const char *options; /* in hex */
    bool has_time;
    uint32_t time;
    bool is_signed;
} options_case;

static const options_case options_cases[] = {
    {"none", "", false, 0, false},
    {"timestamps", "080a 01020304 05060708", true, 0x01020304, false},
    {"behind-nops", "0101 080a 01020304 05060708", true, 0x01020304, false},
    {"behind-others", "0204 05b4 0402 080a 01020304 05060708", true, 0x01020304, false},
    {"behind-the-end", "00 080a 01020304 05060708", false, 0, false},
    {"timestamps-cut", "080a 01020304 050607", false, 0, false},
    {"timestamps-of-other-length", "0809 01020304 050607", false, 0, false},
    {"md5", "1312 00112233445566778899aabbccddeeff", false, 0, true},
    {"ao", "1d04 0001", false, 0, true},
    {"both", "1d04 0001 080a 01020304 05060708", true, 0x01020304, true},
    {"length-0", "0400 080a 01020304 05060708", false, 0, false},
    {"length-1", "0401 080a 01020304 05060708", false, 0, false},
    {"length-missing", "08", false, 0, false},
    {"longer-than-options", "1312 00112233", false, 0, false},
};

static void test_options(const void *data)
{
    const options_case *row = data;
    GByteArray *made = bytes_of_hex(row->options);
    tlsfp_span block = exact_block(span_of(made));
    tcp_segment segment = {.options = block};
    segment_parse_options(&segment);
    g_assert_true(segment.has_time == row->has_time);
    g_assert_cmpuint(segment.time, ==, row->time);
    g_assert_true(segment.is_signed == row->is_signed);
    exact_block_free(block);
    g_byte_array_unref(made);
}

typedef struct {
    const char *name;
    tcp_segment segment;
    struct flow flow, peer;
    bool is_accepted;
    uint32_t time_then; /* the flow's */
} accepted_case;

#define SENT(upto) .has_start = 1, .anchored = 1, .next = (upto)

static const accepted_case accepted_cases[] = {
    {"plain", {.seq = 5}, {0}, {0}, true, 0},
    {"signed-without-agreement", {.is_signed = true}, {0}, {0}, false, 0},
    {"unsigned-with-agreement", {.seq = 5}, {.is_signed = 1}, {0}, false, 0},
    {"signed", {.is_signed = true}, {.is_signed = 1}, {0}, true, 0},
    {"acknowledges-all", {.ack = 100}, {0}, {SENT(100)}, true, 0},
    {"acknowledges-less", {.ack = 99}, {0}, {SENT(100)}, true, 0},
    {"acknowledges-more", {.ack = 101}, {0}, {SENT(100)}, false, 0},
    {"acknowledges-all-round", {.ack = 0xffffffff}, {0}, {SENT(2)}, true, 0},
    {"acknowledges-more-round", {.ack = 2}, {0}, {SENT(0xffffffff)}, false, 0},
    {"acknowledges-long-ago", {.ack = 0u - (1u << 30)}, {0}, {SENT(0)}, false, 0},
    {"acknowledges-just-in-window", {.ack = 1u - (1u << 30)}, {0}, {SENT(0)}, true, 0},
    {"peer-of-unknown-start", {.ack = 101}, {0}, {.next = 100}, true, 0},
    {"time", {.has_time = true, .time = 11}, {.has_time = 1, .time = 10}, {0}, true, 11},
    {"time-again", {.has_time = true, .time = 10}, {.has_time = 1, .time = 10}, {0}, true, 10},
    {"time-one-back", {.has_time = true, .time = 9}, {.has_time = 1, .time = 10}, {0}, true, 9},
    {"time-two-back", {.has_time = true, .time = 8}, {.has_time = 1, .time = 10}, {0}, false, 10},
    {"time-round",
     {.has_time = true, .time = 3},
     {.has_time = 1, .time = 0xfffffffe},
     {0},
     true,
     3},
    {"time-back-round",
     {.has_time = true, .time = 0xfffffffe},
     {.has_time = 1, .time = 3},
     {0},
     false,
     3},
    {"time-of-an-early-segment",
     {.seq = 101, .has_time = true, .time = 12},
     {.has_time = 1, .time = 10, .next = 100},
     {0},
     true,
     10},
    {"time-of-the-next-segment",
     {.seq = 100, .has_time = true, .time = 12},
     {.has_time = 1, .time = 10, .next = 100},
     {0},
     true,
     12},
    {"time-of-a-late-segment",
     {.seq = 0xffffffff, .has_time = true, .time = 12},
     {.has_time = 1, .time = 10, .next = 1},
     {0},
     true,
     12},
    {"time-not-agreed", {.has_time = true, .time = 1}, {.time = 10}, {0}, true, 10},
    {"no-time", {.seq = 5}, {.has_time = 1, .time = 10}, {0}, true, 10},
};

static void test_accepted(const void *data)
{
    const accepted_case *row = data;
    struct flow flow = row->flow;
    g_assert_true(segment_is_accepted(&row->segment, &flow, &row->peer) == row->is_accepted);
    g_assert_cmpuint(flow.time, ==, row->time_then);
    if (row->peer.next == 0) {
        flow = row->flow;
        g_assert_true(segment_is_accepted(&row->segment, &flow, NULL) == row->is_accepted ||
                      row->peer.has_start);
    }
}

/** What a peer sent is not known while some of it is held. */
static void test_acknowledges_held(void)
{
    const tcp_segment segment = {.ack = 101};
    struct half half = {0};
    struct flow flow = {0};
    const struct flow peer = {SENT(100), .half = &half};
    g_assert_true(segment_is_accepted(&segment, &flow, &peer));
}

typedef struct {
    size_t options, bytes;
    uint32_t room;
} room_case;

/** 104 bytes of headers; 256 in the least buffer, else a power of two without 320. */
static const room_case room_cases[] = {
    {0, 0, 152},     {12, 0, 140}, {0, 152, 0},     {12, 140, 0},    {0, 153, 447},
    {12, 141, 447},  {0, 600, 0},  {0, 601, 1023},  {40, 560, 0},    {0, 1460, 164},
    {12, 1448, 164}, {0, 1624, 0}, {0, 1625, 2047}, {0, 9000, 6960},
};

static void test_room(void)
{
    static const uint8_t zeros[16384];
    for (size_t i = 0; i < G_N_ELEMENTS(room_cases); i++) {
        const room_case *row = &room_cases[i];
        g_test_message("%zu bytes behind %zu of options", row->bytes, row->options);
        g_assert_cmpuint(
            segment_room((tlsfp_span){zeros, row->options}, (tlsfp_span){zeros, row->bytes}), ==,
            row->room);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/segment/header", test_header);
    g_test_add_func("/segment/prefixes", test_prefixes);
    g_test_add_func("/segment/header-too-short", test_header_too_short);
    for (size_t i = 0; i < G_N_ELEMENTS(options_cases); i++) {
        char *path = g_strdup_printf("/segment/options/%s", options_cases[i].name);
        g_test_add_data_func(path, &options_cases[i], test_options);
        g_free(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(accepted_cases); i++) {
        char *path = g_strdup_printf("/segment/accepted/%s", accepted_cases[i].name);
        g_test_add_data_func(path, &accepted_cases[i], test_accepted);
        g_free(path);
    }
    g_test_add_func("/segment/acknowledges-held", test_acknowledges_held);
    g_test_add_func("/segment/room", test_room);
    return g_test_run();
}
