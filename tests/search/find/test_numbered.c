/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define SESSION "0102030405060708"
#define ACKED "01 00000000 1112131415161718" /* one acknowledgment, and whose */
#define HMAC_20 "000102030405060708090a0b0c0d0e0f10111213"
#define REPLAY "00000002 5f000000"

static const finding_case numbered_cases[] = {
    /* P_CONTROL_V1 of OpenVPN */
    {"openvpn", LINK_RAW, "{11 <9c40 04aa 20" SESSION "00 00000001 H>}", 1},
    {"openvpn-key-id", LINK_RAW, "{11 <9c40 04aa 27" SESSION "00 00000001 H>}", 1},
    {"openvpn-acknowledges", LINK_RAW, "{11 <9c40 04aa 20" SESSION ACKED "00000001 H>}", 1},
    {"openvpn-hmac", LINK_RAW, "{11 <9c40 04aa 20" SESSION HMAC_20 REPLAY "00 00000001 H>}", 1},
    {"openvpn-hmac-md5", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "000102030405060708090a0b0c0d0e0f" REPLAY "00 00000001 H>}", 1},
    {"openvpn-other-hmac", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "0001020304050607" REPLAY "00 00000001 H>}", 0},
    {"openvpn-other-opcode", LINK_RAW, "{11 <9c40 04aa 28" SESSION "00 00000001 H>}", 0},
    {"openvpn-too-many-acknowledged", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION
     "09 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
     "1112131415161718 00000001 H>}",
     0},
    {"openvpn-two", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION
     "00 00000002 %50-100%>}",
     1},
    {"openvpn-three-shuffled", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION
     "00 00000003 %60-100%>}|{11 <9c40 04aa 20" SESSION "00 00000002 %50-60%>}",
     1},
    {"openvpn-again", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION
     "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION "00 00000002 %50-100%>}",
     1},
    {"openvpn-missing", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION
     "00 00000003 %50-100%>}",
     0},
    {"openvpn-too-far-ahead", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION
     "00 00000042 %60-100%>}|{11 <9c40 04aa 20" SESSION "00 00000002 %50-60%>}",
     0},
    {"openvpn-hmac-two", LINK_RAW,
     "{11 <9c40 04aa 20" SESSION HMAC_20 REPLAY
     "00 00000001 %0-50%>}|{11 <9c40 04aa 20" SESSION HMAC_20 REPLAY "00 00000002 %50-100%>}",
     1},
    /* RDP over UDP: MS-RDPEUDP */
    {"rdp", LINK_RAW, "{11 <9c40 0d3d 12345678 0040 000c 0000 0000 00000001 00000002 H>}", 1},
    {"rdp-vector", LINK_RAW,
     "{11 <9c40 0d3d 12345678 0040 000c 0002 0101 00000000 00000001 00000002 H>}", 0},
    {"rdp-ack-of-acks", LINK_RAW,
     "{11 <9c40 0d3d 12345678 0040 010c 0000 0000 00000009 00000001 00000002 H>}", 1},
    {"rdp-no-data", LINK_RAW, "{11 <9c40 0d3d 12345678 0040 0004 0000 0000 00000001 00000002 H>}",
     0},
    {"rdp-two", LINK_RAW,
     "{11 <9c40 0d3d 12345678 0040 000c 0000 0000 00000001 00000002 %0-50%>}|"
     "{11 <9c40 0d3d 12345678 0040 000c 0000 0000 00000002 00000003 %50-100%>}",
     1},
    {"rdp-two-backwards", LINK_RAW,
     "{11 <9c40 0d3d 12345678 0040 000c 0000 0000 00000002 00000003 %50-100%>}|"
     "{11 <9c40 0d3d 12345678 0040 000c 0000 0000 00000001 00000002 %0-50%>}",
     0},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("numbered", numbered_cases);
    return g_test_run();
}
