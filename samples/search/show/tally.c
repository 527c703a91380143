/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/tally.h"

#include <string.h>

#include "show/sorter.h"

enum { BESIDE = 64 }; /* what the table and the allocator take for a line */

typedef struct {
    uint64_t hash;
    counted_line line; /* its text stands behind the entry, once it is kept */
} entry;

struct line_tally {
    tlsfp_hash_key key;
    size_t memory, used;
    GHashTable *entries;  /* a set of entry */
    line_sorter *spilled; /* by text; NULL where all are in memory */
};

static guint entry_hash(gconstpointer data)
{
    return (guint)((const entry *)data)->hash;
}

static gboolean entry_equal(gconstpointer a, gconstpointer b)
{
    const entry *left = a, *right = b;
    return left->hash == right->hash && by_text(&left->line, &right->line) == 0;
}

line_tally *tally_new(const tlsfp_hash_key *key, size_t memory)
{
    line_tally *tally = g_new0(line_tally, 1);
    tally->entries = g_hash_table_new_full(entry_hash, entry_equal, g_free, NULL);
    tally->key = *key;
    tally->memory = memory;
    return tally;
}

void tally_free(line_tally *tally)
{
    if (tally == NULL)
        return;
    g_hash_table_unref(tally->entries);
    sorter_free(tally->spilled);
    g_free(tally);
}

static void keep(line_tally *tally, const entry *key)
{
    entry *kept = g_malloc(sizeof *kept + key->line.len);
    char *text = (char *)(kept + 1);
    *kept = *key;
    if (key->line.len > 0)
        memcpy(text, key->line.text, key->line.len);
    kept->line.text = text;
    g_hash_table_add(tally->entries, kept);
    tally->used += sizeof *kept + key->line.len + BESIDE;
}

static void add(line_tally *tally, const counted_line *line)
{
    tlsfp_span bytes = {(const uint8_t *)line->text, line->len};
    const entry key = {tlsfp_hash(&tally->key, bytes), *line};
    entry *kept = g_hash_table_lookup(tally->entries, &key);
    if (kept != NULL)
        kept->line.count += line->count;
    else
        keep(tally, &key);
}

void tally_add(line_tally *tally, const char *line, size_t len)
{
    add(tally, &(counted_line){1, len, line});
}

bool tally_is_full(const line_tally *tally)
{
    return tally->used > tally->memory;
}

static bool move_entries(line_tally *tally, line_sorter *to)
{
    GHashTableIter each;
    gpointer key;
    bool fine = true;
    g_hash_table_iter_init(&each, tally->entries);
    while (g_hash_table_iter_next(&each, &key, NULL)) {
        fine = fine && sorter_add(to, &((const entry *)key)->line);
        g_hash_table_iter_remove(&each); /* so that no line is in memory twice */
    }
    tally->used = 0;
    return fine;
}

static bool spill_entries(line_tally *tally)
{
    if (tally->spilled == NULL)
        tally->spilled = sorter_new(by_text, tally->memory);
    return move_entries(tally, tally->spilled);
}

bool tally_move(line_tally *tally, line_tally *from)
{
    GHashTableIter each;
    gpointer key;
    bool fine = true;
    g_hash_table_iter_init(&each, from->entries);
    while (g_hash_table_iter_next(&each, &key, NULL)) {
        add(tally, &((const entry *)key)->line);
        g_hash_table_iter_remove(&each);
        if (tally_is_full(tally))
            fine = fine && spill_entries(tally);
    }
    from->used = 0;
    return fine;
}

static bool add_to_sorter(const counted_line *line, void *sorter)
{
    return sorter_add(sorter, line);
}

/** Lines on disk are put in order by their text first, so that equal ones become one. */
static bool order_lines(line_tally *tally, line_sorter *order)
{
    if (tally->spilled == NULL)
        return move_entries(tally, order);
    return spill_entries(tally) && sorter_each(tally->spilled, add_to_sorter, order);
}

typedef struct {
    void (*print)(const char *line, size_t len, void *data);
    void *data;
    GString *line;
} printing;

static bool print_line(const counted_line *line, void *data)
{
    printing *to = data;
    g_string_printf(to->line, "%7" G_GUINT64_FORMAT " ", line->count);
    g_string_append_len(to->line, line->text, (gssize)line->len);
    g_string_append_c(to->line, '\n');
    to->print(to->line->str, to->line->len, to->data);
    return true;
}

bool tally_print(line_tally *tally, void (*print)(const char *line, size_t len, void *data),
                 void *data)
{
    printing to = {print, data, g_string_new(NULL)};
    line_sorter *order = sorter_new(by_count, tally->memory);
    bool fine = order_lines(tally, order) && sorter_each(order, print_line, &to);
    sorter_free(order);
    g_string_free(to.line, TRUE);
    return fine;
}
