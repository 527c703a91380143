/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Takes a fuzzer's input apart. Where it has ended there are zeros, so that every input
 * means something. */
#ifndef TLSFP_INPUT_H
#define TLSFP_INPUT_H

#include "writer.h"

static inline tlsfp_span input_bytes(tlsfp_span *input, size_t len)
{
    tlsfp_span out = slice(*input, 0, len);
    *input = slice(*input, len, input->len);
    return out;
}

static inline uint8_t input_u8(tlsfp_span *input)
{
    tlsfp_span byte = input_bytes(input, 1);
    return byte.len == 1 ? byte.data[0] : 0;
}

static inline uint16_t input_u16(tlsfp_span *input)
{
    uint8_t high = input_u8(input);
    return (uint16_t)(high << 8 | input_u8(input));
}

/** A length of two bytes, and as many bytes, if there are so many. */
static inline tlsfp_span input_vector(tlsfp_span *input)
{
    return input_bytes(input, input_u16(input));
}

#endif
