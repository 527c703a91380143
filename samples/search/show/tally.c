/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/tally.h"

#include <string.h>

typedef struct {
    uint64_t hash;
    uint64_t count;
    size_t len;
    const char *text; /* behind the entry, once it is kept */
} entry;

struct line_tally {
    GHashTable *entries; /* a set of entry */
    uint64_t seed;       /* so that nobody can choose lines that all get one hash */
};

/** Mixes in eight bytes; the factor is an odd number without structure. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t hash_text(uint64_t seed, const char *text, size_t len)
{
    uint64_t hash = mix(seed, len), word = 0;
    for (; len >= sizeof word; text += sizeof word, len -= sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    if (len > 0)
        memcpy(&word, text, len);
    return mix(mix(hash, word), seed);
}

static guint entry_hash(gconstpointer data)
{
    return (guint)((const entry *)data)->hash;
}

static gboolean entry_equal(gconstpointer a, gconstpointer b)
{
    const entry *one = a, *other = b;
    return one->hash == other->hash && one->len == other->len &&
           memcmp(one->text, other->text, one->len) == 0;
}

line_tally *tally_new(void)
{
    line_tally *tally = g_new0(line_tally, 1);
    tally->entries = g_hash_table_new_full(entry_hash, entry_equal, g_free, NULL);
    tally->seed = (uint64_t)g_random_int() << 32 | g_random_int();
    return tally;
}

void tally_free(line_tally *tally)
{
    if (tally == NULL)
        return;
    g_hash_table_unref(tally->entries);
    g_free(tally);
}

static void keep(line_tally *tally, const entry *key)
{
    entry *kept = g_malloc(sizeof *kept + key->len + 1);
    char *text = (char *)(kept + 1);
    *kept = *key;
    memcpy(text, key->text, key->len);
    text[key->len] = '\0';
    kept->text = text;
    g_hash_table_add(tally->entries, kept);
}

static void add(line_tally *tally, const char *line, size_t len, uint64_t count)
{
    const entry key = {hash_text(tally->seed, line, len), count, len, line};
    entry *kept = g_hash_table_lookup(tally->entries, &key);
    if (kept != NULL)
        kept->count += count;
    else
        keep(tally, &key);
}

void tally_add(line_tally *tally, const char *line, size_t len)
{
    add(tally, line, len, 1);
}

void tally_merge(line_tally *tally, const line_tally *from)
{
    GHashTableIter each;
    gpointer key;
    g_hash_table_iter_init(&each, from->entries);
    while (g_hash_table_iter_next(&each, &key, NULL)) {
        const entry *one = key;
        add(tally, one->text, one->len, one->count);
    }
}

static int compare_text(const entry *one, const entry *other)
{
    int order = memcmp(one->text, other->text, MIN(one->len, other->len));
    if (order != 0)
        return order;
    return (one->len > other->len) - (one->len < other->len);
}

static gint compare_entries(gconstpointer a, gconstpointer b)
{
    const entry *one = *(const entry *const *)a, *other = *(const entry *const *)b;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return -compare_text(one, other);
}

static GPtrArray *sorted(const line_tally *tally)
{
    GPtrArray *order = g_ptr_array_sized_new(g_hash_table_size(tally->entries));
    GHashTableIter each;
    gpointer key;
    g_hash_table_iter_init(&each, tally->entries);
    while (g_hash_table_iter_next(&each, &key, NULL))
        g_ptr_array_add(order, key);
    g_ptr_array_sort(order, compare_entries);
    return order;
}

void tally_print(const line_tally *tally, void (*print)(const char *line, size_t len, void *data),
                 void *data)
{
    GPtrArray *order = sorted(tally);
    GString *line = g_string_new(NULL);
    for (guint i = 0; i < order->len; i++) {
        const entry *one = g_ptr_array_index(order, i);
        g_string_printf(line, "%7" G_GUINT64_FORMAT " ", one->count);
        g_string_append_len(line, one->text, (gssize)one->len);
        g_string_append_c(line, '\n');
        print(line->str, line->len, data);
    }
    g_string_free(line, TRUE);
    g_ptr_array_free(order, TRUE);
}
