/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define MACS "0180c2000003 020000000001"

/** An EAP response of 106 bytes with a hello of 100; of TLS the type 13 is. */
static const finding_case eap_cases[] = {
    {"tls", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 006a 0d 00 H", 1},
    {"ttls", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 006a 15 00 H", 1},
    {"peap", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 006a 19 00 H", 1},
    {"fast", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 006a 2b 01 H", 1},
    {"teap", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 006a 37 01 H", 1},
    {"other-type", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 006a 04 00 H", 0},
    {"length-field", LINK_ETHERNET, MACS "888e 01 00 006e 02 01 006e 0d 80 00000064 H", 1},
    {"request", LINK_ETHERNET, MACS "888e 01 00 006a 01 01 006a 0d 00 H", 0},
    {"eapol-start", LINK_ETHERNET, MACS "888e 01 01 006a 02 01 006a 0d 00 H", 0},
    {"eapol-length-cuts", LINK_ETHERNET, MACS "888e 01 00 0069 02 01 006a 0d 00 H", 0},
    {"eap-length-cuts", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 0069 0d 00 H", 0},
    {"eap-length-too-short", LINK_ETHERNET, MACS "888e 01 00 006a 02 01 0005 0d 00 H", 0},
    {"two", LINK_ETHERNET,
     MACS "888e 01 00 003c 02 01 003c 0d c0 00000064 %0-50%|" MACS
          "888e 01 00 0038 02 02 0038 0d 00 %50-100%",
     1},
    {"first-again", LINK_ETHERNET,
     MACS "888e 01 00 003c 02 01 003c 0d c0 00000064 %0-50%|" MACS
          "888e 01 00 003c 02 01 003c 0d c0 00000064 %0-50%|" MACS
          "888e 01 00 0038 02 02 0038 0d 00 %50-100%",
     1},
    {"another-station", LINK_ETHERNET,
     MACS "888e 01 00 003c 02 01 003c 0d c0 00000064 %0-50%|"
          "0180c2000003 020000000009 888e 01 00 0038 02 02 0038 0d 00 %50-100%",
     0},
    /* in RADIUS, RFC 3579: an Access-Request */
    {"radius", LINK_RAW,
     "{11 <9c40 0714 01 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 1},
    {"radius-old-port", LINK_RAW,
     "{11 <9c40 066d 01 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 1},
    {"radius-other-port", LINK_RAW,
     "{11 <9c40 0715 01 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 0},
    {"radius-challenge", LINK_RAW,
     "{11 <9c40 0714 0b 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 0},
    {"radius-in-two-attributes", LINK_RAW,
     "{11 <9c40 0714 01 07 008a 000102030405060708090a0b0c0d0e0f 01 04 6162 "
     "4f 3a 02 01 006a 0d 00 %0-50% 1f 04 6364 4f 34 %50-100%>}",
     1},
    {"radius-length", LINK_RAW,
     "{11 <9c40 0714 01 07 0081 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 0},
    {"radius-attribute-too-short", LINK_RAW,
     "{11 <9c40 0714 01 07 0082 000102030405060708090a0b0c0d0e0f 05 01 4f 6c 02 01 006a 0d 00 H>}",
     0},
    {"radius-two", LINK_RAW,
     "{11 <9c40 0714 01 07 0056 000102030405060708090a0b0c0d0e0f 01 04 6162 "
     "4f 3e 02 01 003c 0d c0 00000064 %0-50%>}|"
     "{11 <9c40 0714 01 08 0052 000102030405060708090a0b0c0d0e0f 01 04 6162 "
     "4f 3a 02 02 0038 0d 00 %50-100%>}",
     1},
    {"radius-two-users", LINK_RAW,
     "{11 <9c40 0714 01 07 0056 000102030405060708090a0b0c0d0e0f 01 04 6162 "
     "4f 3e 02 01 003c 0d c0 00000064 %0-50%>}|"
     "{11 <9c40 0714 01 08 0052 000102030405060708090a0b0c0d0e0f 01 04 6163 "
     "4f 3a 02 02 0038 0d 00 %50-100%>}",
     0},
};

/** There is no IP: the ends say so. */
static void test_ends(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_ETHERNET, eap_cases[0].frames);
    g_assert_cmpuint(noted->n_found, ==, 1);
    g_assert_cmpuint(noted->ends.version, ==, 0);
    g_assert_true(noted->ends.connection != 0);
    finding_free(noted);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("eap", eap_cases);
    g_test_add_func("/eap/ends", test_ends);
    return g_test_run();
}
