/* SPDX-License-Identifier: BSD-3-Clause */
/** @file NDJSON, line by line. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add/feed_parts.h"

enum {
    BUFFER = 1024 * 1024,
    MAX_LINE = 16 * 1024 * 1024,
    MAX_TOLD = 20, /* broken lines of one file */
};

/** Bytes that were read and not used yet. */
typedef struct {
    int fd, next_fd;
    char *bytes;
    size_t len, size;
    uint64_t line; /* the number of the line at the front */
    int64_t file_size;
    bool grows; /* a digest records how far it was read */
} line_reader;

static void tell(struct feed *feed, const struct origin *origin, const line_reader *reader,
                 const char *why)
{
    feed->counts.broken++;
    if (feed->told++ < MAX_TOLD)
        fprintf(stderr, "tlsfp-census: %s:%" G_GUINT64_FORMAT ": %s; passed over\n", origin->name,
                reader->line, why);
    else if (feed->told == MAX_TOLD + 1)
        fprintf(stderr, "tlsfp-census: %s: more lines were passed over\n", origin->name);
}

static void add_line(struct feed *feed, const struct origin *origin, const line_reader *reader,
                     const char *line, size_t len)
{
    record read;
    const char *why = NULL;
    record_result result = record_read((tlsfp_span){(const uint8_t *)line, len},
                                       &feed->options->key, &feed->room, &read, &why);
    if (result == RECORD_FINE)
        why = batch_add(feed->batch, &read);
    if (result == RECORD_BROKEN || (result == RECORD_FINE && why != NULL))
        tell(feed, origin, reader, why);
    else if (result == RECORD_FINE && read.agent != NULL)
        feed->counts.requests++;
}

static bool write_if_due(struct feed *feed, struct origin *origin, GError **error)
{
    return !feed_is_due(feed) || batch_is_empty(feed->batch) ||
           feed_write(feed, origin, true, error);
}

/** Adds the complete lines in the buffer; with @p at_end also a last line without a newline. */
static bool use_lines(struct feed *feed, struct origin *origin, line_reader *reader, bool at_end,
                      GError **error)
{
    size_t at = 0;
    while (at < reader->len) {
        const char *line = reader->bytes + at;
        const char *end = memchr(line, '\n', reader->len - at);
        if (end == NULL && !at_end)
            break;
        const size_t len = end != NULL ? (size_t)(end - line) : reader->len - at;
        const size_t taken = len + (end != NULL ? 1 : 0);
        add_line(feed, origin, reader, line, len);
        if (reader->grows)
            origin_advance(origin, line, taken);
        reader->line++;
        at += taken;
        if (batch_is_full(feed->batch) && !feed_write(feed, origin, true, error))
            return false;
    }
    memmove(reader->bytes, reader->bytes + at, reader->len - at);
    reader->len -= at;
    return write_if_due(feed, origin, error);
}

/** Whether a last line without a newline looks complete. */
static bool ends_whole(const line_reader *reader)
{
    size_t len = reader->len;
    while (len > 0 && g_ascii_isspace(reader->bytes[len - 1]))
        len--;
    return len > 0 && reader->bytes[len - 1] == '}';
}

/** Waits until there is something to read, or something to write. False when it is time to write.
 */
static bool wait_for_input(const struct feed *feed, const line_reader *reader)
{
    if (batch_is_empty(feed->batch))
        return true;
    const gint64 due = feed->last_write + WRITE_EVERY_S * G_USEC_PER_SEC;
    const gint64 left = (due - g_get_monotonic_time()) / 1000;
    struct pollfd waiting = {.fd = reader->fd, .events = POLLIN};
    return left > 0 && poll(&waiting, 1, (int)left + 1) != 0;
}

/** Reads more. @return bytes; 0 at the end; -1 with errno set. */
static ssize_t read_more(line_reader *reader)
{
    if (reader->len == reader->size) {
        reader->size *= 2;
        reader->bytes = g_realloc(reader->bytes, reader->size);
    }
    const ssize_t n = read(reader->fd, reader->bytes + reader->len, reader->size - reader->len);
    if (n > 0)
        reader->len += (size_t)n;
    if (n == 0 && reader->next_fd >= 0) {
        reader->fd = reader->next_fd;
        reader->next_fd = -1;
        return read_more(reader);
    }
    return n;
}

static bool fail(const struct origin *origin, GError **error, const char *why)
{
    g_set_error(error, G_FILE_ERROR, 0, "%s: %s", origin->name, why);
    return false;
}

/** Adds a last line without a newline if it is complete: a file that grows may end within a line.
 */
static bool use_last(struct feed *feed, struct origin *origin, line_reader *reader, GError **error)
{
    if (ends_whole(reader))
        return use_lines(feed, origin, reader, true, error);
    if (reader->len > 0 && reader->file_size == 0)
        tell(feed, origin, reader, "the last line is cut");
    return true;
}

static bool read_all(struct feed *feed, struct origin *origin, line_reader *reader, GError **error)
{
    while (!feed_is_stopped()) {
        if (!wait_for_input(feed, reader)) {
            if (!write_if_due(feed, origin, error))
                return false;
            continue;
        }
        const ssize_t n = read_more(reader);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(origin, error, g_strerror(errno));
        if (n == 0)
            return use_last(feed, origin, reader, error);
        if (!use_lines(feed, origin, reader, false, error))
            return false;
        if (reader->len > MAX_LINE)
            return fail(origin, error, "a line is longer than 16 MiB");
        if (reader->file_size > 0)
            feed_progress(feed, origin->name, (double)origin->length / (double)reader->file_size);
    }
    return true;
}

bool feed_lines(struct feed *feed, struct origin *origin, int fd, int next_fd, GError **error)
{
    struct stat file;
    line_reader reader = {
        .fd = fd,
        .next_fd = next_fd,
        .bytes = g_malloc(BUFFER),
        .size = BUFFER,
        .line = 1,
        .grows = origin->kind == ORIGIN_NDJSON || next_fd >= 0,
        .file_size = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) ? file.st_size : 0,
    };
    const int64_t start = origin->length;
    bool fine = read_all(feed, origin, &reader, error);
    if (fine && (origin->length > start || !batch_is_empty(feed->batch)))
        fine = feed_write(feed, origin, true, error) && writer_finish(feed->writer, error) &&
               (!reader.grows || origin_mark(feed->census, origin, error));
    g_free(reader.bytes);
    return fine;
}
