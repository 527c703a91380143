/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0640, MAX_TEXT = 20 };

struct log_files {
    char *folder, *name, *suffix; /* of PREFIX and SUFFIX */
    char *start;                  /* TIME */
    guint64 file_size, total_size, used;
    unsigned number;
    int fd; /* -1 before the first line */
};

log_files *log_files_new(const char *prefix, const char *suffix, guint64 file_size,
                         guint64 total_size)
{
    log_files *files = g_new0(log_files, 1);
    GDateTime *now = g_date_time_new_now_utc();
    files->folder = g_path_get_dirname(prefix);
    files->name = g_path_get_basename(prefix);
    files->suffix = g_strdup(suffix);
    files->start = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    files->file_size = file_size;
    files->total_size = total_size;
    files->fd = -1;
    g_date_time_unref(now);
    return files;
}

void log_files_close(log_files *files)
{
    if (files->fd >= 0)
        close(files->fd);
    g_free(files->folder);
    g_free(files->name);
    g_free(files->suffix);
    g_free(files->start);
    g_free(files);
}

/** Whether a file is one of these, from whichever start: "-TIME-NNNNNN" between name and suffix. */
static bool is_ours(const log_files *files, const char *file)
{
    static const char form[] = "-00000000T000000Z-000000";
    size_t name_len = strlen(files->name), form_len = sizeof form - 1;
    if (strlen(file) != name_len + form_len + strlen(files->suffix) ||
        strncmp(file, files->name, name_len) != 0 ||
        strcmp(file + name_len + form_len, files->suffix) != 0)
        return false;
    for (size_t i = 0; i < form_len; i++) {
        char c = file[name_len + i];
        if (form[i] == '0' ? !g_ascii_isdigit(c) : c != form[i])
            return false;
    }
    return true;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** The paths of these files, the oldest first. */
static GPtrArray *list_files(const log_files *files)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    GDir *folder = g_dir_open(files->folder, 0, NULL);
    const char *file;
    while (folder != NULL && (file = g_dir_read_name(folder)) != NULL)
        if (is_ours(files, file))
            g_ptr_array_add(paths, g_build_filename(files->folder, file, NULL));
    if (folder != NULL)
        g_dir_close(folder);
    g_ptr_array_sort(paths, compare_names);
    return paths;
}

static guint64 size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (guint64)status.st_size : 0;
}

/** Removes the oldest files until a full one has room. */
static void make_room(const log_files *files)
{
    GPtrArray *paths = list_files(files);
    guint64 used = 0;
    for (guint i = 0; i < paths->len; i++)
        used += size_of(g_ptr_array_index(paths, i));
    for (guint i = 0; i < paths->len && used + files->file_size > files->total_size; i++) {
        const char *path = g_ptr_array_index(paths, i);
        used -= size_of(path);
        (void)unlink(path);
    }
    g_ptr_array_unref(paths);
}

static bool open_next(log_files *files)
{
    if (files->fd >= 0)
        close(files->fd);
    if (files->total_size > 0)
        make_room(files);
    char *file =
        g_strdup_printf("%s-%s-%06u%s", files->name, files->start, files->number++, files->suffix);
    char *path = g_build_filename(files->folder, file, NULL);
    files->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, MODE);
    files->used = files->fd >= 0 ? size_of(path) : 0;
    g_free(path);
    g_free(file);
    return files->fd >= 0;
}

static bool write_whole(int fd, const char *text, gsize len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            text += n;
            len -= (gsize)n;
        }
    }
    return true;
}

static const char *last_newline(const char *text, gsize len)
{
    while (len > 0)
        if (text[--len] == '\n')
            return text + len;
    return NULL;
}

/** How many bytes of whole lines fit into what is left of a file; 0 for none. */
static gsize fitting(const char *lines, gsize len, guint64 room)
{
    if (len <= room)
        return len;
    const char *end = room > 0 ? last_newline(lines, (gsize)room) : NULL;
    return end != NULL ? (gsize)(end + 1 - lines) : 0;
}

static gsize first_line(const char *lines, gsize len)
{
    const char *end = memchr(lines, '\n', len);
    return end != NULL ? (gsize)(end + 1 - lines) : len;
}

bool log_files_write(log_files *files, const char *lines, gsize len)
{
    while (len > 0) {
        guint64 room =
            files->fd >= 0 && files->used < files->file_size ? files->file_size - files->used : 0;
        gsize n = fitting(lines, len, room);
        if (n == 0) {
            if (!open_next(files))
                return false;
            n = fitting(lines, len, files->file_size - MIN(files->used, files->file_size));
            n = n > 0 ? n : first_line(lines, len);
        }
        if (!write_whole(files->fd, lines, n))
            return false;
        files->used += n;
        lines += n;
        len -= n;
    }
    return true;
}

bool log_files_parse_size(const char *text, guint64 *out)
{
    static const char units[] = "KMGT";
    char *end;
    if (!g_ascii_isdigit(text[0]) || strlen(text) > MAX_TEXT)
        return false;
    guint64 size = g_ascii_strtoull(text, &end, 10);
    const char *unit = *end != '\0' ? strchr(units, g_ascii_toupper(*end)) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
    if ((*end != '\0' && (unit == NULL || end[1] != '\0')) || size == 0 ||
        size > ((guint64)G_MAXINT64 >> shift))
        return false;
    *out = size << shift;
    return true;
}
