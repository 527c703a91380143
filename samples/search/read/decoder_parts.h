/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the decoders share: decoder.c, unxz.c and unzstd.c. */
#ifndef SEARCH_DECODER_PARTS_H
#define SEARCH_DECODER_PARTS_H

#include "read/budget.h"
#include "read/decoder.h"

/** Compressed bytes as they come. */
typedef struct {
    decoder_feed *feed;
    void *data;
    const uint8_t *bytes;
    size_t len;
    bool at_end;
} decoder_input;

/** Fetches bytes where there are none; false with @p error set where reading fails. */
bool input_fill(decoder_input *input, GError **error);

/** Sets @p error; returns -1. */
ssize_t decoder_fail(GError **error, const char *why);

/** Reserves memory; false with @p error set where it cannot be had. */
bool decoder_reserve(size_t size, size_t *reserved, const char *to_cat, GError **error);

typedef struct xz_decoder xz_decoder;
xz_decoder *unxz_new(void);
void unxz_free(xz_decoder *decoder);
ssize_t unxz_read(xz_decoder *decoder, decoder_input *input, size_t *reserved, uint8_t *out,
                  size_t len, GError **error);

typedef struct zstd_decoder zstd_decoder;
zstd_decoder *unzstd_new(void);
void unzstd_free(zstd_decoder *decoder);
ssize_t unzstd_read(zstd_decoder *decoder, decoder_input *input, size_t *reserved, uint8_t *out,
                    size_t len, GError **error);

#endif
