/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/tcp_syn.h"

#include <string.h>

#include "exact_block.h"
#include "writer.h"

/* Headers as hex. */
#define IPV4(total, id, fragment, ttl) "4500" total id fragment ttl "06 0000 c0000201 c0000202"
#define IPV6(flow, payload, hops)                                                                  \
    "600" flow payload "06" hops "20010db8000000000000000000000001 "                               \
    "20010db8000000000000000000000002"
#define TCP(offset_flags, window) "9c40 1151 01020304 00000000" offset_flags window "0000 0000"

typedef struct {
    const char *name, *headers, *p0f, *muonfp;
} syn_case;

static const syn_case cases[] = {
    /* p0f.fp of p0f 3.09: "s:unix:Linux:3.11 and newer", "s:win:Windows:7 or 8",
       "s:unix:Linux:2.6.x", "s:unix:Mac OS X:10.x"; docs/README, "raw_sig" has the first of them.
     */
    {"linux",
     IPV4("003c", "1234", "4000", "40")
         TCP("a002", "7210") "020405b4 0402080a 00000001 00000000 01 030307",
     "4:64+0:0:1460:mss*20,7:mss,sok,ts,nop,ws:df,id+:0", "29200:2-4-8-1-3:1460:7"},
    {"windows",
     IPV4("0034", "1234", "4000", "7d") TCP("8002", "2000") "020405b4 01 030308 0101 0402",
     "4:125+3:0:1460:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0", "8192:2-1-3-1-1-4:1460:8"},
    {"mac",
     IPV4("0040", "0000", "4000", "40")
         TCP("b0c2", "ffff") "020405b4 01 030306 0101080a 00000001 00000000 0402 0000",
     "4:64+0:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,ecn:0",
     "65535:2-1-3-1-1-8-4-0:1460:6"},
    /* MuonFP's specification, appendix A. */
    {"muonfp-desktop",
     IPV4("003c", "0001", "0000", "40")
         TCP("a002", "ffff") "02040584 0402080a 00000001 00000000 01 030308",
     "4:64+0:0:1412:65535,8:mss,sok,ts,nop,ws::0", "65535:2-4-8-1-3:1412:8"},
    {"muonfp-scanner", IPV4("0028", "d431", "0000", "f0") TCP("5002", "ffff"),
     "4:240+15:0:0:65535,0:::0", "65535:::"},
    {"muonfp-nmap", IPV4("002c", "0001", "0000", "2a") TCP("6002", "f507") "02042301",
     "4:42+22:0:8961:mss*7,0:mss::0", "62727:2:8961:"},
    {"ipv6",
     IPV6("00000", "0028", "40")
         TCP("a002", "fd20") "020405a0 0402080a 00000001 00000000 01 030307",
     "6:64+0:0:1440:mss*45,7:mss,sok,ts,nop,ws::0", "64800:2-4-8-1-3:1440:7"},
    {"ipv6-flow-payload", IPV6("12345", "0015", "01") TCP("5002", "05dc"),
     "6:1+31:0:0:1500,0::flow:+", "1500:::"},
    {"mtu", IPV4("002c", "0000", "0000", "80") TCP("6002", "1770") "020405b4",
     "4:128+0:0:1460:mtu*4,0:mss:id-:0", "6000:2:1460:"},
    {"far", IPV4("0028", "0000", "0000", "82") TCP("5002", "0400"), "4:130+?:0:0:1024,0::id-:0",
     "1024:::"},
    {"quirks",
     IPV4("0038", "0000", "8000", "ff") "9c40 1151 00000000 00000001 902a 0400 0000 0005"
                                        "080a 00000000 00000009 0300 0101 0000",
     "4:255+0:0:0:1024,0:ts,ws:id-,0+,seq-,ack+,urgf+,pushf+,ts1-,ts2+,bad:0", "1024:8-3::"},
    {"after-end", IPV4("0030", "0001", "0000", "40") TCP("7002", "0400") "00 01000000 030310",
     "4:64+0:0:0:1024,0:eol+7:opt+:0", "1024:0::"},
    {"scale", IPV4("0030", "0001", "0000", "40") TCP("7002", "0400") "03030f 1e02 fe03aa",
     "4:64+0:0:0:1024,15:ws,?30,?254:exws:0", "1024:3-30-254::15"},
};

static bool parse(const GByteArray *bytes, size_t len, tcp_syn *out)
{
    tlsfp_span block = exact_block((tlsfp_span){bytes->data, len});
    const bool fine = tcp_syn_parse(block, out);
    exact_block_free(block);
    return fine;
}

static void test_case(gconstpointer data)
{
    const syn_case *row = data;
    GByteArray *bytes = g_byte_array_new();
    GString *text = g_string_new(NULL);
    tcp_syn syn;
    put_hex(bytes, row->headers);
    for (size_t len = 0; len < bytes->len; len++)
        g_assert_false(parse(bytes, len, &syn));
    g_assert_true(parse(bytes, bytes->len, &syn));
    tcp_syn_append_p0f(&syn, text);
    g_assert_cmpstr(text->str, ==, row->p0f);
    tcp_syn_append_muonfp(&syn, g_string_truncate(text, 0));
    g_assert_cmpstr(text->str, ==, row->muonfp);
    g_string_free(text, TRUE);
    g_byte_array_unref(bytes);
}

/** Options that end beyond the header leave a mark; none reads past it. */
static void test_bad_options(void)
{
    static const char *const options[] = {"02040102 03", "0204 0102 02ff 0000", "08 00 000000",
                                          "0203 0001 01", "02 06 0000 0000 01 01"};
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        GByteArray *bytes = g_byte_array_new();
        tcp_syn syn;
        put_hex(bytes, IPV4("0030", "0001", "0000", "40") TCP("7002", "0400"));
        put_hex(bytes, options[i]);
        while (bytes->len < 48)
            put_hex(bytes, "05");
        g_assert_true(parse(bytes, bytes->len, &syn));
        g_assert_true((syn.quirks & QUIRK_OPTIONS_BAD) != 0);
        g_byte_array_unref(bytes);
    }
}

/** RFC 8200 4.1: extension headers in front of TCP; something else than TCP is none. */
static void test_extensions(void)
{
    GByteArray *bytes = g_byte_array_new();
    tcp_syn syn;
    put_hex(bytes, "60000000 0024 00 40");
    put_times(bytes, 32, 1);
    put_hex(bytes, "3c 00 000000000000 06 00 000000000000" TCP("5002", "0400"));
    g_assert_true(parse(bytes, bytes->len, &syn));
    g_assert_false(syn.has_payload);
    g_assert_cmpuint(syn.headers_len, ==, 40 + 16 + 20);
    bytes->data[6] = 17;
    g_assert_false(parse(bytes, bytes->len, &syn));
    g_byte_array_unref(bytes);
}

/** Headers that are cut, or too short for what they say, are none. */
static void test_cut(void)
{
    static const char *const headers[] = {
        "46000030 00014000 40060000 c0000201 c0000202 01010101" TCP("6002", "0400") "020405b4",
        "60000000 002c 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002"
        "3c 01 0000000000000000000000000000 06 00 000000000000" TCP("5002", "0400")};
    static const struct {
        size_t packet, at;
        uint8_t value;
    } wrong[] = {{0, 0, 0x44},  {0, 0, 0x56}, {0, 9, 17},  {0, 24 + 12, 0x40},
                 {1, 41, 0xff}, {0, 0, 0x4f}, {1, 0, 0x70}};
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        GByteArray *bytes = bytes_of_hex(headers[i]);
        tcp_syn syn;
        g_assert_true(parse(bytes, bytes->len, &syn));
        for (size_t len = 0; len < bytes->len; len++)
            g_assert_false(parse(bytes, len, &syn));
        g_byte_array_unref(bytes);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        GByteArray *bytes = bytes_of_hex(headers[wrong[i].packet]);
        tcp_syn syn;
        bytes->data[wrong[i].at] = wrong[i].value;
        g_test_message("%zu: %zu", wrong[i].packet, wrong[i].at);
        g_assert_false(parse(bytes, bytes->len, &syn));
        g_byte_array_unref(bytes);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/tcp-syn/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_case);
        g_free(path);
    }
    g_test_add_func("/tcp-syn/bad-options", test_bad_options);
    g_test_add_func("/tcp-syn/extensions", test_extensions);
    g_test_add_func("/tcp-syn/cut", test_cut);
    return g_test_run();
}
