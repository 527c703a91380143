/* SPDX-License-Identifier: BSD-3-Clause */
/* QUIC, whose packets need keys, is in tests/search/quic.py. */
#include "finding.h"

#define RECORD "16 fefd 0000 0000000000"

static const finding_case udp_cases[] = {
    {"dtls", LINK_RAW, "{11 <9c40 01bb Y>}", 1},
    {"dtls-any-port", LINK_RAW, "{11 <0001 0002 Y>}", 1},
    {"dtls-ipv6", LINK_RAW, "[11 <9c40 01bb Y>]", 1},
    {"dtls-again", LINK_RAW, "{11 <9c40 01bb Y>}|{11 <9c40 01bb Y>}", 1},
    {"dtls-from-another", LINK_RAW, "{11 <9c40 01bb Y>}|{11 <9c41 01bb Y>}", 2},
    {"padding-behind-udp", LINK_RAW, "{11 <9c40 01bb Y> 0000}", 1},
    {"one-byte-behind-udp", LINK_RAW, /* of OpenVPN, whose data go on in the next datagram */
     "{11 <9c40 04aa 20 0102030405060708 00 00000001 %0-50%> ff}|"
     "{11 <9c40 04aa 20 0102030405060708 00 00000002 %50-100%> ff}",
     1},
    {"length-0", LINK_RAW, "{11 9c40 01bb 0000 0000 Y}", 1},
    {"length-less-than-header", LINK_RAW, "{11 9c40 01bb 0007 0000 Y}", 1},
    {"length-cuts", LINK_RAW, "{11 9c40 01bb 0040 0000 Y}", 0},
    {"length-of-header", LINK_RAW, "{11 9c40 01bb 0008 0000 Y}", 0},
    {"length-beyond", LINK_RAW, "{11 9c40 01bb ffff 0000 Y}", 1},
    {"dtls-server-hello-first", LINK_RAW,
     "{11 <9c40 01bb " RECORD "00 000c 02 000000 0000 000000 000000 Y>}", 1},
    {"dtls-encrypted-first", LINK_RAW, "{11 <9c40 01bb 16 fefd 0001 000000000000 0004 01020304 Y>}",
     1},
    {"dtls-encrypted", LINK_RAW, "{11 <9c40 01bb 16 fefd 0001 000000000000 0004 01020304>}", 0},
};

/** Bytes behind a datagram's length are no part of it. */
static void test_bytes_behind_the_length(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW, "{11 9c40 01bb 0009 0000 00 Y}");
    g_assert_cmpuint(noted->n_found, ==, 0);
    finding_free(noted);
}

static void test_cut(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW,
                     "45 00 0090 0000 0000 40 11 0000 c0000201 c6336402 9c40 01bb 007c 0000 " RECORD
                     "00 0064 01 000058 0001 000000 000058");
    g_assert_cmpuint(finder_counted(noted->finder).cut_hellos, ==, 1);
    finding_add_text(noted, LINK_RAW,
                     "45 00 0500 0000 0000 40 11 0000 c0000201 c6336402 9c40 01bb 04ec 0000 "
                     "c3 00000001 08 0102030405060708");
    g_assert_cmpuint(finder_counted(noted->finder).cut_hellos, ==, 2);
    finding_add_text(noted, LINK_RAW,
                     "45 00 0500 0000 0000 40 11 0000 c0000201 c6336402 9c40 01bb 04ec 0000 "
                     "43 00000001 08 0102030405060708");
    g_assert_cmpuint(finder_counted(noted->finder).cut_hellos, ==, 2);
    g_assert_cmpuint(noted->n_found, ==, 0);
    finding_free(noted);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("udp", udp_cases);
    g_test_add_func("/udp/bytes-behind-the-length", test_bytes_behind_the_length);
    g_test_add_func("/udp/cut", test_cut);
    return g_test_run();
}
