/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Input in a heap block of its exact size, so that AddressSanitizer sees one byte over. */
#ifndef TLSFP_EXACT_BLOCK_H
#define TLSFP_EXACT_BLOCK_H

#include <stdlib.h>
#include <string.h>
#include <tlsfp/types.h>

/** A copy of @p bytes; to be freed with exact_block_free(). */
static inline tlsfp_span exact_block(tlsfp_span bytes)
{
    uint8_t *block = malloc(bytes.len); /* g_malloc(0) would give NULL */
    g_assert_nonnull(block);
    if (bytes.len > 0)
        memcpy(block, bytes.data, bytes.len);
    return (tlsfp_span){block, bytes.len};
}

static inline void exact_block_free(tlsfp_span block)
{
    free((void *)block.data);
}

#endif
