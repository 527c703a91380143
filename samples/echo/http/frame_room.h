/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Memory for nghttp2, such that a session that waits takes little of it.
 *
 * A session has a buffer for the largest frame as long as it lives. Here this buffer has pages of
 * its own: those that are never written to, as frames are small, take no memory.
 */
#ifndef ECHO_FRAME_ROOM_H
#define ECHO_FRAME_ROOM_H

#include <nghttp2/nghttp2.h>

/** One for each session; zeros are the start of one. */
typedef struct {
    void *pages; /**< NULL while the session has no such buffer. */
} frame_room;

/** What a session allocates by; @p room must stay as long as the session. */
nghttp2_mem frame_room_allocator(frame_room *room);

#endif
