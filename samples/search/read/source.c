/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read/capture.h"
#include "read/decoder.h"

enum {
    BLOCK_SIZE = 256 * 1024, /* read at a time; stays in a processor's cache */
    MANY_BUFFERS = 64,       /* at a time: their lists do not grow, whichever thread reads */
};

struct source {
    char *name;
    int fd;
    uint64_t size, n_read;   /* of the file as stored */
    stream_decoder *decoder; /* NULL for a file that is not compressed */
    uint8_t *compressed;     /* what the decoder reads from */
    size_t n_compressed;     /* bytes in there that it has not had */
    source_buffer buffer;
    size_t at, end;              /* of what lies ahead in it */
    GArray *left_behind, *spare; /* of source_buffer; NULL where all is read into one */
    bool at_end;
    uint64_t offset;
};

bool source_is_stream(const char *path)
{
    struct stat status;
    return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
}

static void set_read_error(const struct source *source, const char *why, GError **error)
{
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_READ,
                "%s: cannot read on at byte %" G_GUINT64_FORMAT ": %s", source->name,
                source->offset + (source->end - source->at), why);
}

/** Reads from the file itself, again where a signal came in between. */
static ssize_t read_file(struct source *source, void *out, size_t len)
{
    ssize_t n;
    do
        n = read(source->fd, out, len);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        source->n_read += (uint64_t)n;
    return n;
}

static ssize_t feed_decoder(void *data, const uint8_t **out)
{
    struct source *source = data;
    *out = source->compressed;
    if (source->n_compressed > 0) { /* what was read to find out that it is compressed */
        ssize_t n = (ssize_t)source->n_compressed;
        source->n_compressed = 0;
        return n;
    }
    return read_file(source, source->compressed, BLOCK_SIZE);
}

/** Appends to the data what comes next; 0 at the end, -1 with the error set. */
static ssize_t read_more(struct source *source, GError **error)
{
    uint8_t *out = source->buffer.data + source->end;
    size_t room = source->buffer.room - source->end;
    ssize_t n;
    if (source->decoder == NULL) {
        n = read_file(source, out, room);
        if (n < 0)
            set_read_error(source, g_strerror(errno), error);
        return n;
    }
    GError *reason = NULL;
    n = decoder_read(source->decoder, out, room, &reason);
    if (n >= 0)
        return n;
    set_read_error(source, reason->message, error);
    g_error_free(reason);
    return -1;
}

static void enlarge(source_buffer *buffer, size_t len)
{
    if (len <= buffer->room)
        return;
    buffer->room = MAX(len, 2 * buffer->room);
    buffer->data = g_realloc(buffer->data, buffer->room);
}

/** Leaves the buffer behind and goes on in another one. */
static void change_buffer(struct source *source, size_t len)
{
    source_buffer next = {0}, last = source->buffer;
    if (source->spare->len > 0) {
        next = g_array_index(source->spare, source_buffer, source->spare->len - 1);
        g_array_set_size(source->spare, source->spare->len - 1);
    }
    enlarge(&next, MAX(len, BLOCK_SIZE));
    memcpy(next.data, last.data + source->at, source->end - source->at);
    g_array_append_val(source->left_behind, last);
    source->buffer = next;
}

/** Moves what lies ahead to the front of a buffer with room for @p len bytes. */
static void make_room(struct source *source, size_t len)
{
    uint8_t *data = source->buffer.data;
    if (source->left_behind != NULL)
        change_buffer(source, len);
    else
        memmove(data, data + source->at, source->end - source->at);
    source->end -= source->at;
    source->at = 0;
    enlarge(&source->buffer, len);
}

bool source_peek(struct source *source, size_t len, tlsfp_span *out, GError **error)
{
    if (source->end - source->at < len && !source->at_end) {
        make_room(source, len);
        while (source->end < len && !source->at_end) {
            ssize_t n = read_more(source, error);
            if (n < 0)
                return false;
            source->at_end = n == 0;
            source->end += (size_t)n;
        }
    }
    *out = (tlsfp_span){source->buffer.data + source->at, source->end - source->at};
    return true;
}

void source_take(struct source *source, size_t len)
{
    source->at += len;
    source->offset += len;
}

void source_keep(struct source *source)
{
    source->left_behind = g_array_sized_new(FALSE, FALSE, sizeof(source_buffer), MANY_BUFFERS);
    source->spare = g_array_sized_new(FALSE, FALSE, sizeof(source_buffer), MANY_BUFFERS);
}

bool source_take_buffer(struct source *source, source_buffer *out)
{
    if (source->left_behind->len == 0)
        return false;
    *out = g_array_index(source->left_behind, source_buffer, 0);
    g_array_remove_index(source->left_behind, 0);
    return true;
}

void source_give_back(struct source *source, source_buffer buffer)
{
    g_array_append_val(source->spare, buffer);
}

static void free_buffers(GArray *buffers)
{
    if (buffers == NULL)
        return;
    for (guint i = 0; i < buffers->len; i++)
        g_free(g_array_index(buffers, source_buffer, i).data);
    g_array_free(buffers, TRUE);
}

static bool refuse(const struct source *source, const char *how, const char *kind, GError **error)
{
    g_set_error(
        error, CAPTURE_ERROR, CAPTURE_ERROR_FORMAT,
        "%s: compressed %s (%s); decompress it first: gzip, zstd, xz, lz4 and bzip2 are read, "
        "one layer of them",
        source->name, how, kind);
    return false;
}

/** What was read of the file already goes to the decoder first. */
static void start_decoder(struct source *source, const compression *kind)
{
    source->compressed = g_malloc(BLOCK_SIZE);
    source->n_compressed = source->end;
    memcpy(source->compressed, source->buffer.data, source->end);
    source->end = 0;
    source->at_end = false;
    source->decoder = decoder_new(kind, feed_decoder, source);
}

/** Finds out whether the file is compressed, and how. */
static bool start(struct source *source, GError **error)
{
    tlsfp_span bytes;
    if (!source_peek(source, MAX_MAGIC, &bytes, error))
        return false;
    const compression *kind = compression_of(bytes);
    if (kind == NULL)
        return true;
    if (kind->to_cat == NULL)
        return refuse(source, "in a way that is not read", kind->name, error);
    start_decoder(source, kind);
    if (!source_peek(source, MAX_MAGIC, &bytes, error))
        return false;
    const compression *inner = compression_of(bytes);
    return inner == NULL || refuse(source, "more than once", inner->name, error);
}

static int open_file(const char *path)
{
    return strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
}

struct source *source_open(const char *path, GError **error)
{
    struct stat status;
    int fd = open_file(path);
    int reason = errno;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(fd);
        fd = -1;
        reason = EISDIR;
    }
    if (fd < 0) {
        g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_OPEN, "%s: %s", path, g_strerror(reason));
        return NULL;
    }
    struct source *source = g_new0(struct source, 1);
    source->name = g_strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    source->fd = fd;
    source->size =
        fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    enlarge(&source->buffer, BLOCK_SIZE);
    if (start(source, error))
        return source;
    source_close(source);
    return NULL;
}

void source_close(struct source *source)
{
    if (source == NULL)
        return;
    decoder_free(source->decoder);
    close(source->fd);
    g_free(source->compressed);
    g_free(source->buffer.data);
    free_buffers(source->left_behind);
    free_buffers(source->spare);
    g_free(source->name);
    g_free(source);
}

const char *source_name(const struct source *source)
{
    return source->name;
}

uint64_t source_offset(const struct source *source)
{
    return source->offset;
}

void source_position(const struct source *source, uint64_t *out_position, uint64_t *out_size)
{
    *out_position = source->n_read;
    *out_size = source->size;
}
