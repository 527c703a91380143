/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define HEADER "9c40 1151 00000001 00000000"

static const finding_case sctp_cases[] = {
    {"dtls", LINK_RAW, "{84 " HEADER "00 03 0081 00000001 0000 0000 0000002f Y}", 1},
    {"dtls-ipv6", LINK_RAW, "[84 " HEADER "00 03 0081 00000001 0000 0000 0000002f Y]", 1},
    {"i-data", LINK_RAW, "{84 " HEADER "40 03 0085 00000001 0000 0000 00000001 0000002f Y}", 1},
    {"behind-others", LINK_RAW,
     "{84 " HEADER "03 00 0005 01 000000 00 03 0013 00000001 0000 0000 00000000 616263 00 "
     "00 03 0081 00000002 0000 0000 0000002f Y}",
     1},
    {"in-udp", LINK_RAW, "{11 <26ab 26ab " HEADER "00 03 0081 00000001 0000 0000 0000002f Y>}", 1},
    {"tls", LINK_RAW, "{84 " HEADER "00 03 0074 00000001 0000 0000 00000000 H}", 1},
    {"tls-two", LINK_RAW,
     "{84 " HEADER "00 03 0042 00000001 0000 0000 00000000 %0-50%}|"
     "{84 " HEADER "00 03 0042 00000001 0000 0000 00000000 %0-50%}|"
     "{84 " HEADER "00 03 0042 00000002 0000 0001 00000000 %50-100%}",
     1},
    {"tls-two-in-a-packet", LINK_RAW,
     "{84 " HEADER "00 03 0042 00000001 0000 0000 00000000 %0-50% 0000 "
     "00 03 0042 00000002 0000 0001 00000000 %50-100%}",
     1},
    {"other-chunk", LINK_RAW, "{84 " HEADER "01 03 0081 00000001 0000 0000 0000002f Y}", 0},
    {"chunk-beyond", LINK_RAW, "{84 " HEADER "00 03 00ff 00000001 0000 0000 0000002f Y}", 0},
    {"chunk-too-short", LINK_RAW, "{84 " HEADER "00 03 0003 00000001 0000 0000 0000002f Y}", 0},
    {"empty-chunk", LINK_RAW, "{84 " HEADER "00 03 0010 00000001 0000 0000 0000002f}", 0},
    {"header-only", LINK_RAW, "{84 " HEADER "}", 0},
    {"cut-header", LINK_RAW, "{84 9c40 1151}", 0},
    /* RFC 3828 */
    {"udp-lite", LINK_RAW, "{88 9c40 1151 0008 0000 Y}", 1},
    {"udp-lite-ipv6", LINK_RAW, "[88 9c40 1151 0000 0000 Y]", 1},
    {"udp-lite-empty", LINK_RAW, "{88 9c40 1151 0008 0000}", 0},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("sctp", sctp_cases);
    return g_test_run();
}
