/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * An allocator for nghttp2 that keeps idle sessions small.
 *
 * A session holds a buffer for the largest frame as long as it lives. This allocator gives the
 * buffer pages of its own; those that small frames never touch take no memory.
 */
#ifndef ECHO_FRAME_ROOM_H
#define ECHO_FRAME_ROOM_H

#include <nghttp2/nghttp2.h>

/** One for each session; starts as zeros. */
typedef struct {
    void *pages; /**< NULL while the session has no buffer. */
} frame_room;

/** The allocator of a session; @p room must stay as long as the session. */
nghttp2_mem frame_room_allocator(frame_room *room);

#endif
