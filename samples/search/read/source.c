/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/source.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read/capture.h"

enum {
    BLOCK_SIZE = 256 * 1024, /* read at a time; stays in a processor's cache */
    MAX_MAGIC = 6,
};

struct source {
    char *name;
    int fd;
    uint64_t size, n_read;   /* of the file as stored */
    struct archive *archive; /* NULL for a file that is not compressed */
    uint8_t *compressed;     /* what the archive reads from */
    size_t n_compressed;     /* bytes in there that it has not had */
    uint8_t *data;
    size_t room, at, end;
    bool at_end;
    uint64_t offset;
};

static void set_read_error(const source *opened, const char *why, GError **error)
{
    g_set_error(error, CAPTURE_ERROR, CAPTURE_ERROR_READ,
                "%s: cannot read on at byte %" G_GUINT64_FORMAT ": %s", opened->name,
                opened->offset + (opened->end - opened->at), why);
}

/** Reads from the file itself, again where a signal came in between. */
static ssize_t read_file(source *opened, void *out, size_t len)
{
    ssize_t n;
    do
        n = read(opened->fd, out, len);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        opened->n_read += (uint64_t)n;
    return n;
}

static la_ssize_t feed_archive(struct archive *archive, void *data, const void **out)
{
    source *opened = (source *)data;
    *out = opened->compressed;
    if (opened->n_compressed > 0) { /* what was read to find out that it is compressed */
        la_ssize_t n = (la_ssize_t)opened->n_compressed;
        opened->n_compressed = 0;
        return n;
    }
    ssize_t n = read_file(opened, opened->compressed, BLOCK_SIZE);
    if (n < 0)
        archive_set_error(archive, errno, "%s", g_strerror(errno));
    return n;
}

/** Appends to the data what comes next; 0 at the end, -1 with the error set. */
static ssize_t read_more(source *opened, GError **error)
{
    uint8_t *out = opened->data + opened->end;
    size_t room = opened->room - opened->end;
    ssize_t n;
    if (opened->archive == NULL) {
        n = read_file(opened, out, room);
        if (n < 0)
            set_read_error(opened, g_strerror(errno), error);
        return n;
    }
    n = archive_read_data(opened->archive, out, room);
    if (n >= 0)
        return n;
    set_read_error(opened, archive_error_string(opened->archive), error);
    return -1;
}

static void make_room(source *opened, size_t len)
{
    memmove(opened->data, opened->data + opened->at, opened->end - opened->at);
    opened->end -= opened->at;
    opened->at = 0;
    if (len > opened->room) {
        opened->room = MAX(len, 2 * opened->room);
        opened->data = g_realloc(opened->data, opened->room);
    }
}

bool source_peek(source *opened, size_t len, tlsfp_span *out, GError **error)
{
    if (opened->end - opened->at < len && !opened->at_end) {
        make_room(opened, len);
        while (opened->end < len && !opened->at_end) {
            ssize_t n = read_more(opened, error);
            if (n < 0)
                return false;
            opened->at_end = n == 0;
            opened->end += (size_t)n;
        }
    }
    *out = (tlsfp_span){opened->data + opened->at, MIN(len, opened->end - opened->at)};
    return true;
}

void source_take(source *opened, size_t len)
{
    opened->at += len;
    opened->offset += len;
}

bool source_skip(source *opened, uint64_t len, uint64_t *out_missing, GError **error)
{
    while (len > 0) {
        tlsfp_span bytes;
        if (!source_peek(opened, (size_t)MIN(len, BLOCK_SIZE), &bytes, error))
            return false;
        if (bytes.len == 0)
            break;
        source_take(opened, bytes.len);
        len -= bytes.len;
    }
    *out_missing = len;
    return true;
}

static bool is_compressed(tlsfp_span start)
{
    static const struct {
        uint8_t bytes[MAX_MAGIC];
        size_t len;
    } magics[] = {
        {{0x1f, 0x8b}, 2},                     /* gzip, RFC 1952 */
        {{0x28, 0xb5, 0x2f, 0xfd}, 4},         /* zstd, RFC 8878 */
        {{0xfd, '7', 'z', 'X', 'Z', 0x00}, 6}, /* xz */
        {{0x04, 0x22, 0x4d, 0x18}, 4},         /* lz4 */
        {{'B', 'Z', 'h'}, 3},                  /* bzip2 */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
        if (start.len >= magics[i].len && memcmp(start.data, magics[i].bytes, magics[i].len) == 0)
            return true;
    return false;
}

/** Lets libarchive read the file; what was read of it already goes first. */
static bool start_archive(source *opened, GError **error)
{
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    opened->compressed = g_malloc(BLOCK_SIZE);
    opened->n_compressed = opened->end;
    memcpy(opened->compressed, opened->data, opened->end);
    opened->end = 0;
    opened->at_end = false;
    opened->archive = archive;
    archive_read_support_filter_all(archive);
    archive_read_support_format_raw(archive);
    if (archive_read_open(archive, opened, NULL, feed_archive, NULL) == ARCHIVE_OK &&
        archive_read_next_header(archive, &entry) == ARCHIVE_OK)
        return true;
    set_read_error(opened, archive_error_string(archive), error);
    return false;
}

static int open_file(const char *path)
{
    return strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
}

source *source_open(const char *path, GError **error)
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
    source *opened = g_new0(source, 1);
    opened->name = g_strdup(strcmp(path, "-") == 0 ? "standard input" : path);
    opened->fd = fd;
    opened->size =
        fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    opened->room = BLOCK_SIZE;
    opened->data = g_malloc(BLOCK_SIZE);
    tlsfp_span start;
    if (!source_peek(opened, MAX_MAGIC, &start, error) ||
        (is_compressed(start) && !start_archive(opened, error))) {
        source_close(opened);
        return NULL;
    }
    return opened;
}

void source_close(source *opened)
{
    if (opened == NULL)
        return;
    archive_read_free(opened->archive);
    close(opened->fd);
    g_free(opened->compressed);
    g_free(opened->data);
    g_free(opened->name);
    g_free(opened);
}

const char *source_name(const source *opened)
{
    return opened->name;
}

uint64_t source_offset(const source *opened)
{
    return opened->offset;
}

void source_position(const source *opened, uint64_t *out_position, uint64_t *out_size)
{
    *out_position = opened->n_read;
    *out_size = opened->size;
}
