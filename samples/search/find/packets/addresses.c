/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/addresses.h"

#include <string.h>
#include <tlsfp/reader.h>

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    return value ^ value >> 32;
}

/** Of an address and what comes with it: a port, or a protocol and an identification. */
static uint64_t hash_end(const tlsfp_hash_key *key, uint8_t version, const uint8_t *address,
                         uint64_t rest)
{
    uint64_t words[2] = {0, 0};
    tlsfp_hash_state state = tlsfp_hash_begin(key);
    memcpy(words, address, version == 4 ? 4 : sizeof words);
    if (version == 4) {
        words[0] |= rest << 32;
        return tlsfp_hash_end(&state, words[0]);
    }
    tlsfp_hash_add(&state, words[0]);
    tlsfp_hash_add(&state, words[1]);
    return tlsfp_hash_end(&state, rest);
}

ports ports_of(const tlsfp_hash_key *key, const addresses *ip, uint16_t src_port, uint16_t dst_port)
{
    return (ports){
        .ip = ip,
        .src_port = src_port,
        .dst_port = dst_port,
        .src_hash = hash_end(key, ip->version, ip->src, src_port),
        .dst_hash = hash_end(key, ip->version, ip->dst, dst_port),
    };
}

static uint64_t key_of(uint64_t from, uint64_t to, uint8_t protocol)
{
    return mix(from + 3 * to + protocol) | 1;
}

uint64_t flow_key(const ports *ends, uint8_t protocol)
{
    return key_of(ends->src_hash, ends->dst_hash, protocol);
}

uint64_t reverse_key(const ports *ends, uint8_t protocol)
{
    return key_of(ends->dst_hash, ends->src_hash, protocol);
}

uint64_t fragments_key(const tlsfp_hash_key *key, const addresses *ip, uint8_t protocol,
                       uint32_t identification)
{
    uint64_t src = hash_end(key, ip->version, ip->src, identification),
             dst = hash_end(key, ip->version, ip->dst, protocol);
    return key_of(src, dst, protocol);
}

/** RFC 1071 4.1, without the complement. */
static uint64_t sum(tlsfp_span bytes)
{
    uint64_t total = 0;
    tlsfp_span pair;
    while (take(&bytes, 2, &pair))
        total += get_u16(pair, 0);
    return bytes.len > 0 ? total + (uint64_t)(get_u8(bytes, 0) << 8) : total;
}

static bool is_all_ones(uint64_t total)
{
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return total == 0xffff;
}

bool has_right_header_checksum(tlsfp_span header)
{
    return is_all_ones(sum(header));
}

bool has_right_checksum(const addresses *ip, uint8_t protocol, tlsfp_span bytes)
{
    size_t len = ip->version == 4 ? 4 : 16;
    return is_all_ones(sum((tlsfp_span){ip->src, len}) + sum((tlsfp_span){ip->dst, len}) +
                       protocol + bytes.len + sum(bytes));
}
