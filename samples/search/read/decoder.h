/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Decompresses gzip, zstd, xz, lz4 and bzip2: one layer, in this process, within a budget of memory
 * (budget.h).
 */
#ifndef SEARCH_DECODER_H
#define SEARCH_DECODER_H

#include <sys/types.h>
#include <tlsfp/types.h>

typedef struct {
    const char *name;   /**< "gzip" */
    const char *to_cat; /**< The command that decompresses it to standard output. */
    size_t memory;      /**< Bytes that decoding takes; 0 where the file says. */
    int filter;         /**< libarchive's; 0 where another library decodes it. */
} compression;

/** How a file that starts with these bytes is compressed: one of those above, one that is only
 * known by name (to_cat is NULL), or NULL for none. */
const compression *compression_of(tlsfp_span start);

enum { MAX_MAGIC = 6 }; /**< Bytes that compression_of() needs. */

/** Gives the next compressed bytes: returns how many, 0 at the end, -1 with errno set. */
typedef ssize_t decoder_feed(void *data, const uint8_t **out);

typedef struct stream_decoder stream_decoder;

#define DECODER_ERROR (decoder_error_quark())
GQuark decoder_error_quark(void);

/**
 * @param feed is called with @p data.
 * @return owned by the caller, to be freed with decoder_free().
 */
stream_decoder *decoder_new(const compression *kind, decoder_feed *feed, void *data);

/** Frees @p decoder and gives its memory back; NULL is fine. */
void decoder_free(stream_decoder *decoder);

/** Writes at most @p len bytes to @p out; returns how many, 0 at the end, -1 with @p error set. */
ssize_t decoder_read(stream_decoder *decoder, uint8_t *out, size_t len, GError **error);

#endif
