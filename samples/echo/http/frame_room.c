/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/frame_room.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    LARGEST_FRAME = 16384, /* RFC 9113 4.2 */
    ROOM_SIZE = LARGEST_FRAME + 4096,
};

static void *take(size_t size, void *data)
{
    frame_room *room = data;
    if (size < LARGEST_FRAME || size > ROOM_SIZE || room->pages != NULL)
        return malloc(size);
    void *pages = mmap(NULL, ROOM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return malloc(size);
    room->pages = pages;
    return pages;
}

static void give_back(void *block, void *data)
{
    frame_room *room = data;
    if (block == NULL || block != room->pages) {
        free(block);
        return;
    }
    munmap(block, ROOM_SIZE);
    room->pages = NULL;
}

static void *take_zeros(size_t n, size_t size, void *data)
{
    (void)data;
    return calloc(n, size);
}

static void *resize(void *block, size_t size, void *data)
{
    const frame_room *room = data;
    if (block == NULL) /* nghttp2 allocates the buffer this way */
        return take(size, data);
    if (block != room->pages)
        return realloc(block, size);
    if (size <= ROOM_SIZE)
        return block;
    void *larger = malloc(size);
    if (larger == NULL)
        return NULL;
    memcpy(larger, block, ROOM_SIZE);
    give_back(block, data);
    return larger;
}

nghttp2_mem frame_room_allocator(frame_room *room)
{
    return (nghttp2_mem){room, take, give_back, take_zeros, resize};
}
