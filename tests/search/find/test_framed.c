/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define SYN "{06 (00000000 00000000 02 )}|"
#define SESSION "0102030405060708"
#define TRANSACTION "2112a442 000102030405060708090a0b"

static const finding_case framed_cases[] = {
    /* OpenVPN's TCP form: a length in front of each packet */
    {"openvpn", LINK_RAW,
     SYN "{06 (00000001 00000000 18 000e 38" SESSION "00 00000000)}|"
         "{06 (00000011 00000000 18 0072 20" SESSION "00 00000001 H)}",
     1},
    {"openvpn-in-one-segment", LINK_RAW,
     SYN "{06 (00000001 00000000 18 000e 38" SESSION "00 00000000 0072 20" SESSION
         "00 00000001 H)}",
     1},
    {"openvpn-without-reset", LINK_RAW,
     "{06 (00000001 00000000 18 0072 20" SESSION "00 00000001 H)}", 1},
    {"openvpn-two", LINK_RAW,
     SYN "{06 (00000001 00000000 18 0040 20" SESSION "00 00000001 %0-50%)}|"
         "{06 (00000043 00000000 18 0040 20" SESSION "00 00000002 %50-100%)}",
     1},
    {"openvpn-length-0", LINK_RAW,
     SYN "{06 (00000001 00000000 18 000e 38" SESSION "00 00000000 0000 0072 20" SESSION
         "00 00000001 H)}",
     0},
    {"openvpn-in-one-segment-without-syn", LINK_RAW,
     "{06 (00000001 00000000 18 000e 38" SESSION "00 00000000 0072 20" SESSION "00 00000001 H)}",
     1},
    {"openvpn-not-a-client", LINK_RAW,
     "{06 (00000001 00000000 18 000e 08" SESSION "00 00000000 0072 20" SESSION "00 00000001 H)}",
     0},
    /* TDS: PRELOGIN packets around TLS, MS-TDS 2.2.3.1 */
    {"tds", LINK_RAW,
     SYN "{06 (00000001 00000000 18 12 01 000c 0000 00 00 ff000000)}|"
         "{06 (0000000d 00000000 18 12 01 006c 0000 00 00 H)}",
     1},
    {"tds-without-first", LINK_RAW, "{06 (00000001 00000000 18 12 01 006c 0000 00 00 H)}", 1},
    {"tds-in-one-segment-without-syn", LINK_RAW,
     "{06 (00000001 00000000 18 12 01 000c 0000 00 00 ff000000 12 01 006c 0000 00 00 H)}", 1},
    {"tds-two-packets", LINK_RAW,
     SYN "{06 (00000001 00000000 18 12 01 000c 0000 00 00 ff000000)}|"
         "{06 (0000000d 00000000 18 12 00 003a 0000 00 00 %0-50% 12 01 003a 0000 00 00 "
         "%50-100%)}",
     1},
    {"tds-other-type", LINK_RAW,
     SYN "{06 (00000001 00000000 18 12 01 000c 0000 00 00 ff000000)}|"
         "{06 (0000000d 00000000 18 10 01 006c 0000 00 00 H)}",
     0},
    {"tds-too-short", LINK_RAW,
     SYN "{06 (00000001 00000000 18 12 01 000c 0000 00 00 ff000000)}|"
         "{06 (0000000d 00000000 18 12 01 0007 0000 00 00 H)}",
     0},
    /* TURN over TCP: a DTLS hello of 113 bytes, padded to 116 in a channel */
    {"turn", LINK_RAW, SYN "{06 (00000001 00000000 18 0016 0078" TRANSACTION "0013 0071 Y 000000)}",
     1},
    {"turn-behind-a-request", LINK_RAW,
     SYN "{06 (00000001 00000000 18 0003 0000" TRANSACTION ")}|"
         "{06 (00000015 00000000 18 4000 0071 Y 000000)}",
     1},
    {"turn-channel", LINK_RAW, "{06 (00000001 00000000 18 4000 0071 Y 000000)}", 1},
    {"turn-two-in-a-segment", LINK_RAW,
     SYN "{06 (00000001 00000000 18 0003 0000" TRANSACTION "4000 0005 6162636465 000000 "
         "4000 0071 Y 000000)}",
     1},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("framed", framed_cases);
    return g_test_run();
}
