/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define VXLAN "08 000000 000100 00"

static const finding_case tunnel_cases[] = {
    /* MPLS, RFC 3032 */
    {"mpls", LINK_ETHERNET, "020000000002 020000000001 8847 00001140 I", 1},
    {"mpls-multicast", LINK_ETHERNET, "020000000002 020000000001 8848 00001140 I", 1},
    {"mpls-three-labels", LINK_ETHERNET,
     "020000000002 020000000001 8847 00001040 00002040 00003140 S", 1},
    {"mpls-no-bottom", LINK_ETHERNET, "020000000002 020000000001 8847 00001040 I", 0},
    {"mpls-pseudowire", LINK_ETHERNET, "020000000002 020000000001 8847 00001140 00000000 N", 1},
    {"mpls-pseudowire-without-control", LINK_ETHERNET,
     "020000000002 020000000001 8847 00001140 120000000002 020000000001 0800 I", 1},
    /* PPPoE, RFC 2516 */
    {"pppoe", LINK_ETHERNET, "020000000002 020000000001 8864 11 00 0001 008e 0021 I", 1},
    {"pppoe-discovery-code", LINK_ETHERNET, "020000000002 020000000001 8864 11 09 0001 008e 0021 I",
     0},
    /* GRE, RFC 2784, 2890, 2637 */
    {"gre", LINK_RAW, "{2f 0000 0800 I}", 1},
    {"gre-ipv6", LINK_RAW, "{2f 0000 86dd S}", 1},
    {"gre-checksum", LINK_RAW, "{2f 8000 0800 00000000 I}", 1},
    {"gre-routing", LINK_RAW, "{2f 4000 0800 00000000 I}", 1},
    {"gre-checksum-and-routing", LINK_RAW, "{2f c000 0800 00000000 I}", 1},
    {"gre-key", LINK_RAW, "{2f 2000 0800 00000001 I}", 1},
    {"gre-sequence", LINK_RAW, "{2f 1000 0800 00000001 I}", 1},
    {"gre-all", LINK_RAW, "{2f b000 0800 00000000 00000001 00000002 I}", 1},
    {"gre-pptp", LINK_RAW, "{2f 3001 880b 00900001 00000001 P}", 1},
    {"gre-pptp-acknowledgment", LINK_RAW, "{2f 3081 880b 00900001 00000001 00000002 P}", 1},
    {"gre-0-acknowledgment-bit", LINK_RAW, "{2f 3080 0800 00000001 00000001 I}", 1},
    {"gre-bridged", LINK_RAW, "{2f 0000 6558 N}", 1},
    {"gre-mpls", LINK_RAW, "{2f 0000 8847 00001140 I}", 1},
    {"gre-unknown", LINK_RAW, "{2f 0000 1234 I}", 0},
    {"gre-wccp", LINK_RAW, "{2f 0000 883e 00000000 I}", 1},
    {"gre-wccp-without-header", LINK_RAW, "{2f 0000 883e I}", 1},
    {"erspan-1", LINK_RAW, "{2f 0000 88be N}", 1},
    {"erspan-2", LINK_RAW, "{2f 1000 88be 00000001 1001000000000000 N}", 1},
    {"erspan-3", LINK_RAW, "{2f 1000 22eb 00000001 200100000000000000000000 N}", 1},
    {"erspan-3-subheader", LINK_RAW,
     "{2f 1000 22eb 00000001 200100000000000000000001 0000000000000000 N}", 1},
    /* NSH, RFC 8300 */
    {"nsh-ipv4", LINK_RAW, "{2f 0000 894f 0002 01 01 00000000 I}", 1},
    {"nsh-ipv6", LINK_RAW, "{2f 0000 894f 0002 01 02 00000000 S}", 1},
    {"nsh-ethernet", LINK_RAW,
     "{2f 0000 894f 0006 01 03 0000000000000000000000000000000000000000 N}", 1},
    {"nsh-nsh", LINK_RAW, "{2f 0000 894f 0002 01 04 00000000 0002 01 01 00000000 I}", 1},
    {"nsh-mpls", LINK_RAW, "{2f 0000 894f 0002 01 05 00000000 00001140 I}", 1},
    {"nsh-unknown", LINK_RAW, "{2f 0000 894f 0002 01 06 00000000 I}", 0},
    {"nsh-no-length", LINK_RAW, "{2f 0000 894f 0000 01 01 I}", 0},
    /* VXLAN, RFC 7348, and its generic extension */
    {"vxlan", LINK_RAW, "{11 <9c40 12b5 " VXLAN " N>}", 1},
    {"vxlan-linux", LINK_RAW, "{11 <9c40 2118 " VXLAN " N>}", 1},
    {"vxlan-other-port", LINK_RAW, "{11 <9c40 12b4 " VXLAN " N>}", 0},
    {"vxlan-source-port", LINK_RAW, "{11 <12b5 9c40 " VXLAN " N>}", 0},
    {"vxlan-no-network", LINK_RAW, "{11 <9c40 12b5 00 000000 000100 00 N>}", 0},
    {"vxlan-other-flags", LINK_RAW, "{11 <9c40 12b5 88 8000ff 000100 00 N>}", 1},
    {"vxlan-protocol-flag", LINK_RAW, "{11 <9c40 12b5 0c 000001 000100 00 N>}", 1},
    {"vxlan-gpe-ipv4", LINK_RAW, "{11 <9c40 12b6 0c 000001 000100 00 I>}", 1},
    {"vxlan-gpe-ethernet", LINK_RAW, "{11 <9c40 12b6 0c 000003 000100 00 N>}", 1},
    {"vxlan-gpe-no-protocol", LINK_RAW, "{11 <9c40 12b6 08 000001 000100 00 N>}", 1},
    /* Geneve, RFC 8926 */
    {"geneve", LINK_RAW, "{11 <9c40 17c1 00 00 6558 000001 00 N>}", 1},
    {"geneve-ipv4", LINK_RAW, "{11 <9c40 17c1 00 00 0800 000001 00 I>}", 1},
    {"geneve-options", LINK_RAW, "{11 <9c40 17c1 02 00 6558 000001 00 0000000000000000 N>}", 1},
    {"geneve-other-version", LINK_RAW, "{11 <9c40 17c1 40 00 6558 000001 00 N>}", 0},
    /* GTP-U, 3GPP TS 29.281 */
    {"gtp", LINK_RAW, "{11 <9c40 0868 30 ff 008c 00000001 I>}", 1},
    {"gtp-ipv6", LINK_RAW, "{11 <9c40 0868 30 ff 00a0 00000001 S>}", 1},
    {"gtp-ethernet", LINK_RAW, "{11 <9c40 0868 30 ff 009a 00000001 N>}", 1},
    {"gtp-sequence", LINK_RAW, "{11 <9c40 0868 32 ff 0090 00000001 0001 00 55 I>}", 1},
    {"gtp-npdu", LINK_RAW, "{11 <9c40 0868 31 ff 0090 00000001 0001 00 55 I>}", 1},
    {"gtp-extension", LINK_RAW, "{11 <9c40 0868 34 ff 0094 00000001 0000 00 85 01 0000 00 I>}", 1},
    {"gtp-extensions", LINK_RAW,
     "{11 <9c40 0868 34 ff 009c 00000001 0000 00 85 01 0000 40 02 000000000000 00 I>}", 1},
    {"gtp-extension-of-no-length", LINK_RAW,
     "{11 <9c40 0868 34 ff 0094 00000001 0000 00 85 00 0000 00 I>}", 0},
    {"gtp-other-message", LINK_RAW, "{11 <9c40 0868 30 01 008c 00000001 I>}", 0},
    {"gtp-prime", LINK_RAW, "{11 <9c40 0868 20 ff 008c 00000001 I>}", 0},
    /* Teredo, RFC 4380 */
    {"teredo", LINK_RAW, "{11 <9c40 0dd8 S>}", 1},
    {"teredo-from-server", LINK_RAW, "{11 <0dd8 9c40 S>}", 1},
    {"teredo-origin", LINK_RAW, "{11 <9c40 0dd8 0000 9c40 c0000201 S>}", 1},
    {"teredo-authentication", LINK_RAW, "{11 <9c40 0dd8 0001 00 00 0000000000000000 00 S>}", 1},
    {"teredo-authentication-and-origin", LINK_RAW,
     "{11 <9c40 0dd8 0001 02 01 0102 03 0000000000000000 00 0000 9c40 c0000201 S>}", 1},
    {"teredo-ipv4", LINK_RAW, "{11 <9c40 0dd8 I>}", 0},
    /* LISP, GRE and MPLS in UDP */
    {"lisp", LINK_RAW, "{11 <9c40 10f5 0000000000000000 I>}", 1},
    {"gre-in-udp", LINK_RAW, "{11 <9c40 1292 0000 0800 I>}", 1},
    {"mpls-in-udp", LINK_RAW, "{11 <9c40 19eb 00001140 I>}", 1},
    /* L2TP, RFC 2661 and 3931 */
    {"l2tp", LINK_RAW, "{11 <06a5 06a5 0002 0001 0001 P>}", 1},
    {"l2tp-length", LINK_RAW, "{11 <06a5 06a5 4002 0098 0001 0001 P>}", 1},
    {"l2tp-sequence", LINK_RAW, "{11 <06a5 06a5 0802 0001 0001 0001 0001 P>}", 1},
    {"l2tp-offset", LINK_RAW, "{11 <06a5 06a5 0202 0001 0001 0004 00000000 P>}", 1},
    {"l2tp-all", LINK_RAW, "{11 <06a5 06a5 4a02 00a0 0001 0001 0001 0001 0002 0000 P>}", 1},
    {"l2tp-from-server", LINK_RAW, "{11 <06a5 9c40 0002 0001 0001 P>}", 1},
    {"l2tp-control", LINK_RAW, "{11 <06a5 06a5 8002 0001 0001 P>}", 0},
    {"l2tp-version-1", LINK_RAW, "{11 <06a5 06a5 0001 0001 0001 P>}", 0},
    {"l2tp3-ethernet", LINK_RAW, "{11 <06a5 06a5 0003 0000 00000001 N>}", 1},
    {"l2tp3-cookie", LINK_RAW, "{11 <06a5 06a5 0003 0000 00000001 11223344 N>}", 1},
    {"l2tp3-cookie-and-sublayer", LINK_RAW,
     "{11 <06a5 06a5 0003 0000 00000001 1122334455667788 40000001 N>}", 1},
    {"l2tp3-ppp", LINK_RAW, "{11 <06a5 06a5 0003 0000 00000001 P>}", 1},
    {"l2tp3-ip", LINK_RAW, "{11 <06a5 06a5 0003 0000 00000001 11223344 I>}", 1},
    {"l2tp3-ipv6", LINK_RAW, "{11 <06a5 06a5 0003 0000 00000001 S>}", 1},
    {"l2tp3-vlan", LINK_RAW,
     "{11 <06a5 06a5 0003 0000 00000001 020000000002 020000000001 8100 0001 0800 I>}", 1},
    {"l2tp3-too-far", LINK_RAW,
     "{11 <06a5 06a5 0003 0000 00000001 11223344 55667788 11223344 55667788 N>}", 0},
    /* TZSP */
    {"tzsp", LINK_RAW, "{11 <9c40 9090 01 00 0001 01 N>}", 1},
    {"tzsp-tags", LINK_RAW, "{11 <9c40 9090 01 00 0001 00 0a01 05 00 29 02 0001 01 N>}", 1},
    {"tzsp-80211", LINK_RAW,
     "{11 <9c40 9090 01 00 0012 01 08 01 0000 020000000001 020000000002 020000000003 0000 L>}", 1},
    {"tzsp-other-link", LINK_RAW, "{11 <9c40 9090 01 00 0002 01 N>}", 0},
    {"tzsp-other-version", LINK_RAW, "{11 <9c40 9090 02 00 0001 01 N>}", 0},
    /* CAPWAP, RFC 5415 */
    {"capwap-dtls", LINK_RAW, "{11 <9c40 147e 01 000000 Y>}", 1},
    {"capwap-data-dtls", LINK_RAW, "{11 <9c40 147f 01 000000 Y>}", 1},
    {"capwap-data", LINK_RAW, "{11 <9c40 147f 00 10 00 00 0000 0000 N>}", 1},
    {"capwap-data-from-controller", LINK_RAW, "{11 <147f 9c40 00 10 00 00 0000 0000 N>}", 1},
    {"capwap-data-longer-header", LINK_RAW, "{11 <9c40 147f 00 18 00 00 0000 0000 00000000 N>}", 1},
    {"capwap-data-80211", LINK_RAW,
     "{11 <9c40 147f 00 10 03 00 0000 0000 08 01 0000 020000000001 020000000002 020000000003 0000 "
     "L>}",
     1},
    {"capwap-data-80211-swapped", LINK_RAW,
     "{11 <9c40 147f 00 10 03 00 0000 0000 01 08 0000 020000000001 020000000002 020000000003 0000 "
     "L>}",
     1},
    {"capwap-data-fragment", LINK_RAW, "{11 <9c40 147f 00 10 00 80 0000 0000 N>}", 0},
    {"capwap-data-header-too-short", LINK_RAW, "{11 <9c40 147f 00 08 00 00 N>}", 0},
    {"capwap-control", LINK_RAW, "{11 <9c40 147e 00 10 00 00 0000 0000 N>}", 0},
};

/** A tunnel's own packet is watched, and the hello has the inner packet's ends. */
static void see(const frame *packet, uint64_t connection, void *data)
{
    (void)packet;
    (void)connection;
    ++*(unsigned *)data;
}

static void test_inner_ends(void)
{
    finding *noted = finding_new(NULL);
    unsigned seen = 0;
    finder_watch(noted->finder, see, &seen);
    finding_add_text(noted, LINK_RAW, "[11 <9c40 12b5 " VXLAN " N>]");
    g_assert_cmpuint(noted->n_found, ==, 1);
    g_assert_cmpuint(noted->ends.version, ==, 4);
    g_assert_cmpuint(noted->ends.protocol, ==, 6);
    g_assert_cmpuint(noted->ends.dst_port, ==, 443);
    g_assert_cmpuint(seen, ==, 2);
    finding_free(noted);
}

/** Each kind of header within headers counts as one level, so that no mixture runs deep. */
static void test_nesting(void)
{
    static const char *const mixtures[] = {
        "8847 00001140 00000000 020000000002 020000000001",         /* MPLS around Ethernet */
        "6558 020000000002 020000000001",                           /* bridged Ethernet */
        "88e7 00000000 020000000002 020000000001",                  /* MAC in MAC */
        "8864 11 00 0001 0000 0031 0001 020000000002 020000000001", /* PPP around Ethernet */
        "894f 0002 01 03 00000000 020000000002 020000000001",       /* NSH around Ethernet */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(mixtures); i++) {
        unsigned deepest = 0;
        for (unsigned around = 1; around < 24; around++) {
            GString *text = g_string_new("020000000002 020000000001");
            for (unsigned level = 0; level < around; level++)
                g_string_append(text, mixtures[i]);
            g_string_append(text, "0800 I");
            finding *noted = finding_new(NULL);
            finding_add_text(noted, LINK_ETHERNET, text->str);
            if (noted->n_found > 0)
                deepest = around;
            finding_free(noted);
            g_string_free(text, TRUE);
        }
        g_assert_cmpuint(deepest, >=, 4);
        g_assert_cmpuint(deepest, <=, 15);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("tunnels", tunnel_cases);
    g_test_add_func("/tunnels/inner-ends", test_inner_ends);
    g_test_add_func("/tunnels/nesting", test_nesting);
    return g_test_run();
}
