/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/batch.h"

#include <string.h>

#include "add/batch_parts.h"

enum {
    MAX_ROWS = 32768,
    MAX_TABLES = 12 * 1024 * 1024, /* bytes; two batches are in memory */
};
#define NS_PER_DAY (INT64_C(86400) * 1000000000)

struct batch *batch_new(void)
{
    struct batch *batch = g_new0(struct batch, 1);
    tlsfp_hash_key_draw(&batch->hash_key);
    for (size_t i = 0; i < N_TABLES; i++) {
        batch->tables[i] = table_new(&batch->hash_key);
        batch->ids[i] = g_array_new(FALSE, FALSE, sizeof(int64_t));
    }
    batch->keys = table_new(&batch->hash_key);
    batch->counts = g_array_new(FALSE, FALSE, sizeof(row_counts));
    batch->found = fingerprints_new();
    batch->hellos = g_array_new(FALSE, FALSE, sizeof(hello_entry));
    batch->room = g_string_new(NULL);
    return batch;
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < N_TABLES; i++) {
        table_free(batch->tables[i]);
        g_array_unref(batch->ids[i]);
    }
    table_free(batch->keys);
    g_array_unref(batch->counts);
    fingerprints_clear(&batch->found);
    g_array_unref(batch->hellos);
    g_string_free(batch->room, TRUE);
    g_free(batch);
}

static tlsfp_span span_of_text(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

static uint32_t number_of(struct batch *batch, numbered which, tlsfp_span bytes, bool *out_new)
{
    static const int64_t unknown = 0;
    bool is_new;
    const uint32_t number = table_put(batch->tables[which], bytes, &is_new);
    if (is_new)
        g_array_append_val(batch->ids[which], unknown);
    if (out_new != NULL)
        *out_new = is_new;
    return number;
}

static void count(struct batch *batch, const row_key *key, int64_t time_ns)
{
    bool is_new;
    const uint32_t number =
        table_put(batch->keys, (tlsfp_span){(const uint8_t *)key, sizeof *key}, &is_new);
    const row_counts none = {0, time_ns, time_ns};
    if (is_new)
        g_array_append_val(batch->counts, none);
    row_counts *counts = &g_array_index(batch->counts, row_counts, number);
    counts->n++;
    counts->first = MIN(counts->first, time_ns);
    counts->last = MAX(counts->last, time_ns);
}

static int32_t day_of(int64_t time_ns)
{
    return (int32_t)(time_ns / NS_PER_DAY - (time_ns % NS_PER_DAY < 0));
}

static void append_span(GString *out, tlsfp_span text)
{
    g_string_append_len(out, (const char *)text.data, (gssize)text.len);
}

/** Only the fingerprints of an object whose other members change from line to line, as in the echo
 * server's log. */
static tlsfp_span canonical(struct batch *batch)
{
    GString *room = batch->room;
    const tlsfp_span *values = batch->found.values;
    g_string_assign(room, "{\"ja4\":\"");
    append_span(room, values[TLSFP_KIND_JA4]);
    if (values[TLSFP_KIND_JA3].data != NULL) {
        g_string_append(room, "\",\"ja3\":\"");
        append_span(room, values[TLSFP_KIND_JA3]);
    }
    g_string_append(room, "\"}");
    return span_of_text(room->str);
}

/** Reads a hello that is new, from the table's copy. @return NULL, or what is wrong with it. */
static const char *read_hello(struct batch *batch, uint32_t number)
{
    hello_entry entry;
    const char *why =
        hello_read(table_get(batch->tables[HELLOS], number), &batch->found, batch->room, &entry);
    if (why == NULL) {
        g_array_append_val(batch->hellos, entry);
        return NULL;
    }
    table_undo(batch->tables[HELLOS]);
    g_array_set_size(batch->ids[HELLOS], table_count(batch->tables[HELLOS]));
    return why;
}

/** The number of a hello. @return NULL, or what is wrong with it. */
static const char *number_hello(struct batch *batch, const record *added, uint32_t *out)
{
    bool is_new;
    tlsfp_span object = added->fingerprints;
    if (added->mixed) {
        const char *why = fingerprints_read(object, &batch->found);
        if (why != NULL)
            return why;
        object = canonical(batch);
    }
    *out = number_of(batch, HELLOS, object, &is_new);
    return is_new ? read_hello(batch, *out) : NULL;
}

const char *batch_add(struct batch *batch, const record *added)
{
    row_key key = {.day = day_of(added->time_ns), .is_claim = added->agent != NULL};
    const char *why = number_hello(batch, added, &key.hello);
    if (why != NULL)
        return why;
    key.address = number_of(batch, ADDRESSES, span_of_text(added->address), NULL);
    key.other = added->agent != NULL ? number_of(batch, AGENTS, span_of_text(added->agent), NULL)
                                     : number_of(batch, SERVERS, span_of_text(added->server), NULL);
    count(batch, &key, added->time_ns);
    batch->n_hellos += added->agent == NULL;
    return NULL;
}

bool batch_tables_are_full(const struct batch *batch)
{
    size_t memory = 0;
    for (size_t i = 0; i < N_TABLES; i++)
        memory += table_memory(batch->tables[i]);
    return memory + batch->hellos->len * sizeof(hello_entry) >= MAX_TABLES;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->counts->len >= MAX_ROWS || batch_tables_are_full(batch);
}

bool batch_is_empty(const struct batch *batch)
{
    return batch->counts->len == 0;
}

int64_t batch_hellos(const struct batch *batch)
{
    return batch->n_hellos;
}

void batch_drop(struct batch *batch)
{
    table_clear(batch->keys);
    g_array_set_size(batch->counts, 0);
    batch->n_hellos = 0;
}

void batch_forget_tables(struct batch *batch)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        table_clear(batch->tables[i]);
        g_array_set_size(batch->ids[i], 0);
    }
    g_array_set_size(batch->hellos, 0);
}
