/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/hello_start.h"

#include "exact_block.h"
#include "writer.h"

#define HELLO "16 0301 0040 01 00003c 0303" /* the start of a record with a ClientHello */

typedef struct {
    const char *name;
    const char *bytes; /* in hex */
    place where;
    hello_start found;
} front_case;

static const front_case front_cases[] = {
    {"empty", "", AT_START, START_NONE},
    {"hello", HELLO, AT_START, START_FOUND},
    {"hello-later", HELLO, ANYWHERE, START_FOUND},
    {"hello-behind-record", HELLO, BETWEEN_RECORDS, START_FOUND},
    {"type", "16", AT_START, START_MAYBE},
    {"header-cut", "16 0301 00", AT_START, START_MAYBE},
    {"header", "16 0301 0040", AT_START, START_MAYBE},
    {"first-byte", "16 0301 0040 01", AT_START, START_FOUND},
    {"other-record", "17 0301 0040 01", AT_START, START_NONE},
    {"other-message", "16 0301 0040 02", AT_START, START_NONE},
    {"empty-record", "16 0301 0000", AT_START, START_NONE},
    {"one-byte-record", "16 0301 0001 01", AT_START, START_FOUND},
    {"one-byte-record-and-more", "16 0301 0001 01 16", AT_START, START_FOUND},
    {"longest", "16 0301 0040 01 02ffff", AT_START, START_FOUND},
    {"too-long", "16 0301 0040 01 030000", AT_START, START_NONE},
    {"any-version-at-start", "16 abcd 0040 01 00003c", AT_START, START_FOUND},
    {"any-version-behind-record", "16 abcd 0040 01 00003c", BETWEEN_RECORDS, START_FOUND},
    {"any-version-later", "16 abcd 0040 01 00003c", ANYWHERE, START_NONE},
    {"any-version-later-with-hellos", "16 abcd 0040 01 00003c 0303", ANYWHERE, START_FOUND},
    {"any-version-later-with-none", "16 abcd 0040 01 00003c 0203", ANYWHERE, START_NONE},
    {"any-version-preamble", "16 abcd 0040 01 00003c", IN_PREAMBLE, START_NONE},
    {"type-later", "16", ANYWHERE, START_MAYBE},
    {"major-later", "16 03", ANYWHERE, START_MAYBE},
    {"other-major-later", "16 04", ANYWHERE, START_NONE},
};

static void test_front(const void *data)
{
    const front_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->bytes);
    tlsfp_span block = exact_block(span_of(bytes));
    g_assert_cmpint(starts_at_front(block, row->where), ==, row->found);
    exact_block_free(block);
    g_byte_array_unref(bytes);
}

typedef struct {
    const char *name;
    const char *before; /* in hex */
    const char *hello;  /* in hex */
    place where;
    hello_start found;
} find_case;

#define CCS "14 0303 0001 01"
#define ALERT "15 0301 0002 0164"
#define EMPTY "16 0301 0000"
#define EARLY "17 0303 0003 616263"

static const find_case find_cases[] = {
    {"empty", "", "", AT_START, START_NONE},
    {"front", "", HELLO, AT_START, START_FOUND},
    {"front-cut", "", "16 0301", AT_START, START_MAYBE},
    /* records in front */
    {"behind-empty", EMPTY, HELLO, AT_START, START_FOUND},
    {"behind-two-empty", EMPTY EMPTY, HELLO, AT_START, START_FOUND},
    {"behind-alert", ALERT, HELLO, AT_START, START_FOUND},
    {"behind-ccs", CCS, HELLO, AT_START, START_FOUND},
    {"behind-all", CCS ALERT EMPTY, HELLO, AT_START, START_FOUND},
    {"behind-other-version", "15 abcd 0002 0164", HELLO, AT_START, START_FOUND},
    {"behind-other-version-later", "15 abcd 0002 0164", HELLO, ANYWHERE, START_NONE},
    {"behind-alert-later", ALERT, HELLO, ANYWHERE, START_FOUND},
    {"behind-server-hello", "16 0303 0004 02000000", HELLO, BETWEEN_RECORDS, START_FOUND},
    {"behind-early-data", EARLY, HELLO, BETWEEN_RECORDS, START_FOUND},
    {"behind-data-at-start", EARLY, HELLO, AT_START, START_NONE},
    {"behind-data-later", EARLY, HELLO, ANYWHERE, START_NONE},
    {"behind-too-long", "17 0303 4801", HELLO, BETWEEN_RECORDS, START_NONE},
    {"alert-header-cut", "", "15 0301 00", AT_START, START_MAYBE},
    {"alert-cut", "", "15 0301 0100 00", AT_START, START_MAYBE},
    {"long-alert-cut", "", "15 0301 0101 00", AT_START, START_NONE},
    {"handshake-cut", "", "16 0301 0040 02 00", BETWEEN_RECORDS, START_NONE},
    {"data-cut", "", "17 0303 0040 61", BETWEEN_RECORDS, START_NONE},
    {"no-record", "", "00 0301 0040 01", BETWEEN_RECORDS, START_NONE},
    /* what another protocol says first */
    {"starttls", "535441525454 4c53 0d0a", HELLO, AT_START, START_FOUND},
    {"starttls-cut", "535441525454 4c53 0d0a", "16 03 01", AT_START, START_MAYBE},
    {"starttls-unlikely-cut", "535441525454 4c53 0d0a", "16 03 05", AT_START, START_NONE},
    {"text-and-a-wrong-one-first", "41 16 0303 0000 41 16 02", HELLO, AT_START, START_FOUND},
    {"text-and-other-version", "41", "16 abcd 0040 01 00003c 0303", AT_START, START_NONE},
    {"socks-4", "04 01 01bb 7f000001 00", HELLO, AT_START, START_FOUND},
    {"socks-5", "05 01 00", HELLO, AT_START, START_FOUND},
    {"rdp", "03 00 0013 0e e00000000000 0100080003000000", HELLO, AT_START, START_FOUND},
    {"postgresql", "00000008 04d2162f", HELLO, AT_START, START_FOUND},
    {"postgresql-gss", "00000008 04d21630", HELLO, AT_START, START_FOUND},
    {"postgresql-other", "00000008 04d21631", HELLO, AT_START, START_NONE},
    {"postgresql-length", "00000009 04d2162f", HELLO, AT_START, START_NONE},
    {"proxy-2", "0d0a0d0a000d0a515549540a 2111 000c 0102030405060708090a0b0c", HELLO, AT_START,
     START_FOUND},
    {"binary", "00 01 02", HELLO, AT_START, START_NONE},
    {"binary-in-preamble", "00 01 02", HELLO, IN_PREAMBLE, START_FOUND},
    {"binary-between-records", "00 01 02", HELLO, BETWEEN_RECORDS, START_NONE},
    {"text-between-records", "41", HELLO, BETWEEN_RECORDS, START_NONE},
};

/** Each row, and each prefix of it, which finds nothing or ends where it may go on. */
static void test_find(const void *data)
{
    const find_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->before);
    size_t at = bytes->len;
    put_hex(bytes, row->hello);
    for (size_t len = 0; len <= bytes->len; len++) {
        tlsfp_span block = exact_block((tlsfp_span){bytes->data, len}), rest = {NULL, 0};
        hello_start found = find_start(block, row->where, &rest);
        g_assert_true(rest.data + rest.len == block.data + block.len);
        if (len == bytes->len) {
            g_assert_cmpint(found, ==, row->found);
            if (found != START_NONE && row->hello[0] != '\0' && row->hello[1] == '6')
                g_assert_cmpuint(rest.len, ==, len - at);
        } else if (row->found != START_FOUND || len < at)
            g_assert_cmpint(found, !=, START_FOUND);
        exact_block_free(block);
    }
    g_byte_array_unref(bytes);
}

/** With no hello, the rest is what lies behind the last whole record. */
static void test_find_rest(void)
{
    GByteArray *bytes = bytes_of_hex(EARLY CCS "17 0303 0040 61");
    tlsfp_span rest;
    g_assert_cmpint(find_start(span_of(bytes), BETWEEN_RECORDS, &rest), ==, START_NONE);
    g_assert_cmpuint(rest.len, ==, 6);
    g_byte_array_unref(bytes);
}

/** A hello behind text starts within its first 2,048 bytes, or is not looked for. */
static void test_preamble_limit(void)
{
    for (size_t len = 2040; len < 2056; len++) {
        GByteArray *bytes = g_byte_array_new();
        tlsfp_span rest;
        put_times(bytes, len, 'a');
        put_hex(bytes, HELLO);
        hello_start expected = len < 2048 ? START_FOUND : START_NONE;
        g_assert_cmpint(find_start(span_of(bytes), AT_START, &rest), ==, expected);
        g_byte_array_unref(bytes);
    }
}

/** The longest record that is passed over. */
static void test_longest_record(void)
{
    for (size_t len = 18431; len < 18434; len++) {
        GByteArray *bytes = bytes_of_hex("17 0303");
        tlsfp_span rest;
        put_integer(bytes, 2, len);
        put_times(bytes, len, 0);
        put_hex(bytes, HELLO);
        hello_start expected = len <= 18432 ? START_FOUND : START_NONE;
        g_assert_cmpint(find_start(span_of(bytes), BETWEEN_RECORDS, &rest), ==, expected);
        g_byte_array_unref(bytes);
    }
}

typedef struct {
    const char *name;
    const char *bytes; /* in hex */
    bool is;
} ssl2_case;

static const ssl2_case ssl2_cases[] = {
    {"ssl2", "802e 01 0002 0015 0000 0010", true},
    {"ssl3", "802e 01 0300 0015 0000 0010", true},
    {"tls", "802e 01 0303 0015 0000 0010", true},
    {"session-id", "803e 01 0301 0015 0010 0010", true},
    {"longest-challenge", "803e 01 0301 0015 0000 0020", true},
    {"padding", "002e 01 0301 0015 0000 0010", false},
    {"other-message", "802e 04 0301 0015 0000 0010", false},
    {"other-version", "802e 01 0401 0015 0000 0010", false},
    {"version-1", "802e 01 0001 0015 0000 0010", false},
    {"no-specs", "8019 01 0301 0000 0000 0010", false},
    {"specs-of-other-size", "802f 01 0301 0016 0000 0010", false},
    {"other-session-id", "8036 01 0301 0015 0008 0010", false},
    {"challenge-too-short", "802d 01 0301 0015 0000 000f", false},
    {"challenge-too-long", "803f 01 0301 0015 0000 0021", false},
    {"length-less", "802d 01 0301 0015 0000 0010", false},
    {"length-more", "802f 01 0301 0015 0000 0010", false},
};

static void test_ssl2(const void *data)
{
    const ssl2_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->bytes);
    for (size_t len = 0; len <= bytes->len; len++) {
        tlsfp_span block = exact_block((tlsfp_span){bytes->data, len});
        g_assert_true(is_ssl2_hello(block) == (len == bytes->len && row->is));
        exact_block_free(block);
    }
    g_byte_array_unref(bytes);
}

static void test_preambles(void)
{
    g_assert_false(starts_preamble(SPAN("")));
    for (int byte = 0; byte < 256; byte++) {
        uint8_t first = (uint8_t)byte;
        bool expected =
            (byte >= ' ' && byte <= '~') || byte == 3 || byte == 4 || byte == 5 || byte == '\r';
        g_assert_true(starts_preamble((tlsfp_span){&first, 1}) == expected);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(front_cases); i++) {
        char *path = g_strdup_printf("/hello_start/front/%s", front_cases[i].name);
        g_test_add_data_func(path, &front_cases[i], test_front);
        g_free(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(find_cases); i++) {
        char *path = g_strdup_printf("/hello_start/find/%s", find_cases[i].name);
        g_test_add_data_func(path, &find_cases[i], test_find);
        g_free(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ssl2_cases); i++) {
        char *path = g_strdup_printf("/hello_start/ssl2/%s", ssl2_cases[i].name);
        g_test_add_data_func(path, &ssl2_cases[i], test_ssl2);
        g_free(path);
    }
    g_test_add_func("/hello_start/find-rest", test_find_rest);
    g_test_add_func("/hello_start/preamble-limit", test_preamble_limit);
    g_test_add_func("/hello_start/longest-record", test_longest_record);
    g_test_add_func("/hello_start/preambles", test_preambles);
    return g_test_run();
}
