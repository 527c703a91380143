/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/log_writer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUEUE = 4096 };

static void drop_line(GString *out, uint64_t n)
{
    g_string_append_printf(out, "dropped %" G_GUINT64_FORMAT, n);
}

static char *read_rest(int fd)
{
    GString *text = g_string_new(NULL);
    char bytes[4096];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        g_string_append_len(text, bytes, n);
    return g_string_free(text, FALSE);
}

static void add(log_writer *writer, const char *text)
{
    GString *line = g_string_new(text);
    log_writer_add(writer, line);
    g_string_free(line, TRUE);
}

static void test_order(void)
{
    int ends[2];
    g_assert_cmpint(pipe(ends), ==, 0);
    log_writer *writer = log_writer_new(ends[1], QUEUE, drop_line);
    add(writer, "one");
    add(writer, "two");
    log_writer_free(writer);
    close(ends[1]);
    char *text = read_rest(ends[0]);
    g_assert_cmpstr(text, ==, "one\ntwo\n");
    g_free(text);
    close(ends[0]);
}

/** A reader who reads nothing: adding never waits, and what was dropped is told once he reads. */
static void test_stalled(void)
{
    int ends[2];
    char line[101];
    memset(line, 'x', 100);
    line[100] = '\0';
    g_assert_cmpint(pipe(ends), ==, 0);
    log_writer *writer = log_writer_new(ends[1], QUEUE, drop_line);
    const unsigned n_added = 20000; /* 2 MB; a pipe holds 64 KiB */
    for (unsigned i = 0; i < n_added; i++)
        add(writer, line);
    GThread *reader =
        g_thread_new("reader", (GThreadFunc)(void (*)(void))read_rest, GINT_TO_POINTER(ends[0]));
    g_usleep(50000); /* the reader takes what waits, and the count follows */
    log_writer_free(writer);
    close(ends[1]);
    char *text = g_thread_join(reader);
    char **lines = g_strsplit(text, "\n", 0);
    uint64_t n_told = 0, n_dropped = 0;
    for (char **at = lines; **at != '\0'; at++) {
        if (g_str_has_prefix(*at, "dropped "))
            n_dropped += strtoull(*at + strlen("dropped "), NULL, 10);
        else
            g_assert_cmpstr(*at, ==, line);
        n_told += **at == 'x';
    }
    g_assert_cmpuint(n_dropped, >, 0);
    g_assert_cmpuint(n_told + n_dropped, ==, n_added);
    g_assert_cmpuint(n_told, <, 2000);
    g_strfreev(lines);
    g_free(text);
    close(ends[0]);
}

/** Nobody ever reads: the end comes all the same. */
static void test_end(void)
{
    int ends[2];
    g_assert_cmpint(pipe(ends), ==, 0);
    g_assert_cmpint(fcntl(ends[1], F_SETPIPE_SZ, 4096), >, 0);
    log_writer *writer = log_writer_new(ends[1], 1 << 20, drop_line);
    for (unsigned i = 0; i < 1000; i++)
        add(writer, "a line that is not read, as nobody is there who would");
    log_writer_free(writer);
    close(ends[0]);
    close(ends[1]);
}

static gpointer add_many(gpointer data)
{
    for (unsigned i = 0; i < 500; i++)
        add(data, "0123456789012345678901234567890123456789");
    return NULL;
}

static void test_threads(void)
{
    int ends[2];
    g_assert_cmpint(pipe(ends), ==, 0);
    GThread *reader =
        g_thread_new("reader", (GThreadFunc)(void (*)(void))read_rest, GINT_TO_POINTER(ends[0]));
    log_writer *writer = log_writer_new(ends[1], 1 << 20, drop_line);
    GThread *threads[4];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("adder", add_many, writer);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    log_writer_free(writer);
    close(ends[1]);
    char *text = g_thread_join(reader);
    char **lines = g_strsplit(text, "\n", 0);
    g_assert_cmpuint(g_strv_length(lines), ==, 4 * 500 + 1);
    for (size_t i = 0; i < 4 * 500; i++)
        g_assert_cmpuint(strlen(lines[i]), ==, 40);
    g_strfreev(lines);
    g_free(text);
    close(ends[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log_writer/order", test_order);
    g_test_add_func("/log_writer/stalled", test_stalled);
    g_test_add_func("/log_writer/end", test_end);
    g_test_add_func("/log_writer/threads", test_threads);
    return g_test_run();
}
