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
    {"preauthentication", LINK_ETHERNET, MACS "88c7 01 00 006a 02 01 006a 0d 00 H", 1},
    {"ppp", LINK_PPP, "ff03 c227 02 01 006a 0d 00 H", 1},
    {"ppp-two", LINK_PPP,
     "ff03 c227 02 01 003c 0d c0 00000064 %0-50%|ff03 c227 02 02 0038 0d 00 %50-100%", 1},
    /* in PANA, RFC 5191 */
    {"pana", LINK_RAW,
     "{11 <9c40 02cc 0000 0084 4000 0002 00000001 00000001 0002 0000 006a 0000 02 01 006a 0d 00 H "
     "0000>}",
     1},
    {"pana-behind-others", LINK_RAW,
     "{11 <9c40 02cc 0000 009c 4000 0002 00000001 00000001 0005 0000 0001 0000 ff 000000 "
     "0002 8000 0000 0000 00000009 0002 0000 006a 0000 02 01 006a 0d 00 H 0000>}",
     1},
    {"pana-length", LINK_RAW,
     "{11 <9c40 02cc 0000 0085 4000 0002 00000001 00000001 0002 0000 006a 0000 02 01 006a 0d 00 H "
     "0000>}",
     0},
    {"pana-attribute-beyond", LINK_RAW,
     "{11 <9c40 02cc 0000 0084 4000 0002 00000001 00000001 0002 0000 00ff 0000 02 01 006a 0d 00 H "
     "0000>}",
     0},
    /* in RADIUS, RFC 3579: an Access-Request */
    {"radius", LINK_RAW,
     "{11 <9c40 0714 01 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 1},
    {"radius-old-port", LINK_RAW,
     "{11 <9c40 066d 01 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 1},
    {"radius-changes", LINK_RAW,
     "{11 <9c40 0ed7 01 07 0080 000102030405060708090a0b0c0d0e0f 4f 6c 02 01 006a 0d 00 H>}", 1},
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
