/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/table.h"

#include <string.h>

enum { FIRST_SLOTS = 1024, EMPTY = 0 };

typedef struct {
    size_t at, len; /* in the texts */
    uint64_t hash;
} entry;

struct table {
    tlsfp_hash_key key;
    GByteArray *texts;
    GArray *entries; /* of entry */
    uint32_t *slots; /* numbers, from 1 */
    size_t n_slots;  /* a power of two */
};

struct table *table_new(const tlsfp_hash_key *key)
{
    struct table *table = g_new0(struct table, 1);
    table->key = *key;
    table->texts = g_byte_array_new();
    table->entries = g_array_new(FALSE, FALSE, sizeof(entry));
    table->n_slots = FIRST_SLOTS;
    table->slots = g_new0(uint32_t, FIRST_SLOTS);
    return table;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    g_byte_array_unref(table->texts);
    g_array_unref(table->entries);
    g_free(table->slots);
    g_free(table);
}

static const entry *entry_of(const struct table *table, uint32_t number)
{
    return &g_array_index(table->entries, entry, number);
}

/** The slot of a string, or the empty one where it would be. */
static uint32_t *find(const struct table *table, tlsfp_span bytes, uint64_t hash)
{
    size_t at = (size_t)hash & (table->n_slots - 1);
    for (; table->slots[at] != EMPTY; at = (at + 1) & (table->n_slots - 1)) {
        const entry *kept = entry_of(table, table->slots[at] - 1);
        if (kept->hash == hash && kept->len == bytes.len &&
            (bytes.len == 0 || memcmp(table->texts->data + kept->at, bytes.data, bytes.len) == 0))
            break;
    }
    return &table->slots[at];
}

static void grow(struct table *table)
{
    table->n_slots *= 2;
    g_free(table->slots);
    table->slots = g_new0(uint32_t, table->n_slots);
    for (uint32_t i = 0; i < table->entries->len; i++) {
        size_t at = (size_t)entry_of(table, i)->hash & (table->n_slots - 1);
        while (table->slots[at] != EMPTY)
            at = (at + 1) & (table->n_slots - 1);
        table->slots[at] = i + 1;
    }
}

uint32_t table_put(struct table *table, tlsfp_span bytes, bool *out_new)
{
    static const uint8_t nul = 0;
    const uint64_t hash = tlsfp_hash(&table->key, bytes);
    uint32_t *slot = find(table, bytes, hash);
    const bool is_new = *slot == EMPTY;
    if (out_new != NULL)
        *out_new = is_new;
    if (!is_new)
        return *slot - 1;
    const entry added = {table->texts->len, bytes.len, hash};
    const uint32_t number = table->entries->len;
    if (bytes.len > 0)
        g_byte_array_append(table->texts, bytes.data, (guint)bytes.len);
    g_byte_array_append(table->texts, &nul, 1);
    g_array_append_val(table->entries, added);
    *slot = number + 1;
    if (table->entries->len > table->n_slots / 2)
        grow(table);
    return number;
}

/** It is the last one that was put in: no other string's slot depends on it. */
void table_undo(struct table *table)
{
    const entry last = *entry_of(table, table->entries->len - 1);
    const tlsfp_span bytes = {table->texts->data + last.at, last.len};
    *find(table, bytes, last.hash) = EMPTY;
    g_byte_array_set_size(table->texts, (guint)last.at);
    g_array_set_size(table->entries, table->entries->len - 1);
}

tlsfp_span table_get(const struct table *table, uint32_t number)
{
    const entry *kept = entry_of(table, number);
    return (tlsfp_span){table->texts->data + kept->at, kept->len};
}

uint32_t table_count(const struct table *table)
{
    return table->entries->len;
}

size_t table_memory(const struct table *table)
{
    return table->texts->len + table->entries->len * sizeof(entry) +
           table->n_slots * sizeof *table->slots;
}

void table_clear(struct table *table)
{
    g_byte_array_set_size(table->texts, 0);
    g_array_set_size(table->entries, 0);
    memset(table->slots, 0, table->n_slots * sizeof *table->slots);
}
