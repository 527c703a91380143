/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The short way down the headers of plain packets. It does what the long way does (link.c,
 * ethernet.c, ip.c), which opens everything else.
 */
#include "find/packets/plain.h"

bool plain_add(struct finder *finder, tlsfp_span bytes)
{
    plain_packet plain;
    if (finder->limits.checksums || !plain_parse(bytes, &plain))
        return false;
    finder->stations = (tlsfp_span){bytes.data, 12};
    finder->depth = 1;
    if (plain.protocol == PROTOCOL_TCP)
        tcp_add(finder, &plain.ip, plain.payload, 0);
    else
        udp_add(finder, &plain.ip, plain.payload, 0);
    return true;
}
