/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What the worst packets cost the tables of the search program, and the worst lines --count
 * (worst_table.h): flows, IP fragments, the connections of -w.
 *
 * To add a table: a function that makes packets, one that reads them, and a row.
 */
#include <string.h>
#include <tlsfp/reader.h>

#include "captures.h"
#include "show/keeper.h"
#include "show/tally.h"
#include "worst_table.h"
#include "writer.h"

enum {
    MEMORY = 4 << 20, /* bytes of each table: those of a few thousand packets fill it */
    LINK_RAW = 101,
    TCP = 6,
    UDP = 17,
    FIRST_PART = 40, /* bytes of a hello that goes on */
};

static const tlsfp_hash_key key = {{0x1234, 0x5678}};
static tlsfp_context *context;
static volatile size_t sink; /* so that no result is dropped */

/* -- Packets: IPv4, each with its length in front */

static size_t begin_packet(GByteArray *out, size_t client, uint8_t protocol)
{
    const size_t packet = begin_vector(out, 2);
    put_hex(out, "45 00 0000 0000 0000 40");
    put_integer(out, 1, protocol);
    put_hex(out, "0000");
    put_integer(out, 4, 0x0a000000 + client);
    put_hex(out, "c6336402");
    return packet;
}

static void end_packet(GByteArray *out, size_t packet)
{
    const size_t len = out->len - packet;
    out->data[packet + 2] = (uint8_t)(len >> 8);
    out->data[packet + 3] = (uint8_t)len;
    end_vector(out, 2, packet);
}

/** The start of a ClientHello, if any, and other bytes. */
static void put_segment(GByteArray *out, size_t client, uint32_t seq, bool starts_hello)
{
    const size_t packet = begin_packet(out, client, TCP);
    put_hex(out, "9c40 01bb");
    put_integer(out, 4, seq);
    put_hex(out, "00000001 50 18 ffff 0000 0000");
    if (starts_hello)
        put_hex(out, "160301 0400 010003fc 0303");
    put_times(out, FIRST_PART, starts_hello ? 0x5a : 0xff);
    end_packet(out, packet);
}

/** A connection's data, without a hello. */
static void make_data(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_segment(out, 1, (uint32_t)(1 + i * FIRST_PART), false);
}

/** Each connection sends but the start of a hello. */
static void make_half_seen(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_segment(out, i, 1, true);
}

/** A hello that has started, and segments of which each lies behind a hole. */
static void make_holes(GByteArray *out, size_t n)
{
    put_segment(out, 1, 1, true);
    for (size_t i = n; i > 1; i--)
        put_segment(out, 1, (uint32_t)(i * 2 * FIRST_PART), false);
}

static void make_flows(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_segment(out, i, 1, false);
}

/** Calls @p add for each packet. */
static void for_each(tlsfp_span input, void (*add)(const frame *packet, void *data), void *data)
{
    frame packet = {.link_type = LINK_RAW};
    while (take_vector(&input, 2, &packet.bytes)) {
        packet.number++;
        add(&packet, data);
    }
}

static void count_hello(const found_hello *found, void *data)
{
    (void)data;
    sink += found->hello->message.len;
}

static void add_to_finder(const frame *packet, void *finder)
{
    finder_add(finder, packet);
}

static void read_packets(tlsfp_span input)
{
    const finder_limits limits = {.memory = MEMORY, .max_hello = 16384, .key = key};
    struct finder *finder = finder_new(&limits, context, count_hello, NULL);
    for_each(input, add_to_finder, finder);
    finder_end(finder);
    finder_free(finder);
}

/* -- IP fragments */

enum { UNIT = 8, MORE = 0x2000, LAST_OFFSET = 8000 }; /* RFC 791 3.1 */

static void put_fragment(GByteArray *out, size_t number, uint16_t offset, size_t len)
{
    const size_t packet = begin_packet(out, 1 + (number >> 16), UDP);
    out->data[packet + 4] = (uint8_t)(number >> 8);
    out->data[packet + 5] = (uint8_t)number;
    out->data[packet + 6] = (uint8_t)((MORE | offset) >> 8);
    out->data[packet + 7] = (uint8_t)offset;
    put_times(out, len, 0x77);
    end_packet(out, packet);
}

/** Packets in two fragments. */
static void make_pairs(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put_fragment(out, i / 2, i % 2 == 0 ? 0 : 10 * UNIT, 10 * UNIT);
        if (i % 2 == 1)
            out->data[out->len - 10 * UNIT - 20 + 6] &= (uint8_t) ~(MORE >> 8);
    }
}

/** One fragment of each packet. */
static void make_lonely(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_fragment(out, i, 0, 10 * UNIT);
}

/** As small as they get, the last one first, with holes between them. */
static void make_descending(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_fragment(out, 1 + i / (LAST_OFFSET / 2),
                     (uint16_t)(LAST_OFFSET - 2 * (i % (LAST_OFFSET / 2))), UNIT);
}

/* -- The connections of -w: 8 bytes each, with the highest bit where a hello is found there */

#define WANTED (UINT64_C(1) << 63)

static void make_one_connection(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_integer(out, 8, 1 | (i == 0 ? WANTED : 0));
}

static void make_unwanted(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_integer(out, 8, i);
}

static void make_all_wanted(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_integer(out, 8, i | WANTED);
}

/** All wait for the last one. */
static void make_wanted_last(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_integer(out, 8, 1 | (i + 1 == n ? WANTED : 0));
}

/** The connections are wanted in the end, the last one first. */
static void make_wanted_backwards(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n / 2; i++)
        put_integer(out, 8, i);
    for (size_t i = n / 2; i > 0; i--)
        put_integer(out, 8, (i - 1) | WANTED);
}

static void keep(tlsfp_span input, bool at_once)
{
    static const uint8_t bytes[100];
    const keeper_options how = {.memory = MEMORY, .once = true, .at_once = at_once};
    dump_file *written = dump_open("/dev/null", false, NULL);
    packet_keeper *keeper = keeper_new(written, &key, &how);
    frame packet = {.link_type = LINK_RAW, .bytes = {bytes, sizeof bytes}};
    uint64_t connection;
    while (take_integer(&input, 8, &connection)) {
        keeper_see(&packet, connection & ~WANTED, keeper);
        if ((connection & WANTED) != 0)
            keeper_want(keeper, connection & ~WANTED);
        keeper_add(keeper, &packet);
    }
    keeper_end(keeper);
    sink += keeper_forgotten(keeper);
    keeper_free(keeper);
    sink += dump_close(written, NULL);
}

static void read_keeping(tlsfp_span input)
{
    keep(input, false);
}

static void read_keeping_at_once(tlsfp_span input)
{
    keep(input, true);
}

/* -- Lines of --count, each of LINE bytes */

enum { LINE = 64 };

static void make_same_lines(GByteArray *out, size_t n)
{
    put_times(out, n * LINE, 'a');
}

static void make_lines(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put_integer(out, 8, i * UINT64_C(0x9e3779b97f4a7c15)); /* in no order */
        put_times(out, LINE - 8, 'a');
    }
}

/** They differ in their last bytes. */
static void make_like_lines(GByteArray *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put_times(out, LINE - 8, 'a');
        put_integer(out, 8, i * UINT64_C(0x9e3779b97f4a7c15));
    }
}

static void drop_line(const char *line, size_t len, void *data)
{
    (void)line;
    (void)data;
    sink += len;
}

static void count(tlsfp_span input, size_t memory)
{
    line_tally *all = tally_new(&key, memory), *batch = tally_new(&key, memory);
    tlsfp_span line;
    bool fine = true;
    while (take(&input, LINE, &line)) {
        tally_add(batch, (const char *)line.data, line.len);
        if (tally_is_full(batch))
            fine = tally_move(all, batch) && fine;
    }
    fine = tally_move(all, batch) && tally_print(all, drop_line, NULL) && fine;
    if (!fine)
        g_error("the temporary file cannot be written");
    tally_free(all);
    tally_free(batch);
}

static void read_lines(tlsfp_span input)
{
    count(input, (size_t)1 << 30);
}

static void read_lines_to_disk(tlsfp_span input)
{
    count(input, 256 * 1024);
}

static const worst_row rows[] = {
    {"flows", "ordinary", make_data, read_packets, 0},
    {"flows", "a connection each", make_flows, read_packets, 16000},
    {"flows", "half a hello each", make_half_seen, read_packets, 16000},
    {"flows", "holes", make_holes, read_packets, 16000},
    {"fragments", "ordinary", make_pairs, read_packets, 0},
    {"fragments", "one of each packet", make_lonely, read_packets, 16000},
    {"fragments", "descending, holes", make_descending, read_packets, 16000},
    {"-w", "ordinary", make_one_connection, read_keeping, 0},
    {"-w", "none wanted", make_unwanted, read_keeping, 32000},
    {"-w", "all wanted", make_all_wanted, read_keeping, 32000},
    {"-w", "at once, one wanted last", make_wanted_last, read_keeping_at_once, 4000},
    {"-w", "at once, wanted backwards", make_wanted_backwards, read_keeping_at_once, 32000},
    {"--count", "ordinary", make_same_lines, read_lines, 0},
    {"--count", "all different", make_lines, read_lines, 16000},
    {"--count", "different at their ends", make_like_lines, read_lines, 16000},
    {"--count", "on disk", make_lines, read_lines_to_disk, 16000},
};

int main(int argc, char **argv)
{
    context = tlsfp_context_new();
    const int status = worst_main(argc, argv, rows, G_N_ELEMENTS(rows), UNIT_ITEM);
    tlsfp_context_free(context);
    return status;
}
