/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/addresses.h"

#include <string.h>
#include <tlsfp/reader.h>

enum { UDP = 17 };

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

void connection_factors_draw(const tlsfp_hash_key *key, connection_factors *out)
{
    uint64_t *factors = (uint64_t *)out;
    for (size_t i = 0; i < sizeof *out / sizeof *factors; i++) {
        uint64_t number = i;
        factors[i] = tlsfp_hash_words(key, &number, 1);
    }
}

/** The upper halves of two sums; the lowest bits are left free. */
static uint64_t join(uint64_t first, uint64_t second)
{
    uint64_t hash = (first >> 32 << 32 | second >> 32) >> KEY_BITS << KEY_BITS;
    return hash | (uint64_t)(hash == 0) << KEY_BITS;
}

static inline uint64_t hash_words(const uint64_t (*factors)[2], const uint32_t *words, size_t n)
{
    uint64_t first = factors[n][0], second = factors[n][1];
    for (size_t i = 0; i < n; i++) {
        first += factors[i][0] * words[i];
        second += factors[i][1] * words[i];
    }
    return join(first, second);
}

/** Both ports, in the order of the addresses. */
static uint32_t join_ports(const ports *ends, bool is_reverse)
{
    return is_reverse ? (uint32_t)ends->dst_port << 16 | ends->src_port
                      : (uint32_t)ends->src_port << 16 | ends->dst_port;
}

/** The ends are hashed in an order that does not depend on who sends. */
static inline uint64_t key_v4(const connection_factors *factors, const ports *ends)
{
    uint32_t src, dst;
    memcpy(&src, ends->ip->src, sizeof src);
    memcpy(&dst, ends->ip->dst, sizeof dst);
    bool is_reverse = src == dst ? ends->src_port > ends->dst_port : src > dst;
    const uint32_t words[WORDS_4] = {is_reverse ? dst : src, is_reverse ? src : dst,
                                     join_ports(ends, is_reverse)};
    return hash_words(factors->v4, words, WORDS_4) | is_reverse;
}

static uint64_t key_v6(const connection_factors *factors, const ports *ends)
{
    enum { ADDRESS = 16 };
    const uint8_t *src = ends->ip->src, *dst = ends->ip->dst;
    uint32_t words[WORDS_6];
    int order = memcmp(src, dst, ADDRESS);
    bool is_reverse = order == 0 ? ends->src_port > ends->dst_port : order > 0;
    memcpy(words, is_reverse ? dst : src, ADDRESS);
    memcpy(words + 4, is_reverse ? src : dst, ADDRESS);
    words[8] = join_ports(ends, is_reverse);
    return hash_words(factors->v6, words, WORDS_6) | is_reverse;
}

uint64_t flow_key(const connection_factors *factors, const ports *ends, uint8_t protocol)
{
    uint64_t key = ends->ip->version == 4 ? key_v4(factors, ends) : key_v6(factors, ends);
    return key | (protocol == UDP ? KEY_UDP : 0u);
}

uint64_t fragments_key(const tlsfp_hash_key *key, const addresses *ip, uint8_t protocol,
                       uint32_t identification)
{
    uint64_t src = hash_end(key, ip->version, ip->src, identification),
             dst = hash_end(key, ip->version, ip->dst, protocol);
    return mix(src + 3 * dst + protocol) | 1;
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
