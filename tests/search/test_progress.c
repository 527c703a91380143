/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/progress.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define WIPE "\r\033[K"

enum { LONGER_THAN_THE_INTERVAL_US = 150000 };

/** What was drawn since the last time; to be freed. */
static char *drawn(int fd)
{
    char text[4096];
    ssize_t n = read(fd, text, sizeof text);
    return g_strndup(text, n > 0 ? (gsize)n : 0);
}

static void open_pipe(int ends[2])
{
    g_assert_cmpint(pipe(ends), ==, 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void test_drawing(void)
{
    int ends[2];
    open_pipe(ends);
    progress_bar *bar = progress_new(ends[1], 1000);
    char *text = drawn(ends[0]);
    g_assert_cmpstr(text, ==, WIPE "  0% [                    ]  0 packets/s  0 hellos");
    g_free(text);
    g_usleep(LONGER_THAN_THE_INTERVAL_US);
    progress_add(bar, 500, 100, 3);
    text = drawn(ends[0]);
    g_assert_true(g_str_has_prefix(text, WIPE " 50% [==========          ]  "));
    g_assert_true(g_str_has_suffix(text, " packets/s  3 hellos"));
    g_free(text);
    progress_free(bar);
    text = drawn(ends[0]);
    g_assert_cmpstr(text, ==, WIPE);
    g_free(text);
    close(ends[0]);
    close(ends[1]);
}

/** At most ten times a second. */
static void test_seldom(void)
{
    int ends[2];
    open_pipe(ends);
    gint64 start_us = g_get_monotonic_time();
    progress_bar *bar = progress_new(ends[1], 1000);
    for (int i = 0; i < 1000; i++)
        progress_add(bar, 1, 1, 1);
    gint64 passed_us = g_get_monotonic_time() - start_us;
    char *text = drawn(ends[0]);
    gint64 n_drawings = 0;
    for (const char *at = text; (at = strstr(at, WIPE)) != NULL; at++)
        n_drawings++;
    g_assert_cmpint(n_drawings, <=, 1 + passed_us / 100000);
    g_free(text);
    progress_free(bar);
    close(ends[0]);
    close(ends[1]);
}

static void test_hide(void)
{
    int ends[2];
    open_pipe(ends);
    progress_bar *bar = progress_new(ends[1], 1000);
    g_free(drawn(ends[0]));
    progress_hide(bar);
    progress_hide(bar); /* there is nothing to wipe off any more */
    char *text = drawn(ends[0]);
    g_assert_cmpstr(text, ==, WIPE);
    g_free(text);
    progress_free(bar);
    text = drawn(ends[0]);
    g_assert_cmpstr(text, ==, "");
    g_free(text);
    progress_hide(NULL);
    progress_free(NULL);
    close(ends[0]);
    close(ends[1]);
}

/** A file that grows while it is read. */
static void test_too_much(void)
{
    int ends[2];
    open_pipe(ends);
    progress_bar *bar = progress_new(ends[1], 10);
    g_free(drawn(ends[0]));
    g_usleep(LONGER_THAN_THE_INTERVAL_US);
    progress_add(bar, 1000, 1, 0);
    char *text = drawn(ends[0]);
    g_assert_true(g_str_has_prefix(text, WIPE "100% [====================]  "));
    g_free(text);
    progress_free(bar);
    close(ends[0]);
    close(ends[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    g_test_add_func("/progress/drawing", test_drawing);
    g_test_add_func("/progress/seldom", test_seldom);
    g_test_add_func("/progress/hide", test_hide);
    g_test_add_func("/progress/too-much", test_too_much);
    return g_test_run();
}
