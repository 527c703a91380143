/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/http2_frames.h"

#include <string.h>

#include "exact_block.h"
#include "writer.h"

/* Frames as hex: RFC 9113 4.1. */
#define PREFACE "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
#define HEADERS "000001 01 05 00000001 88"
#define PRIORITIES                                                                                 \
    "000005 02 00 00000003 00000000 c8 000005 02 00 00000005 00000000 64"                          \
    "000005 02 00 00000007 00000000 00 000005 02 00 00000009 00000007 00"                          \
    "000005 02 00 0000000b 00000003 00"

typedef struct {
    const char *name, *frames, *order, *expected, *md5; /* md5 may be NULL */
} akamai_case;

static const akamai_case cases[] = {
    /* "Passive Fingerprinting of HTTP/2 Clients", Akamai 2017, section 4: examples 1, 3, 4 and 7
       to 9 with their pseudo-header fields where the paper's table has them, and the one with
       "|m,p,a,s". */
    {"paper-chrome-58",
     "000012 04 00 00000000 000100010000 0003000003e8 000400600000"
     "000004 08 00 00000000 00ef0001 " HEADERS,
     "m,a,s,p", "1:65536;3:1000;4:6291456|15663105|0|m,a,s,p", NULL},
    {"paper-edge-14",
     "00000c 04 00 00000000 000300000400 000400a00000"
     "000004 08 00 00000000 009f0001 " HEADERS,
     "m,p,a,s", "3:1024;4:10485760|10420225|0|m,p,a,s", NULL},
    {"paper-okhttp", "000006 04 00 00000000 000401000000 000004 08 00 00000000 00ff0001 " HEADERS,
     "m,p,a,s", "4:16777216|16711681|0|m,p,a,s", NULL},
    {"paper-firefox-53",
     "000012 04 00 00000000 000100010000 000400020000 000500004000"
     "000004 08 00 00000000 00bf0001 " PRIORITIES HEADERS,
     "m,p,a,s",
     "1:65536;4:131072;5:16384|12517377|3:0:0:201,5:0:0:101,7:0:0:1,9:0:7:1,11:0:3:1|m,p,a,s",
     NULL},
    {"paper-go",
     "000012 04 00 00000000 000200000000 000400400000 000600a00000"
     "000004 08 00 00000000 40000000 " HEADERS,
     "a,m,p,s", "2:0;4:4194304;6:10485760|1073741824|0|a,m,p,s", NULL},
    {"paper-curl",
     "000012 04 00 00000000 000300000064 000440000000 000200000000"
     "000004 08 00 00000000 3fff0001 " HEADERS,
     "m,p,s,a", "3:100;4:1073741824;2:0|1073676289|0|m,p,s,a", NULL},
    {"paper-nghttp2", "00000c 04 00 00000000 000300000064 00040000ffff " PRIORITIES HEADERS,
     "m,p,s,a", "3:100;4:65535|00|3:0:0:201,5:0:0:101,7:0:0:1,9:0:7:1,11:0:3:1|m,p,s,a", NULL},
    /* tls.peet.ws of Chrome 146, text and hash as projects that look like it publish them. */
    {"chrome-146",
     "000018 04 00 00000000 000100010000 000200000000 000400600000 000600040000"
     "000004 08 00 00000000 00ef0001 000006 01 25 00000001 80000000 ff 88",
     "m,a,s,p", "1:65536;2:0;4:6291456;6:262144|15663105|0|m,a,s,p",
     "52d84b11737d980aef856699f885ca86"},
    /* Likewise of Firefox 128 and later, without priorities. */
    {"firefox-128",
     "000018 04 00 00000000 000100010000 000200000000 000400020000 000500004000"
     "000004 08 00 00000000 00bf0001 000006 01 25 00000003 00000000 29 88",
     "m,p,a,s", "1:65536;2:0;4:131072;5:16384|12517377|0|m,p,a,s",
     "6ea73faa8fc5aac76bded7bd238f6433"},
    {"nothing", HEADERS, "", "|00|0|", NULL},
    /* Only the connection's window counts; a setting that has no name, twice; an ACK has none. */
    {"odd",
     "000000 04 01 00000000 00000c 04 00 00000000 fafa00000001 fafa00000002"
     "000004 08 00 00000001 00000005 000004 08 00 00000000 00000007"
     "000005 02 00 00000001 80000003 00 " HEADERS,
     "m", "64250:1;64250:2|7|1:1:3:1|m", NULL},
};

static void read_in_pieces(http2_frames *frames, tlsfp_span bytes, size_t step)
{
    for (size_t at = 0; at < bytes.len && !frames->whole; at += step) {
        tlsfp_span block = exact_block((tlsfp_span){bytes.data + at, MIN(step, bytes.len - at)});
        http2_frames_read(frames, block);
        exact_block_free(block);
    }
}

static void test_akamai(gconstpointer data)
{
    const akamai_case *row = data;
    GByteArray *bytes = g_byte_array_new();
    put_hex(bytes, PREFACE);
    put_hex(bytes, row->frames);
    for (size_t step = 1; step <= bytes->len; step = step < 12 ? step + 1 : step * 3) {
        http2_frames frames = {0};
        GString *text = g_string_new(NULL);
        read_in_pieces(&frames, span_of(bytes), step);
        g_assert_true(frames.whole);
        http2_append_akamai(&frames, row->order, text);
        g_assert_cmpstr(text->str, ==, row->expected);
        if (row->md5 != NULL) {
            char *md5 = g_compute_checksum_for_string(G_CHECKSUM_MD5, text->str, -1);
            g_assert_cmpstr(md5, ==, row->md5);
            g_free(md5);
        }
        g_string_free(text, TRUE);
        http2_frames_clear(&frames);
    }
    g_byte_array_unref(bytes);
}

/** What comes after the first request is not looked at, and long frames are cut. */
static void test_bounds(void)
{
    GByteArray *bytes = g_byte_array_new();
    http2_frames frames = {0};
    put_hex(bytes, PREFACE "004000 00 00 00000001");
    put_times(bytes, 0x4000, 0xaa);
    put_hex(bytes, "000002 08 00 00000000 0001");
    for (size_t i = 0; i < 1000; i++)
        put_hex(bytes, "000008 06 00 00000000 0102030405060708");
    read_in_pieces(&frames, span_of(bytes), 1000);
    g_assert_true(frames.whole);
    g_assert_cmpuint(frames.kept->len, <, 192 + 9 + 11 + 128 * 17);
    http2_frames_clear(&frames);
    g_byte_array_unref(bytes);
}

static void test_priority(void)
{
    const uint8_t padded[] = {9, 0x80, 0, 0, 5, 41}, cut[] = {0, 0};
    http2_priority priority;
    http2_frame frame = {.type = FRAME_HEADERS,
                         .flags = FLAG_PADDED | FLAG_PRIORITY,
                         .payload = {padded, sizeof padded}};
    g_assert_true(http2_frame_priority(&frame, &priority));
    g_assert_true(priority.exclusive);
    g_assert_cmpuint(priority.depends_on, ==, 5);
    g_assert_cmpuint(priority.weight, ==, 42);
    frame.flags = FLAG_END_HEADERS;
    g_assert_false(http2_frame_priority(&frame, &priority));
    frame = (http2_frame){.type = FRAME_PRIORITY, .payload = {cut, sizeof cut}};
    g_assert_false(http2_frame_priority(&frame, &priority));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/http2-frames/akamai/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_akamai);
        g_free(path);
    }
    g_test_add_func("/http2-frames/bounds", test_bounds);
    g_test_add_func("/http2-frames/priority", test_priority);
    return g_test_run();
}
