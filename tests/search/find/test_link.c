/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define MACS "020000000002 020000000001"
#define ZEROS_4 "00000000"
#define ZEROS_16 ZEROS_4 ZEROS_4 ZEROS_4 ZEROS_4
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16
#define WIRELESS "08 01 0000 020000000001 020000000002 020000000003 0000 L"

/** Every link type of https://www.tcpdump.org/linktypes.html that is known. */
static const finding_case link_cases[] = {
    {"null", 0, "02000000 I", 1},
    {"null-big-endian", 0, "00000002 I", 1},
    {"ethernet", 1, "N", 1},
    {"ethernet-snap", 1, MACS "0094 L", 1},
    {"ethernet-longest-length", 1, MACS "05dc L", 1},
    {"token-ring", 6, "10 40 " MACS "L", 1},
    {"token-ring-routed", 6, "10 40 020000000002 820000000001 0630 0000 0000 L", 1},
    {"slip", 8, ZEROS_16 "I", 1},
    {"ppp", 9, "P", 1},
    {"fddi", 10, "50 " MACS "L", 1},
    {"raw-bsd", 12, "I", 1},
    {"raw-openbsd", 14, "S", 1},
    {"ppp-hdlc", 50, "P", 1},
    {"pppoe", 51, "11 00 0001 008e 0021 I", 1},
    {"atm", 100, "L", 1},
    {"raw", 101, "I", 1},
    {"c-hdlc", 104, "0f00 0800 I", 1},
    {"c-hdlc-ipv6", 104, "0f00 86dd S", 1},
    {"80211", 105, WIRELESS, 1},
    {"frame-relay", 107, "1841 03 cc I", 1},
    {"frame-relay-ipv6", 107, "1841 03 8e S", 1},
    {"frame-relay-padded", 107, "1841 03 00 cc I", 1},
    {"frame-relay-snap", 107, "1841 03 80 000000 0800 I", 1},
    {"frame-relay-padded-snap", 107, "1841 03 00 80 000000 0800 I", 1},
    {"frame-relay-cisco", 107, "1841 0800 I", 1},
    {"frame-relay-other", 107, "1841 03 81 I", 0},
    {"loop", 108, "00000002 I", 1},
    {"enc", 109, "02000000 00000000 00000000 I", 1},
    {"linux-sll", 113, "0000 0001 0006 0200000000010000 0800 I", 1},
    {"linux-sll-llc", 113, "0000 0001 0006 0200000000010000 0004 L", 1},
    {"linux-sll-other", 113, "0000 0001 0006 0200000000010000 0001 I", 0},
    {"linux-sll-least-ethertype", 113, "0000 0001 0006 0200000000010000 05ff I", 0},
    {"pflog", 117, "3d 02 00 00" ZEROS_16 ZEROS_16 ZEROS_16 "00000000 00000000 00000000 I", 1},
    {"pflog-odd", 117, "05 02 00 00 00000000 I", 1},
    {"prism", 119, ZEROS_64 ZEROS_64 ZEROS_16 WIRELESS, 1},
    {"ip-over-fc", 122, ZEROS_16 "L", 1},
    {"sunatm", 123, "02 00 0020 L", 1},
    {"radiotap", 127, "00 00 0800 00000000" WIRELESS, 1},
    {"ieee1394", 138, "0000000000000000 0000000000000000 0800 I", 1},
    {"docsis", 143, "00 00 009a 0000 N", 1},
    {"docsis-extended", 143, "01 04 009e 00000000 0000 N", 1},
    {"docsis-management", 143, "c2 00 009a 0000 N", 0},
    {"avs", 163, ZEROS_64 WIRELESS, 1},
    {"pppd", 166, "01 03 0021 I", 1},
    {"ppi", 192, "00 00 0800 01000000 N", 1},
    {"ppi-fields", 192, "00 00 1000 65000000 0200 0400 00000000 I", 1},
    {"ppi-too-short", 192, "00 00 0700 65000000 I", 0},
    {"ppi-unknown", 192, "00 00 0800 ffff0000 I", 0},
    {"erf", 197, "0000000000000000 02 04 00ac 0000 009a 0000 N", 1},
    {"erf-extension", 197, "0000000000000000 82 04 00b4 0000 009a 0000000000000000 0000 N", 1},
    {"erf-extensions", 197,
     "0000000000000000 8b 04 00b4 0000 009a 8000000000000000 0000000000000000 0000 N", 1},
    {"erf-dsm", 197, "0000000000000000 10 04 00ac 0000 009a 0000 N", 1},
    {"erf-hashed", 197, "0000000000000000 14 04 00ac 0000 009a 0000 N", 1},
    {"erf-ipv4", 197, "0000000000000000 16 04 00ac 0000 008c I", 1},
    {"erf-ipv6", 197, "0000000000000000 17 04 00ac 0000 00a0 S", 1},
    {"erf-other", 197, "0000000000000000 01 04 00ac 0000 008c I", 0},
    {"ppp-with-direction", 204, "00 P", 1},
    {"c-hdlc-with-direction", 205, "00 0f00 0800 I", 1},
    {"frame-relay-with-direction", 206, "00 1841 03 cc I", 1},
    {"mpls", 219, "00001140 I", 1},
    {"ipnet", 226, ZEROS_16 "0000000000000000 I", 1},
    {"ipv4", 228, "I", 1},
    {"ipv6", 229, "S", 1},
    {"nflog", 239, "02 00 0000 9000 0900 I", 1},
    {"nflog-big-endian", 239, "02 00 0000 0090 0009 I", 1},
    {"nflog-behind-others", 239, "02 00 0000 0800 0100 08000103 0500 0a00 41000000 9000 0900 I", 1},
    {"nflog-too-short", 239, "02 00 0000 0300 0900 I", 0},
    {"netanalyzer", 240, "00000000 N", 1},
    {"netanalyzer-transparent", 241, "00000000 55555555555555d5 N", 1},
    {"pktap", 258, "0c000000 01000000 01000000 N", 1},
    {"pktap-longer", 258, "10000000 01000000 65000000 00000000 I", 1},
    {"pktap-no-packet", 258, "0c000000 00000000 01000000 N", 0},
    {"pktap-too-short", 258, "0b000000 01000000 01000000 N", 0},
    {"mpacket", 274, "55555555555555d5 N", 1},
    {"linux-sll2", 276, "0800 0000 00000002 0001 00 06 0200000000010000 I", 1},
    {"linux-sll2-llc", 276, "0004 0000 00000002 0001 00 06 0200000000010000 L", 1},
    {"dsa-broadcom", 281, MACS "00000000 0800 I", 1},
    {"dsa-broadcom-prepended", 282, "00000000 N", 1},
    {"dsa", 284, MACS "00000000 0800 I", 1},
    {"edsa", 285, MACS "dada0000 00000000 0800 I", 1},
    {"unknown", 147, "I", 0},
};

static const finding_case ppp_cases[] = {
    {"address-and-control", LINK_PPP, "ff03 0021 I", 1},
    {"none", LINK_PPP, "0021 I", 1},
    {"compressed", LINK_PPP, "21 I", 1},
    {"both-compressed", LINK_PPP, "ff03 21 I", 1},
    {"ipv6", LINK_PPP, "0057 S", 1},
    {"mpls", LINK_PPP, "0281 00001140 I", 1},
    {"mpls-multicast", LINK_PPP, "0283 00001140 I", 1},
    {"bridged", LINK_PPP, "0031 00 01 N", 1},
    {"bridged-lan", LINK_PPP, "0031 40 01 00000001 N", 1},
    {"bridged-token-ring", LINK_PPP, "0031 00 02 N", 0},
    {"control-protocol", LINK_PPP, "c021 I", 0},
};

/** Frames of a type that is not known are counted, and the first such type is named. */
static void test_unknown(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, 147, "I");
    finding_add_text(noted, 148, "I");
    finding_add_text(noted, LINK_RAW, "I");
    finding_add_text(noted, 113, "00");
    finder_counts counts = finder_counted(noted->finder);
    g_assert_cmpuint(counts.frames, ==, 4);
    g_assert_cmpuint(counts.unknown_links, ==, 2);
    g_assert_cmpint(counts.unknown_link_type, ==, 147);
    finding_free(noted);
}

/** Per-packet information that holds itself, again and again. */
static void test_nesting(void)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(text, "00 00 0800 c0000000");
    g_string_append(text, "00 00 0800 65000000 I");
    finding *noted = finding_new(NULL);
    finding_add_text(noted, 192, text->str);
    g_assert_cmpuint(noted->n_found, ==, 0);
    finding_free(noted);
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("link", link_cases);
    ADD_FINDING_CASES("link/ppp", ppp_cases);
    g_test_add_func("/link/not-known", test_unknown);
    g_test_add_func("/link/nesting", test_nesting);
    return g_test_run();
}
