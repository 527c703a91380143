/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/frame_room.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

enum { BUFFER = 16384 + 9 + 1, ROOM = 16384 + 4096 };

/** The first block of a frame's size has pages of its own; others are the heap's. */
static void test_pages(void)
{
    frame_room room = {NULL};
    nghttp2_mem memory = frame_room_allocator(&room);
    void *small = memory.malloc(100, memory.mem_user_data);
    g_assert_null(room.pages);
    uint8_t *buffer = memory.realloc(NULL, BUFFER, memory.mem_user_data);
    g_assert_true(buffer != NULL && buffer == room.pages);
    buffer[0] = buffer[BUFFER - 1] = 1;
    void *second = memory.malloc(BUFFER, memory.mem_user_data);
    g_assert_true(second != NULL && second != buffer && room.pages == buffer);
    memory.free(second, memory.mem_user_data);
    memory.free(small, memory.mem_user_data);
    memory.free(NULL, memory.mem_user_data);
    g_assert_true(room.pages == buffer);
    memory.free(buffer, memory.mem_user_data);
    g_assert_null(room.pages);
    buffer = memory.malloc(BUFFER, memory.mem_user_data); /* again */
    g_assert_true(buffer == room.pages);
    memory.free(buffer, memory.mem_user_data);
}

static void test_sizes(void)
{
    static const struct {
        size_t size;
        bool pages;
    } rows[] = {{16383, false}, {16384, true}, {ROOM, true}, {ROOM + 1, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        frame_room room = {NULL};
        nghttp2_mem memory = frame_room_allocator(&room);
        void *block = memory.malloc(rows[i].size, memory.mem_user_data);
        g_assert_true((room.pages != NULL) == rows[i].pages);
        memset(block, 1, rows[i].size);
        memory.free(block, memory.mem_user_data);
    }
}

/** A block keeps its bytes: within its pages it stays, and beyond it moves to the heap. */
static void test_resized(void)
{
    frame_room room = {NULL};
    nghttp2_mem memory = frame_room_allocator(&room);
    uint8_t *pages = memory.malloc(BUFFER, memory.mem_user_data);
    for (size_t i = 0; i < ROOM; i++)
        pages[i] = (uint8_t)(i % 251);
    g_assert_true(memory.realloc(pages, ROOM, memory.mem_user_data) == pages);
    uint8_t *larger = memory.realloc(pages, 2 * ROOM, memory.mem_user_data);
    g_assert_true(larger != pages);
    g_assert_null(room.pages);
    larger = memory.realloc(larger, 3 * ROOM, memory.mem_user_data);
    for (size_t i = 0; i < ROOM; i++)
        g_assert_cmpuint(larger[i], ==, i % 251);
    memory.free(larger, memory.mem_user_data);
}

static void test_zeros(void)
{
    frame_room room = {NULL};
    nghttp2_mem memory = frame_room_allocator(&room);
    uint32_t *zeros = memory.calloc(1000, sizeof *zeros, memory.mem_user_data);
    for (size_t i = 0; i < 1000; i++)
        g_assert_cmpuint(zeros[i], ==, 0);
    memory.free(zeros, memory.mem_user_data);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame-room/pages", test_pages);
    g_test_add_func("/frame-room/sizes", test_sizes);
    g_test_add_func("/frame-room/resized", test_resized);
    g_test_add_func("/frame-room/zeros", test_zeros);
    return g_test_run();
}
