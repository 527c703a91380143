/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Frames of a capture, many at once, which stay good while others are read. */
#ifndef SEARCH_BLOCK_H
#define SEARCH_BLOCK_H

#include "read/capture.h"

enum { BLOCK_FRAMES = 4096 }; /**< In a block. */

/** Frames in a row. */
typedef struct {
    GArray *frames;       /**< Of frame. */
    source_buffer buffer; /**< What their bytes are in, once the reader has left it behind. */
} frame_block;

struct block_reader;

/** @param capture borrowed; read by nobody else from here on. */
struct block_reader *block_reader_new(struct capture *capture);

/** Frees @p reader; NULL is fine. */
void block_reader_free(struct block_reader *reader);

/** Makes an empty block. */
void block_init(frame_block *block);

/** Frees what is in a block. */
void block_clear(const frame_block *block);

/**
 * Reads the next frame, and with it those that are at hand then, into @p block, which must not be
 * the one that was read into last; those in there are good no more. The new ones are until it is
 * read into again, or the capture is closed.
 * @return as capture_next() of the first of them.
 */
capture_result block_read(struct block_reader *reader, frame_block *block, GError **error);

#endif
