/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Addresses and ports of a packet, and the keys under which its connection is known. */
#ifndef SEARCH_ADDRESSES_H
#define SEARCH_ADDRESSES_H

#include <tlsfp/hash.h>

/** The addresses of an IP packet. */
typedef struct {
    uint8_t version;          /**< 4 or 6. */
    const uint8_t *src, *dst; /**< 4 or 16 bytes each, in the packet. */
} addresses;

/** Addresses and ports of a TCP segment or UDP datagram. */
typedef struct {
    const addresses *ip;
    uint16_t src_port, dst_port;
    uint64_t src_hash, dst_hash; /**< Of an address and its port. */
} ports;

/** Ports and addresses with their hashes. */
ports ports_of(const tlsfp_hash_key *key, const addresses *ip, uint16_t src_port,
               uint16_t dst_port);

/** The key of the flow in this direction; never 0. */
uint64_t flow_key(const ports *ends, uint8_t protocol);

/** The key of the flow in the other direction. */
uint64_t reverse_key(const ports *ends, uint8_t protocol);

/** The key of the fragments of one IP packet. */
uint64_t fragments_key(const tlsfp_hash_key *key, const addresses *ip, uint8_t protocol,
                       uint32_t identification);

/** Whether an IPv4 header has the checksum that it should, RFC 791 3.1. */
bool has_right_header_checksum(tlsfp_span header);

/** Whether a TCP segment or UDP datagram has the checksum that it should, RFC 9293 3.1. */
bool has_right_checksum(const addresses *ip, uint8_t protocol, tlsfp_span bytes);

#endif
