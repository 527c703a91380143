/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/log_writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum {
    LAST_WORDS = G_USEC_PER_SEC,   /* without progress, when the program ends */
    LONGEST_END = 10 * LAST_WORDS, /* all in all */
    POLL_TIME = 100,               /* milliseconds between looks at the end */
};

struct log_writer {
    int fd;
    size_t max_bytes;
    log_drop_line drop_line;
    GMutex lock;
    GCond changed;
    GString *queue; /* whole lines; under lock, as are the next two */
    uint64_t n_dropped;
    bool ending;
    int64_t give_up, last_time; /* when to stop writing; 0 before the end; the thread's own */
    GString *writing;           /* the thread's own */
    GThread *thread;
};

/** Whether to go on trying. */
static bool has_time(log_writer *writer)
{
    const int64_t now = g_get_monotonic_time();
    g_mutex_lock(&writer->lock);
    const bool ending = writer->ending;
    g_mutex_unlock(&writer->lock);
    if (ending && writer->last_time == 0)
        writer->last_time = now + LONGEST_END;
    if (ending && writer->give_up == 0)
        writer->give_up = now + LAST_WORDS;
    return !ending || now < MIN(writer->give_up, writer->last_time);
}

/** Waits until the reader takes something; false where it is given up. */
static bool wait_for_reader(log_writer *writer)
{
    struct pollfd waiting = {.fd = writer->fd, .events = POLLOUT};
    while (has_time(writer)) {
        const int n = poll(&waiting, 1, POLL_TIME);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
    return false;
}

/** A pipe that polls as writable takes PIPE_BUF bytes without blocking. */
static void write_all(log_writer *writer, const GString *lines)
{
    size_t at = 0;
    while (at < lines->len && wait_for_reader(writer)) {
        const ssize_t n = write(writer->fd, lines->str + at, MIN(lines->len - at, PIPE_BUF));
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return; /* nobody reads: serving matters more */
        at += (size_t)MAX(n, 0);
        writer->give_up = 0;
    }
}

/** Takes the lines that wait; false at the end. */
static bool take_lines(log_writer *writer)
{
    g_mutex_lock(&writer->lock);
    while (writer->queue->len == 0 && writer->n_dropped == 0 && !writer->ending)
        g_cond_wait(&writer->changed, &writer->lock);
    GString *empty = g_string_truncate(writer->writing, 0);
    writer->writing = writer->queue;
    writer->queue = empty;
    const uint64_t n_dropped = writer->n_dropped;
    writer->n_dropped = 0;
    g_mutex_unlock(&writer->lock);
    if (n_dropped > 0) {
        writer->drop_line(writer->writing, n_dropped);
        g_string_append_c(writer->writing, '\n');
    }
    return writer->writing->len > 0;
}

static gpointer run(gpointer data)
{
    log_writer *writer = data;
    while (take_lines(writer))
        write_all(writer, writer->writing);
    return NULL;
}

log_writer *log_writer_new(int fd, size_t max_bytes, log_drop_line drop_line)
{
    log_writer *writer = g_new0(log_writer, 1);
    writer->fd = fd;
    writer->max_bytes = max_bytes;
    writer->drop_line = drop_line;
    g_mutex_init(&writer->lock);
    g_cond_init(&writer->changed);
    writer->queue = g_string_new(NULL);
    writer->writing = g_string_new(NULL);
    writer->thread = g_thread_new("log", run, writer);
    return writer;
}

void log_writer_add(log_writer *writer, const GString *line)
{
    g_mutex_lock(&writer->lock);
    const bool fits = writer->queue->len + line->len < writer->max_bytes;
    const bool first = writer->queue->len == 0;
    if (fits) {
        g_string_append_len(writer->queue, line->str, (gssize)line->len);
        g_string_append_c(writer->queue, '\n');
    } else {
        writer->n_dropped++;
    }
    if (first)
        g_cond_signal(&writer->changed);
    g_mutex_unlock(&writer->lock);
}

void log_writer_free(log_writer *writer)
{
    if (writer == NULL)
        return;
    g_mutex_lock(&writer->lock);
    writer->ending = true;
    g_cond_signal(&writer->changed);
    g_mutex_unlock(&writer->lock);
    g_thread_join(writer->thread);
    g_string_free(writer->queue, TRUE);
    g_string_free(writer->writing, TRUE);
    g_cond_clear(&writer->changed);
    g_mutex_clear(&writer->lock);
    g_free(writer);
}
