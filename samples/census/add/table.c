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

table *table_new(const tlsfp_hash_key *key)
{
    table *strings = g_new0(table, 1);
    strings->key = *key;
    strings->texts = g_byte_array_new();
    strings->entries = g_array_new(FALSE, FALSE, sizeof(entry));
    strings->n_slots = FIRST_SLOTS;
    strings->slots = g_new0(uint32_t, FIRST_SLOTS);
    return strings;
}

void table_free(table *strings)
{
    if (strings == NULL)
        return;
    g_byte_array_unref(strings->texts);
    g_array_unref(strings->entries);
    g_free(strings->slots);
    g_free(strings);
}

static const entry *entry_of(const table *strings, uint32_t number)
{
    return &g_array_index(strings->entries, entry, number);
}

/** The slot of a string, or the empty one where it would be. */
static uint32_t *find(const table *strings, tlsfp_span bytes, uint64_t hash)
{
    size_t at = (size_t)hash & (strings->n_slots - 1);
    for (; strings->slots[at] != EMPTY; at = (at + 1) & (strings->n_slots - 1)) {
        const entry *kept = entry_of(strings, strings->slots[at] - 1);
        if (kept->hash == hash && kept->len == bytes.len &&
            (bytes.len == 0 || memcmp(strings->texts->data + kept->at, bytes.data, bytes.len) == 0))
            break;
    }
    return &strings->slots[at];
}

static void grow(table *strings)
{
    strings->n_slots *= 2;
    g_free(strings->slots);
    strings->slots = g_new0(uint32_t, strings->n_slots);
    for (uint32_t i = 0; i < strings->entries->len; i++) {
        size_t at = (size_t)entry_of(strings, i)->hash & (strings->n_slots - 1);
        while (strings->slots[at] != EMPTY)
            at = (at + 1) & (strings->n_slots - 1);
        strings->slots[at] = i + 1;
    }
}

uint32_t table_put(table *strings, tlsfp_span bytes, bool *out_new)
{
    static const uint8_t nul = 0;
    const uint64_t hash = tlsfp_hash(&strings->key, bytes);
    uint32_t *slot = find(strings, bytes, hash);
    const bool is_new = *slot == EMPTY;
    if (out_new != NULL)
        *out_new = is_new;
    if (!is_new)
        return *slot - 1;
    const entry added = {strings->texts->len, bytes.len, hash};
    const uint32_t number = strings->entries->len;
    if (bytes.len > 0)
        g_byte_array_append(strings->texts, bytes.data, (guint)bytes.len);
    g_byte_array_append(strings->texts, &nul, 1);
    g_array_append_val(strings->entries, added);
    *slot = number + 1;
    if (strings->entries->len > strings->n_slots / 2)
        grow(strings);
    return number;
}

/** No other string came after it: none was put further on because of it. */
void table_undo(table *strings)
{
    const entry last = *entry_of(strings, strings->entries->len - 1);
    const tlsfp_span bytes = {strings->texts->data + last.at, last.len};
    *find(strings, bytes, last.hash) = EMPTY;
    g_byte_array_set_size(strings->texts, (guint)last.at);
    g_array_set_size(strings->entries, strings->entries->len - 1);
}

tlsfp_span table_get(const table *strings, uint32_t number)
{
    const entry *kept = entry_of(strings, number);
    return (tlsfp_span){strings->texts->data + kept->at, kept->len};
}

uint32_t table_count(const table *strings)
{
    return strings->entries->len;
}

size_t table_memory(const table *strings)
{
    return strings->texts->len + strings->entries->len * sizeof(entry) +
           strings->n_slots * sizeof *strings->slots;
}

void table_clear(table *strings)
{
    g_byte_array_set_size(strings->texts, 0);
    g_array_set_size(strings->entries, 0);
    memset(strings->slots, 0, strings->n_slots * sizeof *strings->slots);
}
