/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/output.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { MAX_KEPT = 8 * 1024 * 1024 };

typedef struct {
    char *path;
    int fd;
    output *out;
} written;

static written open_output(bool per_line)
{
    written to;
    GError *error = NULL;
    to.fd = g_file_open_tmp(NULL, &to.path, &error);
    g_assert_no_error(error);
    to.out = output_new(to.fd, per_line, MAX_KEPT);
    return to;
}

static char *text_of(const written *to)
{
    char *text;
    GError *error = NULL;
    g_file_get_contents(to->path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static void assert_written(const written *to, const char *expected)
{
    char *text = text_of(to);
    g_assert_cmpstr(text, ==, expected);
    g_free(text);
}

static void free_written(written *to)
{
    g_unlink(to->path);
    g_free(to->path);
    close(to->fd);
}

static void close_output(written *to, const char *expected)
{
    GError *error = NULL;
    g_assert_true(output_close(to->out, &error));
    g_assert_no_error(error);
    assert_written(to, expected);
    free_written(to);
}

static void put(out_lane *to, const char *line)
{
    lane_put(to, line, strlen(line));
}

static void test_one_lane(void)
{
    written to = open_output(false);
    out_lane *only = output_lane(to.out);
    put(only, "a\n");
    put(only, "b\n");
    assert_written(&to, "");
    lane_finish(only);
    close_output(&to, "a\nb\n");
}

static void test_nothing(void)
{
    written to = open_output(false);
    lane_finish(output_lane(to.out));
    close_output(&to, "");
}

static void test_per_line(void)
{
    written to = open_output(true);
    out_lane *only = output_lane(to.out);
    put(only, "a\n");
    assert_written(&to, "a\n");
    put(only, "b\n");
    assert_written(&to, "a\nb\n");
    lane_finish(only);
    close_output(&to, "a\nb\n");
}

/** Whichever lane finishes first, their order is that in which they were made. */
static void test_order(void)
{
    written to = open_output(true);
    out_lane *first = output_lane(to.out), *second = output_lane(to.out),
             *third = output_lane(to.out);
    put(third, "5\n");
    put(second, "3\n");
    put(first, "1\n");
    assert_written(&to, "1\n");
    lane_finish(third);
    put(second, "4\n");
    put(first, "2\n");
    assert_written(&to, "1\n2\n");
    lane_finish(first);
    assert_written(&to, "1\n2\n3\n4\n");
    out_lane *fourth = output_lane(to.out);
    put(fourth, "6\n");
    lane_finish(fourth);
    lane_finish(second);
    close_output(&to, "1\n2\n3\n4\n5\n6\n");
}

/** The lane whose turn it becomes writes what it kept, and then writes through. */
static void test_turn(void)
{
    written to = open_output(true);
    out_lane *first = output_lane(to.out), *second = output_lane(to.out);
    put(second, "2\n");
    lane_finish(first);
    assert_written(&to, "2\n");
    put(second, "3\n");
    assert_written(&to, "2\n3\n");
    lane_finish(second);
    close_output(&to, "2\n3\n");
}

/* More than is kept in memory, in pieces around the size of those that are written together. */
typedef struct {
    const char *name;
    size_t line_len;
    unsigned n_lines, n_lanes;
} spill_case;

static const spill_case spill_cases[] = {
    {"short-lines", 37, 500000, 2},
    {"chunks", 65536, 400, 2},
    {"longer-than-chunks", 65537, 400, 3},
    {"long-lines", 5000000, 3, 4},
};

static void make_line(GString *line, size_t len, unsigned lane_number, unsigned number)
{
    g_string_printf(line, "%u %u ", lane_number, number);
    size_t start_len = line->len;
    g_string_set_size(line, len - 1);
    if (start_len < len - 1)
        memset(line->str + start_len, 'a' + (int)(number % 26), len - 1 - start_len);
    g_string_append_c(line, '\n');
}

static void test_spill(const void *data)
{
    const spill_case *row = data;
    written to = open_output(false);
    out_lane *lanes[4];
    GString *line = g_string_new(NULL), *expected = g_string_new(NULL);
    for (unsigned i = 0; i < row->n_lanes; i++)
        lanes[i] = output_lane(to.out);
    for (unsigned i = row->n_lanes; i-- > 0;) { /* the first one last, so that all others wait */
        for (unsigned n = 0; n < row->n_lines; n++) {
            make_line(line, row->line_len, i, n);
            lane_put(lanes[i], line->str, line->len);
        }
        lane_finish(lanes[i]);
    }
    for (unsigned i = 0; i < row->n_lanes; i++)
        for (unsigned n = 0; n < row->n_lines; n++) {
            make_line(line, row->line_len, i, n);
            g_string_append_len(expected, line->str, (gssize)line->len);
        }
    close_output(&to, expected->str);
    g_string_free(line, TRUE);
    g_string_free(expected, TRUE);
}

/** Fills a lane that waits behind another, then lets both end. */
static void wait_in_turn(output *out, const char *text, size_t len)
{
    out_lane *first = output_lane(out), *second = output_lane(out);
    lane_put(second, text, len);
    lane_finish(second);
    lane_finish(first);
}

/** What a lane kept in memory is given back when its turn comes: however often lanes wait, nothing
 * goes to a temporary file, for which there is no place here. */
static void test_memory_in_subprocess(void)
{
    const size_t len = MAX_KEPT / 2;
    char *text = g_strnfill(len, 'x');
    int fd = open("/dev/null", O_WRONLY);
    output *out = output_new(fd, false, MAX_KEPT);
    for (int i = 0; i < 8; i++)
        wait_in_turn(out, text, len);
    g_assert_false(output_failed(out));
    out_lane *first = output_lane(out), *second = output_lane(out);
    lane_put(second, text, len);
    lane_put(second, text, len);
    g_assert_false(output_failed(out));
    lane_put(second, text, len); /* more than is kept */
    g_assert_true(output_failed(out));
    lane_finish(second);
    lane_finish(first);
    g_assert_false(output_close(out, NULL));
    g_free(text);
    close(fd);
}

static void test_memory_is_given_back(void)
{
    char *usual = g_strdup(g_getenv("TMPDIR"));
    g_setenv("TMPDIR", "/nowhere", TRUE); /* looked up once in a process */
    g_test_trap_subprocess("/output/memory/subprocess", 0, 0);
    if (usual != NULL)
        g_setenv("TMPDIR", usual, TRUE);
    else
        g_unsetenv("TMPDIR");
    g_free(usual);
    g_test_trap_assert_passed();
}

/* Lanes filled by threads of their own. */
enum { N_LANES = 20, N_LINES = 20000 };

static gpointer fill(gpointer data)
{
    out_lane *to = data;
    for (int i = 0; i < N_LINES; i++)
        put(to, "a line of some length\n");
    put(to, "end\n");
    lane_finish(to);
    return NULL;
}

static void test_threads(void)
{
    written to = open_output(false);
    GString *expected = g_string_new(NULL);
    GThread *threads[N_LANES];
    for (int i = 0; i < N_LANES; i++) {
        threads[i] = g_thread_new("fill", fill, output_lane(to.out));
        for (int n = 0; n < N_LINES; n++)
            g_string_append(expected, "a line of some length\n");
        g_string_append(expected, "end\n");
    }
    for (int i = 0; i < N_LANES; i++)
        g_thread_join(threads[i]);
    close_output(&to, expected->str);
    g_string_free(expected, TRUE);
}

static void note(void *data)
{
    ++*(int *)data;
}

static void test_watch(void)
{
    int n_times = 0;
    written to = open_output(true);
    output_watch(to.out, note, &n_times);
    out_lane *first = output_lane(to.out), *second = output_lane(to.out);
    put(second, "b\n");
    g_assert_cmpint(n_times, ==, 0);
    put(first, "a\n");
    g_assert_cmpint(n_times, ==, 1);
    lane_finish(first);
    g_assert_cmpint(n_times, ==, 2);
    lane_finish(second);
    close_output(&to, "a\nb\n");
}

static void test_full(void)
{
    GError *error = NULL;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    output *out = output_new(fd, false, MAX_KEPT);
    out_lane *only = output_lane(out);
    put(only, "a\n");
    g_assert_false(output_failed(out));
    lane_finish(only);
    g_assert_true(output_failed(out));
    g_assert_false(output_is_broken(out));
    g_assert_false(output_close(out, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    close(fd);
}

static void test_broken(void)
{
    GError *error = NULL;
    int ends[2];
    signal(SIGPIPE, SIG_IGN);
    g_assert_cmpint(pipe(ends), ==, 0);
    close(ends[0]);
    output *out = output_new(ends[1], true, MAX_KEPT);
    out_lane *only = output_lane(out);
    put(only, "a\n");
    g_assert_true(output_is_broken(out));
    put(only, "b\n");
    lane_finish(only);
    g_assert_false(output_close(out, &error));
    g_clear_error(&error);
    close(ends[1]);
}

static void append_message(const char *message, void *data)
{
    g_string_append_printf(data, "%s ", message);
}

/** In the order of the lanes, whichever ends first. */
static void test_messages(void)
{
    written to = open_output(false);
    GString *said = g_string_new(NULL);
    output_listen(to.out, append_message, said);
    out_lane *first = output_lane(to.out), *second = output_lane(to.out);
    lane_say(second, "second");
    lane_say(second, "third");
    lane_finish(second);
    g_assert_cmpstr(said->str, ==, "");
    lane_say(first, "first");
    lane_finish(first);
    g_assert_cmpstr(said->str, ==, "first second third ");
    g_string_free(said, TRUE);
    close_output(&to, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    g_test_add_func("/output/messages", test_messages);
    g_test_add_func("/output/memory", test_memory_is_given_back);
    g_test_add_func("/output/memory/subprocess", test_memory_in_subprocess);
    g_test_add_func("/output/one-lane", test_one_lane);
    g_test_add_func("/output/nothing", test_nothing);
    g_test_add_func("/output/per-line", test_per_line);
    g_test_add_func("/output/order", test_order);
    g_test_add_func("/output/turn", test_turn);
    for (size_t i = 0; i < G_N_ELEMENTS(spill_cases); i++) {
        char *path = g_strdup_printf("/output/spill/%s", spill_cases[i].name);
        g_test_add_data_func(path, &spill_cases[i], test_spill);
        g_free(path);
    }
    g_test_add_func("/output/threads", test_threads);
    g_test_add_func("/output/watch", test_watch);
    g_test_add_func("/output/full", test_full);
    g_test_add_func("/output/broken", test_broken);
    return g_test_run();
}
