/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes Ethernet frames with TCP and UDP over IPv4 to standard output, as a pcap file. */
#ifndef BENCH_PACKETS_H
#define BENCH_PACKETS_H

#include <stddef.h>
#include <stdint.h>

enum {
    SEGMENT_SIZE = 1448, /**< TCP payload that fits an Ethernet frame beside time stamps. */

    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
};

typedef enum { CLIENT, SERVER } side;

/** Two ends, and for TCP how much each has sent; addresses and ports in host order. */
typedef struct {
    uint32_t address[2];
    uint16_t port[2];
    uint32_t seq[2];
} connection;

/** The file's header; once, before the first packet. */
void packets_start(void);

/** A TCP segment, with options as Linux sends them; its length counts. @p data may be NULL when
 * @p len is 0. */
void packets_tcp(connection *ends, side from, uint8_t flags, const uint8_t *data, size_t len);

/** The three segments of a handshake. */
void packets_tcp_open(connection *ends);

/** A UDP datagram. */
void packets_udp(const connection *ends, side from, const uint8_t *data, size_t len);

/** Bytes written so far. */
uint64_t packets_size(void);

/** Writes what is left; ends the program where that fails. */
void packets_end(void);

#endif
