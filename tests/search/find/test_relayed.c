/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define TRANSACTION "2112a442 000102030405060708090a0b"

/** A DTLS hello of 113 bytes in each. */
static const finding_case relayed_cases[] = {
    {"turn-send", LINK_RAW, "{11 <9c40 0d96 0016 0078" TRANSACTION "0013 0071 Y 000000>}", 1},
    {"turn-data", LINK_RAW, "{11 <9c40 0d96 0017 0078" TRANSACTION "0013 0071 Y 000000>}", 1},
    {"turn-behind-attributes", LINK_RAW,
     "{11 <9c40 0d96 0016 008c" TRANSACTION "0012 0008 0001000000000000 8022 0003 61626300 "
     "0013 0071 Y 000000>}",
     1},
    {"turn-request", LINK_RAW, "{11 <9c40 0d96 0003 0078" TRANSACTION "0013 0071 Y 000000>}", 0},
    {"turn-other-cookie", LINK_RAW,
     "{11 <9c40 0d96 0016 0078 2112a443 000102030405060708090a0b 0013 0071 Y 000000>}", 0},
    {"turn-cut-by-its-length", LINK_RAW,
     "{11 <9c40 0d96 0016 0060" TRANSACTION "0013 0071 Y 000000>}", 0},
    {"channel", LINK_RAW, "{11 <9c40 0d96 4000 0071 Y>}", 1},
    {"channel-last", LINK_RAW, "{11 <9c40 0d96 4fff 0071 Y>}", 1},
    {"channel-beyond", LINK_RAW, "{11 <9c40 0d96 5000 0071 Y>}", 0},
    {"channel-before", LINK_RAW, "{11 <9c40 0d96 3fff 0071 Y>}", 0},
    {"socks-ipv4", LINK_RAW, "{11 <9c40 0438 0000 00 01 c0000201 01bb Y>}", 1},
    {"socks-name", LINK_RAW, "{11 <9c40 0438 0000 00 03 05 612e636f6d 01bb Y>}", 1},
    {"socks-ipv6", LINK_RAW, "{11 <9c40 0438 0000 00 04 20010db8000000000000000000000001 01bb Y>}",
     1},
    {"socks-other-address", LINK_RAW, "{11 <9c40 0438 0000 00 02 c0000201 01bb Y>}", 0},
    {"socks-fragment", LINK_RAW, "{11 <9c40 0438 0000 01 01 c0000201 01bb Y>}", 0},
    {"socks-reserved", LINK_RAW, "{11 <9c40 0438 0001 00 01 c0000201 01bb Y>}", 0},
    {"reflector", LINK_RAW, "{11 <9c40 0253 000102030405060708090a0b0c0d0eff 00000071 Y>}", 1},
    {"reflector-long-tag", LINK_RAW,
     "{11 <9c40 0253 000102030405060708090a0b0c0d0eff00010203 00000071 Y>}", 1},
    {"reflector-length-beyond", LINK_RAW,
     "{11 <9c40 0253 000102030405060708090a0b0c0d0eff 00000072 Y>}", 0},
    {"nested", LINK_RAW, "{11 <9c40 0d96 4000 0075 4000 0071 Y>}", 1},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("relayed", relayed_cases);
    return g_test_run();
}
