/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a capture file. It is read, and its packets are searched as the program does it; a
 * hello that is found has fingerprints, and two searches find the same.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "captures.h"
#include "fuzz_target.h"

enum {
    MEMORY = 256 * 1024, /* small, so that old hellos are pushed out */
    MAX_HELLO = 16 * 1024,
};

static tlsfp_context *context;

static void check_found(const found_hello *found, void *data)
{
    uint64_t *n_hellos = (uint64_t *)data;
    char ja4[TLSFP_JA4_SIZE];
    *n_hellos += !found->is_overlap;
    g_assert_cmpuint(found->hello->message.len, <=, MAX_HELLO);
    g_assert_true(found->ends->version == 4 || found->ends->version == 6 ||
                  found->ends->version == 0);
    tlsfp_ja4(context, found->hello, TLSFP_SORTED, ja4);
    g_assert_cmpuint(strlen(ja4), ==, TLSFP_JA4_SIZE - 1);
}

static void search(const char *path, bool answers)
{
    const finder_limits limits = {.memory = MEMORY, .max_hello = MAX_HELLO, .answers = answers, .all_copies = answers};
    GError *error = NULL;
    uint64_t n_frames = 0, n_hellos = 0;
    struct capture *opened = capture_open(path, &error);
    struct finder *searching = finder_new(&limits, context, check_found, &n_hellos);
    frame packet;
    while (opened != NULL && capture_next(opened, &packet, &error) == CAPTURE_FRAME) {
        g_assert_cmpuint(packet.number, ==, ++n_frames);
        finder_add(searching, &packet);
    }
    finder_end(searching);
    finder_counts counts = finder_counted(searching);
    g_assert_cmpuint(counts.frames, ==, n_frames);
    g_assert_cmpuint(counts.hellos, ==, n_hellos);
    g_clear_error(&error);
    finder_free(searching);
    capture_close(opened);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (context == NULL)
        context = tlsfp_context_new();
    int fd = memfd_create("capture", 0);
    if (fd < 0 || write(fd, data, len) != (ssize_t)len)
        g_error("no memory for the capture");
    char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    search(path, false);
    search(path, true);
    g_free(path);
    close(fd);
    return 0;
}
