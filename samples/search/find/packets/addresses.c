/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/addresses.h"

#include <string.h>

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    return value ^ value >> 32;
}

static uint64_t hash_address(uint8_t version, const uint8_t *address)
{
    uint64_t halves[2] = {version, 0};
    if (version == 4) {
        memcpy(&halves[1], address, 4);
        return mix(halves[0] << 56 | halves[1]);
    }
    memcpy(halves, address, sizeof halves);
    return mix(halves[0] + mix(halves[1]));
}

ports ports_of(const addresses *ip, uint16_t src_port, uint16_t dst_port)
{
    return (ports){
        .ip = ip,
        .src_port = src_port,
        .dst_port = dst_port,
        .src_hash = hash_address(ip->version, ip->src) + mix(src_port),
        .dst_hash = hash_address(ip->version, ip->dst) + mix(dst_port),
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

uint64_t fragments_key(const addresses *ip, uint8_t protocol, uint32_t identification)
{
    uint64_t src = hash_address(ip->version, ip->src), dst = hash_address(ip->version, ip->dst);
    return mix(key_of(src, dst, protocol) + identification);
}
