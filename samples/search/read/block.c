/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/block.h"

struct block_reader {
    struct capture *capture;
    frame_block *last; /* its frames are in the buffer that is left behind next */
};

struct block_reader *block_reader_new(struct capture *capture)
{
    struct block_reader *reader = g_new0(struct block_reader, 1);
    reader->capture = capture;
    capture_keep(capture);
    return reader;
}

void block_reader_free(struct block_reader *reader)
{
    g_free(reader);
}

void block_init(frame_block *block)
{
    *block = (frame_block){.frames = g_array_sized_new(FALSE, FALSE, sizeof(frame), BLOCK_FRAMES)};
}

void block_clear(const frame_block *block)
{
    g_array_free(block->frames, TRUE);
    g_free(block->buffer.data);
}

/** The first of the buffers left behind is that of the last block; the others hold but the start
 * of a frame, which was copied. */
static void hand_over(struct block_reader *reader)
{
    source_buffer left;
    while (capture_take_buffer(reader->capture, &left)) {
        if (reader->last != NULL)
            reader->last->buffer = left;
        else
            capture_give_back(reader->capture, left);
        reader->last = NULL;
    }
}

capture_result block_read(struct block_reader *reader, frame_block *block, GError **error)
{
    if (block->buffer.data != NULL)
        capture_give_back(reader->capture, block->buffer);
    block->buffer = (source_buffer){0};
    capture_result result = capture_next_some(reader->capture, BLOCK_FRAMES, block->frames, error);
    hand_over(reader);
    if (result == CAPTURE_FRAME)
        reader->last = block;
    return result;
}
