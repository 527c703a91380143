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

/** What is read of a file, and not used yet. */
typedef struct {
    int fd, next_fd;
    char *bytes;
    size_t len, size;
    uint64_t line; /* the number of the line at the front */
    int64_t file_size;
    bool grows; /* its digest tells how far it was read */
} line_reader;

static void tell(feed *input, const origin *source, const line_reader *reader, const char *why)
{
    input->counts.broken++;
    if (input->told++ < MAX_TOLD)
        fprintf(stderr, "tlsfp-census: %s:%" G_GUINT64_FORMAT ": %s; passed over\n", source->name,
                reader->line, why);
    else if (input->told == MAX_TOLD + 1)
        fprintf(stderr, "tlsfp-census: %s: more lines were passed over\n", source->name);
}

static void add_line(feed *input, const origin *source, const line_reader *reader, const char *line,
                     size_t len)
{
    record read;
    const char *why = NULL;
    record_result result = record_read((tlsfp_span){(const uint8_t *)line, len},
                                       &input->options->key, &input->room, &read, &why);
    if (result == RECORD_FINE)
        why = batch_add(input->records, &read);
    if (result == RECORD_BROKEN || (result == RECORD_FINE && why != NULL))
        tell(input, source, reader, why);
    else if (result == RECORD_FINE && read.agent != NULL)
        input->counts.requests++;
}

static bool write_if_due(feed *input, origin *source, GError **error)
{
    return !feed_is_due(input) || batch_is_empty(input->records) ||
           feed_write(input, source, error);
}

/** Uses the whole lines that were read; @p at_end: also what stands behind the last one. */
static bool use_lines(feed *input, origin *source, line_reader *reader, bool at_end, GError **error)
{
    size_t at = 0;
    while (at < reader->len) {
        const char *line = reader->bytes + at;
        const char *end = memchr(line, '\n', reader->len - at);
        if (end == NULL && !at_end)
            break;
        const size_t len = end != NULL ? (size_t)(end - line) : reader->len - at;
        const size_t taken = len + (end != NULL ? 1 : 0);
        add_line(input, source, reader, line, len);
        if (reader->grows)
            origin_advance(source, line, taken);
        reader->line++;
        at += taken;
        if (batch_is_full(input->records) && !feed_write(input, source, error))
            return false;
    }
    memmove(reader->bytes, reader->bytes + at, reader->len - at);
    reader->len -= at;
    return write_if_due(input, source, error);
}

/** Whether a last line without its end looks whole. */
static bool ends_whole(const line_reader *reader)
{
    size_t len = reader->len;
    while (len > 0 && g_ascii_isspace(reader->bytes[len - 1]))
        len--;
    return len > 0 && reader->bytes[len - 1] == '}';
}

/** Waits until there is something to read, or something to write. False when it is time to write.
 */
static bool wait_for_input(const feed *input, const line_reader *reader)
{
    if (batch_is_empty(input->records))
        return true;
    const gint64 due = input->last_write + WRITE_EVERY_S * G_USEC_PER_SEC;
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

static bool fail(const origin *source, GError **error, const char *why)
{
    g_set_error(error, G_FILE_ERROR, 0, "%s: %s", source->name, why);
    return false;
}

/** Uses the last line, which has no end, if it is whole: a file that grows may end within one. */
static bool use_last(feed *input, origin *source, line_reader *reader, GError **error)
{
    if (ends_whole(reader))
        return use_lines(input, source, reader, true, error);
    if (reader->len > 0 && reader->file_size == 0)
        tell(input, source, reader, "the last line is cut");
    return true;
}

static bool read_all(feed *input, origin *source, line_reader *reader, GError **error)
{
    while (!feed_is_stopped()) {
        if (!wait_for_input(input, reader)) {
            if (!write_if_due(input, source, error))
                return false;
            continue;
        }
        const ssize_t n = read_more(reader);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(source, error, g_strerror(errno));
        if (n == 0)
            return use_last(input, source, reader, error);
        if (!use_lines(input, source, reader, false, error))
            return false;
        if (reader->len > MAX_LINE)
            return fail(source, error, "a line is longer than 16 MiB");
        if (reader->file_size > 0)
            feed_progress(input, source->name, (double)source->length / (double)reader->file_size);
    }
    return true;
}

bool feed_lines(feed *input, origin *source, int fd, int next_fd, GError **error)
{
    struct stat file;
    line_reader reader = {
        .fd = fd,
        .next_fd = next_fd,
        .bytes = g_malloc(BUFFER),
        .size = BUFFER,
        .line = 1,
        .grows = source->kind == ORIGIN_NDJSON || next_fd >= 0,
        .file_size = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) ? file.st_size : 0,
    };
    const int64_t start = source->length;
    bool fine = read_all(input, source, &reader, error);
    if (fine && (source->length > start || !batch_is_empty(input->records)))
        fine = feed_write(input, source, error) &&
               (!reader.grows || origin_mark(input->census, source, error));
    g_free(reader.bytes);
    return fine;
}
