/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define MACS "020000000002 020000000001"

static const finding_case ethernet_cases[] = {
    {"ipv4", LINK_ETHERNET, MACS "0800 I", 1},
    {"ipv6", LINK_ETHERNET, MACS "86dd S", 1},
    {"padded", LINK_ETHERNET, "N 00000000", 1},
    {"llc-snap", LINK_ETHERNET, MACS "0094 L", 1},
    {"llc-ip", LINK_ETHERNET, MACS "008f 0606 03 I", 1},
    {"llc-other", LINK_ETHERNET, MACS "008f 4242 03 I", 0},
    {"llc-numbered", LINK_ETHERNET, MACS "008f 0606 00 I", 0},
    {"length-1501-is-a-type", LINK_ETHERNET, MACS "05dd L", 0},
    {"jumbo", LINK_ETHERNET, MACS "8870 L", 1},
    {"vlan", LINK_ETHERNET, MACS "8100 0001 0800 I", 1},
    {"qinq", LINK_ETHERNET, MACS "88a8 0001 8100 0002 0800 I", 1},
    {"qinq-old", LINK_ETHERNET, MACS "9100 0001 8100 0002 0800 I", 1},
    {"qinq-9200", LINK_ETHERNET, MACS "9200 0001 0800 I", 1},
    {"qinq-9300", LINK_ETHERNET, MACS "9300 0001 0800 I", 1},
    {"vntag", LINK_ETHERNET, MACS "8926 00000001 0800 I", 1},
    {"ttag", LINK_ETHERNET, MACS "8988 00000001 0800 I", 1},
    {"hsr", LINK_ETHERNET, MACS "892f 10980001 0800 I", 1},
    {"etag", LINK_ETHERNET, MACS "893f 000000000001 0800 I", 1},
    {"cmd", LINK_ETHERNET, MACS "8909 01 01 00010001 0800 I", 1},
    {"cmd-longer", LINK_ETHERNET, MACS "8909 01 02 0001000100000000 0800 I", 1},
    {"cmd-none", LINK_ETHERNET, MACS "8909 01 00 0800 I", 1},
    {"many-tags", LINK_ETHERNET,
     MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 "
          "0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 "
          "0800 I",
     1},
    {"macsec", LINK_ETHERNET, MACS "88e5 00 00 00000001 0800 I 000102030405060708090a0b0c0d0e0f",
     1},
    {"macsec-sci", LINK_ETHERNET,
     MACS "88e5 20 00 00000001 0200000000010001 0800 I 000102030405060708090a0b0c0d0e0f", 1},
    {"macsec-encrypted", LINK_ETHERNET,
     MACS "88e5 08 00 00000001 0800 I 000102030405060708090a0b0c0d0e0f", 0},
    {"macsec-changed", LINK_ETHERNET,
     MACS "88e5 04 00 00000001 0800 I 000102030405060708090a0b0c0d0e0f", 0},
    {"trill", LINK_ETHERNET, MACS "22f3 0001 0002 0001 N", 1},
    {"trill-options", LINK_ETHERNET, MACS "22f3 0081 0002 0001 0000000000000000 N", 1},
    {"fabricpath", LINK_ETHERNET, MACS "8903 0001 N", 1},
    {"mac-in-mac", LINK_ETHERNET, MACS "88e7 00000001 N", 1},
    {"ppp", LINK_ETHERNET, MACS "880b 0021 I", 1},
    {"erspan-3", LINK_ETHERNET, MACS "22eb 200100000000000000000000 N", 1},
    {"unknown", LINK_ETHERNET, MACS "1234 I", 0},
    {"arp", LINK_ETHERNET, MACS "0806 I", 0},
};

/** Packets that are not opened are counted by EtherType, but for those that hold no IP. */
static void test_passed(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_ETHERNET,
                     MACS "1234 00|" MACS "0806 00|" MACS "8100 0001 1234 00|" MACS "88cc 00|" MACS
                          "88e5 0c 00 00000001 00|" MACS "8863 00");
    finder_counts counts = finder_counted(noted->finder);
    g_assert_cmpint(counts.passed[0].kind, ==, PASSED_ETHERTYPE);
    g_assert_cmphex(counts.passed[0].number, ==, 0x1234);
    g_assert_cmpuint(counts.passed[0].packets, ==, 2);
    g_assert_cmphex(counts.passed[1].number, ==, 0x88e5);
    g_assert_cmpuint(counts.passed[1].packets, ==, 1);
    g_assert_cmpuint(counts.passed[2].packets, ==, 0);
    g_assert_cmpuint(counts.passed_others, ==, 0);
    finding_free(noted);
}

/** Each kind by itself up to MAX_PASSED, the rest in one. */
static void test_passed_others(void)
{
    finding *noted = finding_new(NULL);
    for (unsigned i = 0; i < 2 * (MAX_PASSED + 3); i++) {
        char *text = g_strdup_printf(MACS "12%02x 00", i % (MAX_PASSED + 3));
        finding_add_text(noted, LINK_ETHERNET, text);
        g_free(text);
    }
    finder_counts counts = finder_counted(noted->finder);
    for (unsigned i = 0; i < MAX_PASSED; i++) {
        g_assert_cmphex(counts.passed[i].number, ==, 0x1200 + i);
        g_assert_cmpuint(counts.passed[i].packets, ==, 2);
    }
    g_assert_cmpuint(counts.passed_others, ==, 6);
    finding_free(noted);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("ethernet", ethernet_cases);
    g_test_add_func("/ethernet/passed", test_passed);
    g_test_add_func("/ethernet/passed-others", test_passed_others);
    return g_test_run();
}
