/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/feed.h"

#include <captures.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add/feed_parts.h"

enum { SNIFF = 512, SPOOL_CHUNK = 256 * 1024 };

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

bool feed_is_stopped(void)
{
    return stopped != 0;
}

/** Without SA_RESTART: a read that waits ends. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

struct feed *feed_new(store *census, const feed_options *options)
{
    struct feed *feed = g_new0(struct feed, 1);
    feed->census = census;
    feed->options = options;
    feed->batch = batch_new();
    feed->other = batch_new();
    feed->writer = writer_new(census);
    feed->room = (record_room){g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)};
    feed->last_write = g_get_monotonic_time();
    catch_signals();
    return feed;
}

void feed_free(struct feed *feed)
{
    if (feed == NULL)
        return;
    writer_free(feed->writer);
    batch_free(feed->batch);
    batch_free(feed->other);
    g_string_free(feed->room.text, TRUE);
    g_string_free(feed->room.server, TRUE);
    g_string_free(feed->room.agent, TRUE);
    g_free(feed);
}

feed_counts feed_counted(const struct feed *feed)
{
    feed_counts counts = feed->counts;
    counts.hellos = writer_hellos(feed->writer);
    return counts;
}

bool feed_is_due(const struct feed *feed)
{
    return batch_is_full(feed->batch) ||
           g_get_monotonic_time() - feed->last_write >= WRITE_EVERY_S * G_USEC_PER_SEC;
}

bool feed_write(struct feed *feed, struct origin *origin, bool commit, GError **error)
{
    const bool full = batch_is_full(feed->batch);
    if (!writer_start(feed->writer, feed->batch, origin, commit, error))
        return false;
    struct batch *empty = feed->other;
    feed->other = feed->batch;
    feed->batch = empty;
    feed->last_write = g_get_monotonic_time();
    return full || writer_finish(feed->writer, error);
}

void feed_progress(const struct feed *feed, const char *name, double share)
{
    enum { WIDTH = 40 };
    if (feed->options->quiet || isatty(STDERR_FILENO) == 0)
        return;
    if (share < 0) {
        fputs("\r\033[K", stderr);
        return;
    }
    char bar[WIDTH + 1];
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < share * WIDTH ? '#' : '.';
    bar[WIDTH] = '\0';
    char *escaped = g_strescape(name, NULL);
    fprintf(stderr, "\r[%s] %3.0f %% %.60s\033[K", bar, 100 * share, escaped);
    g_free(escaped);
}

/** Reports a file that cannot be read; the others are still added. */
static bool pass_over(struct feed *feed, GError *reason)
{
    feed_progress(feed, "", -1);
    fprintf(stderr, "tlsfp-census: %s\n", reason->message);
    g_error_free(reason);
    feed->counts.failed_files++;
    return true;
}

/** Whether it begins as NDJSON does. */
static bool is_ndjson(int fd)
{
    char start[SNIFF];
    const ssize_t n = pread(fd, start, sizeof start, 0);
    for (ssize_t i = 0; i < n; i++)
        if (!g_ascii_isspace(start[i]))
            return start[i] == '{';
    return false;
}

/** Adds what is new of a source. A problem with the file is reported, and is no failure. */
static bool add_source(struct feed *feed, struct origin *origin, const char *path, int fd,
                       int next_fd, GError **error)
{
    GError *reason = NULL;
    feed->told = 0;
    feed->last_write = g_get_monotonic_time();
    const bool fine = origin->kind == ORIGIN_CAPTURE
                          ? feed_capture(feed, origin, path, &reason)
                          : feed_lines(feed, origin, fd, next_fd, &reason);
    feed_progress(feed, "", -1);
    if (!writer_finish(feed->writer, error)) { /* whatever else was wrong */
        g_clear_error(&reason);
        return false;
    }
    if (fine)
        return true;
    batch_drop(feed->batch);
    if (feed->depth > 0 && g_error_matches(reason, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT)) {
        g_error_free(reason);
        feed->counts.files--;
        feed->counts.other_files++;
        return true;
    }
    if (reason->domain != STORE_ERROR)
        return pass_over(feed, reason);
    g_propagate_error(error, reason);
    return false;
}

static bool feed_file(struct feed *feed, const char *path, GError **error)
{
    struct origin origin;
    GError *reason = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        g_set_error(&reason, G_FILE_ERROR, 0, "%s: %s", path, g_strerror(errno));
        return pass_over(feed, reason);
    }
    bool fine = origin_find(feed->census, is_ndjson(fd) ? ORIGIN_NDJSON : ORIGIN_CAPTURE, path, fd,
                            &origin, &reason);
    if (!fine) {
        close(fd);
        return pass_over(feed, reason);
    }
    feed->counts.files++;
    if (origin.known)
        feed->counts.known_files++;
    else
        fine = add_source(feed, &origin, path, fd, -1, error);
    origin_clear(&origin);
    close(fd);
    return fine;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Adds the files of a folder, sorted by name, without hidden ones. */
static bool feed_folder(struct feed *feed, const char *path, GError **error)
{
    GError *reason = NULL;
    GDir *folder = g_dir_open(path, 0, &reason);
    if (folder == NULL)
        return pass_over(feed, reason);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;)
        if (name[0] != '.')
            g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_dir_close(folder);
    g_ptr_array_sort(names, by_name);
    bool fine = true;
    feed->depth++;
    for (guint i = 0; fine && i < names->len && !feed_is_stopped(); i++)
        fine = feed_path(feed, g_ptr_array_index(names, i), error);
    feed->depth--;
    g_ptr_array_unref(names);
    return fine;
}

/** Copies up to @p up_to bytes of standard input into an unnamed file: as much as an earlier stream
 * of this name may have held. @return its descriptor, or -1 with @p error set. */
static int spool(int64_t up_to, GError **error)
{
    FILE *file = tmpfile();
    const int fd = file != NULL ? dup(fileno(file)) : -1;
    if (file != NULL)
        fclose(file);
    char *chunk = g_malloc(SPOOL_CHUNK);
    ssize_t n = 1;
    for (int64_t at = 0; fd >= 0 && n > 0 && at < up_to && !feed_is_stopped(); at += n) {
        n = read(STDIN_FILENO, chunk, (size_t)MIN(up_to - at, SPOOL_CHUNK));
        if (n > 0 && write(fd, chunk, (size_t)n) != n)
            n = -1;
    }
    g_free(chunk);
    if (fd < 0 || n < 0)
        g_set_error(error, G_FILE_ERROR, 0, "standard input: %s", g_strerror(errno));
    return fd;
}

/** The length of the longest earlier stream of this name, in bytes. */
static int64_t longest_of(store *census, const char *name)
{
    int64_t length = 0;
    sqlite3_stmt *query = store_prepare(
        census, "SELECT coalesce(max(length), 0) FROM source WHERE kind = 'stream' AND name = ?",
        NULL);
    if (query != NULL) {
        store_bind(query, "t", name);
        if (sqlite3_step(query) == SQLITE_ROW)
            length = sqlite3_column_int64(query, 0);
    }
    sqlite3_finalize(query);
    return length;
}

/** A stream that starts like one that was added is that one, continued. */
static bool feed_named_stream(struct feed *feed, const char *name, GError **error)
{
    struct origin origin;
    GError *reason = NULL;
    const int64_t longest = longest_of(feed->census, name);
    const int fd = spool(MAX(longest, FIRST_LINE_MAX), &reason);
    if (reason != NULL || !origin_find(feed->census, ORIGIN_STREAM, name, fd, &origin, &reason)) {
        if (fd >= 0)
            close(fd);
        return pass_over(feed, reason);
    }
    const bool fine = add_source(feed, &origin, name, fd, STDIN_FILENO, error);
    origin_clear(&origin);
    close(fd);
    return fine;
}

static bool feed_standard_input(struct feed *feed, GError **error)
{
    feed->counts.files++;
    if (feed->options->stream != NULL)
        return feed_named_stream(feed, feed->options->stream, error);
    struct origin origin = origin_new(ORIGIN_STREAM, "-");
    const bool fine = add_source(feed, &origin, "-", STDIN_FILENO, -1, error);
    origin_clear(&origin);
    return fine;
}

bool feed_path(struct feed *feed, const char *path, GError **error)
{
    if (strcmp(path, "-") == 0)
        return feed_standard_input(feed, error);
    return g_file_test(path, G_FILE_TEST_IS_DIR) ? feed_folder(feed, path, error)
                                                 : feed_file(feed, path, error);
}
