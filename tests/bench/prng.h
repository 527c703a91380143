/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Random numbers that are the same in every run: xorshift64*, Marsaglia and Vigna. */
#ifndef BENCH_PRNG_H
#define BENCH_PRNG_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint64_t state; /**< Never 0. */
} prng;

static inline uint64_t prng_next(prng *numbers)
{
    numbers->state ^= numbers->state >> 12;
    numbers->state ^= numbers->state << 25;
    numbers->state ^= numbers->state >> 27;
    return numbers->state * UINT64_C(0x2545f4914f6cdd1d);
}

/** A number below @p end, which is at most 2^32. */
static inline uint32_t prng_below(prng *numbers, uint64_t end)
{
    return (uint32_t)((prng_next(numbers) >> 32) * end >> 32);
}

static inline void prng_fill(prng *numbers, uint8_t *out, size_t len)
{
    for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
        uint64_t value = prng_next(numbers);
        memcpy(out + at, &value, len - at < sizeof value ? len - at : sizeof value);
    }
}

#endif
