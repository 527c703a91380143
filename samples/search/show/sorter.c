/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/sorter.h"

#include <string.h>

#include "show/spill.h"

enum {
    FAN_IN = 16,             /* files merged at a time */
    MAX_LEVELS = 8,          /* of files made of files */
    BUFFER_SIZE = 32 * 1024, /* of each file that is read or written */
    BESIDE = 32,             /* what the array and the allocator take for a line in memory */
};

/** Lines in order, in a temporary file: count, length, text. */
typedef struct {
    spill_file *file;
    uint64_t size;
} sorted_run;

/** The first two of a line, as they stand in a file of this machine. */
typedef struct {
    uint64_t count;
    uint64_t len;
} line_head;

struct line_sorter {
    int (*compare)(const counted_line *a, const counted_line *b);
    size_t memory, used;
    GPtrArray *lines;           /* of counted_line, its text behind it */
    GArray *levels[MAX_LEVELS]; /* of sorted_run */
};

int by_text(const counted_line *a, const counted_line *b)
{
    size_t len = MIN(a->len, b->len);
    int order = len > 0 ? memcmp(a->text, b->text, len) : 0;
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

int by_count(const counted_line *a, const counted_line *b)
{
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return -by_text(a, b);
}

static void clear_run(void *run)
{
    spill_free(((sorted_run *)run)->file);
}

line_sorter *sorter_new(int (*compare)(const counted_line *a, const counted_line *b), size_t memory)
{
    line_sorter *sorter = g_new0(line_sorter, 1);
    sorter->compare = compare;
    sorter->memory = memory;
    sorter->lines = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < MAX_LEVELS; i++) {
        sorter->levels[i] = g_array_new(FALSE, FALSE, sizeof(sorted_run));
        g_array_set_clear_func(sorter->levels[i], clear_run);
    }
    return sorter;
}

void sorter_free(line_sorter *sorter)
{
    if (sorter == NULL)
        return;
    g_ptr_array_unref(sorter->lines);
    for (int i = 0; i < MAX_LEVELS; i++)
        g_array_unref(sorter->levels[i]);
    g_free(sorter);
}

/* Writing a run. */

typedef struct {
    sorted_run run;
    GString *buffer;
} run_writer;

static bool flush(run_writer *writer)
{
    uint64_t at;
    if (writer->buffer->len > 0 &&
        !spill_put(writer->run.file, writer->buffer->str, writer->buffer->len, &at))
        return false;
    writer->run.size += writer->buffer->len;
    g_string_truncate(writer->buffer, 0);
    return true;
}

static bool write_line(const counted_line *line, void *data)
{
    run_writer *writer = data;
    const line_head head = {line->count, line->len};
    g_string_append_len(writer->buffer, (const char *)&head, sizeof head);
    g_string_append_len(writer->buffer, line->text, (gssize)line->len);
    return writer->buffer->len < BUFFER_SIZE || flush(writer);
}

/** Reading a run: its line at hand. */
typedef struct {
    const sorted_run *run;
    uint64_t at; /* in the file, of what is not in the buffer yet */
    GByteArray *buffer;
    size_t buffer_at;
    counted_line line;
    bool ended;
} run_reader;

/** Makes sure that @p len bytes are in the buffer. */
static bool fetch(run_reader *reader, size_t len)
{
    size_t left = reader->buffer->len - reader->buffer_at;
    if (left >= len)
        return true;
    if (reader->buffer_at > 0)
        g_byte_array_remove_range(reader->buffer, 0, (guint)reader->buffer_at);
    reader->buffer_at = 0;
    size_t more = (size_t)MIN(MAX(len - left, BUFFER_SIZE), reader->run->size - reader->at);
    g_byte_array_set_size(reader->buffer, (guint)(left + more));
    if (!spill_get(reader->run->file, reader->at, (char *)reader->buffer->data + left, more))
        return false;
    reader->at += more;
    return true;
}

/** Goes on to the next line. */
static bool read_line(run_reader *reader)
{
    line_head head;
    reader->ended = reader->at == reader->run->size && reader->buffer_at == reader->buffer->len;
    if (reader->ended)
        return true;
    if (!fetch(reader, sizeof head))
        return false;
    memcpy(&head, reader->buffer->data + reader->buffer_at, sizeof head);
    if (!fetch(reader, sizeof head + (size_t)head.len))
        return false;
    const uint8_t *text = reader->buffer->data + reader->buffer_at + sizeof head;
    reader->line = (counted_line){head.count, (size_t)head.len, (const char *)text};
    reader->buffer_at += sizeof head + (size_t)head.len;
    return true;
}

static run_reader *least_of(const line_sorter *sorter, run_reader *readers, guint n)
{
    run_reader *least = NULL;
    for (guint i = 0; i < n; i++)
        if (!readers[i].ended &&
            (least == NULL || sorter->compare(&readers[i].line, &least->line) < 0))
            least = &readers[i];
    return least;
}

/** Hands out the least line of all, with the counts of those that are equal to it. */
static bool merge_next(const line_sorter *sorter, run_reader *readers, guint n, run_reader *least,
                       bool (*each)(const counted_line *, void *), void *data)
{
    counted_line line = least->line;
    for (guint i = 0; i < n; i++) {
        if (&readers[i] == least || readers[i].ended ||
            sorter->compare(&readers[i].line, &line) != 0)
            continue;
        line.count += readers[i].line.count;
        if (!read_line(&readers[i]))
            return false;
    }
    return each(&line, data) && read_line(least);
}

static bool merge(const line_sorter *sorter, GArray *runs,
                  bool (*each)(const counted_line *, void *), void *data)
{
    run_reader *readers = g_new0(run_reader, runs->len), *least;
    bool fine = true;
    for (guint i = 0; i < runs->len; i++) {
        readers[i].run = &g_array_index(runs, sorted_run, i);
        readers[i].buffer = g_byte_array_new();
        fine = fine && read_line(&readers[i]);
    }
    while (fine && (least = least_of(sorter, readers, runs->len)) != NULL)
        fine = merge_next(sorter, readers, runs->len, least, each, data);
    for (guint i = 0; i < runs->len; i++)
        g_byte_array_unref(readers[i].buffer);
    g_free(readers);
    return fine;
}

/* Sorting what is in memory. */

static gint compare_lines(gconstpointer a, gconstpointer b, gpointer sorter)
{
    return ((const line_sorter *)sorter)
        ->compare(*(const counted_line *const *)a, *(const counted_line *const *)b);
}

static bool each_in_memory(line_sorter *sorter, bool (*each)(const counted_line *, void *),
                           void *data)
{
    g_ptr_array_sort_with_data(sorter->lines, compare_lines, sorter);
    bool fine = true;
    for (guint i = 0, next; i < sorter->lines->len && fine; i = next) {
        counted_line line = *(const counted_line *)g_ptr_array_index(sorter->lines, i);
        for (next = i + 1; next < sorter->lines->len; next++) {
            const counted_line *other = g_ptr_array_index(sorter->lines, next);
            if (sorter->compare(&line, other) != 0)
                break;
            line.count += other->count;
        }
        fine = each(&line, data);
    }
    g_ptr_array_set_size(sorter->lines, 0);
    sorter->used = 0;
    return fine;
}

/* Spilling. */

static bool end_run(line_sorter *sorter, run_writer *writer, bool fine, int level)
{
    fine = fine && flush(writer);
    g_string_free(writer->buffer, TRUE);
    if (fine)
        g_array_append_val(sorter->levels[level], writer->run);
    else
        spill_free(writer->run.file);
    return fine;
}

/** Makes one file of a level's files, where there are enough, and so on up. */
static bool merge_levels(line_sorter *sorter)
{
    for (int level = 0; level + 1 < MAX_LEVELS && sorter->levels[level]->len >= FAN_IN; level++) {
        run_writer writer = {{spill_new(), 0}, g_string_new(NULL)};
        bool fine = merge(sorter, sorter->levels[level], write_line, &writer);
        if (!end_run(sorter, &writer, fine, level + 1))
            return false;
        g_array_set_size(sorter->levels[level], 0);
    }
    return true;
}

static bool spill_lines(line_sorter *sorter)
{
    run_writer writer = {{spill_new(), 0}, g_string_new(NULL)};
    bool fine = each_in_memory(sorter, write_line, &writer);
    return end_run(sorter, &writer, fine, 0) && merge_levels(sorter);
}

bool sorter_add(line_sorter *sorter, const counted_line *line)
{
    counted_line *kept = g_malloc(sizeof *kept + line->len);
    char *text = (char *)(kept + 1);
    if (line->len > 0)
        memcpy(text, line->text, line->len);
    *kept = (counted_line){line->count, line->len, text};
    g_ptr_array_add(sorter->lines, kept);
    sorter->used += sizeof *kept + line->len + BESIDE;
    return sorter->used <= sorter->memory || spill_lines(sorter);
}

/** All files, as one list; they stay the levels'. */
static GArray *all_runs(const line_sorter *sorter)
{
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(sorted_run));
    for (int i = 0; i < MAX_LEVELS; i++)
        if (sorter->levels[i]->len > 0)
            g_array_append_vals(runs, sorter->levels[i]->data, sorter->levels[i]->len);
    return runs;
}

bool sorter_each(line_sorter *sorter, bool (*each)(const counted_line *line, void *data),
                 void *data)
{
    GArray *runs = all_runs(sorter);
    bool in_files = runs->len > 0;
    g_array_unref(runs);
    if (!in_files)
        return each_in_memory(sorter, each, data);
    if (!spill_lines(sorter))
        return false;
    runs = all_runs(sorter);
    bool fine = merge(sorter, runs, each, data);
    g_array_unref(runs);
    for (int i = 0; i < MAX_LEVELS; i++)
        g_array_set_size(sorter->levels[i], 0);
    return fine;
}
