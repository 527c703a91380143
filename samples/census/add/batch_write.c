/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes a batch to the database: what is new gets its number, then the rows. */
#include <stdlib.h>
#include <string.h>

#include "add/batch_parts.h"

/** A row as it is written, with ids of the database. */
typedef struct {
    int64_t day, hello, address, other, is_claim;
    row_counts counts;
} row;

/** Statements that find a row, or insert it. */
typedef struct {
    sqlite3_stmt *find, *insert;
} lookup;

typedef struct {
    lookup texts[N_TABLES]; /* all but HELLOS */
    lookup client, hello;
    sqlite3_stmt *sighting, *claim;
} statements;

static const char *const sql_of_texts[N_TABLES][2] = {
    [ADDRESSES] = {"SELECT id FROM address WHERE text = ?",
                   "INSERT INTO address (text) VALUES (?)"},
    [SERVERS] = {"SELECT id FROM server WHERE name = ?", "INSERT INTO server (name) VALUES (?)"},
    [AGENTS] = {"SELECT id FROM agent WHERE text = ?", "INSERT INTO agent (text) VALUES (?)"},
};

#define UPSERT(table, other)                                                                       \
    "INSERT INTO " table " (source, day, hello, address, " other ", n, first, last) "              \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n, "               \
    "first = min(first, excluded.first), last = max(last, excluded.last)"

static bool prepare(store *census, statements *out, GError **error)
{
    bool fine = true;
    for (size_t i = ADDRESSES; i < N_TABLES; i++) {
        fine = fine && (out->texts[i].find = store_prepare(census, sql_of_texts[i][0], error));
        fine = fine && (out->texts[i].insert = store_prepare(census, sql_of_texts[i][1], error));
    }
    const struct {
        sqlite3_stmt **place;
        const char *sql;
    } others[] = {
        {&out->client.find, "SELECT id FROM client WHERE digest = ?"},
        {&out->client.insert,
         "INSERT INTO client (digest, ja4, ja4_bc, ja4_r, stable, stable_r, ja3n, ja3n_r) "
         "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
        {&out->hello.find, "SELECT id FROM hello WHERE digest = ?"},
        {&out->hello.insert, "INSERT INTO hello (digest, client, ja3, ja3_r, ja4_o, ja4_ro) "
                             "VALUES (?, ?, ?, ?, ?, ?)"},
        {&out->sighting, UPSERT("sighting", "server")},
        {&out->claim, UPSERT("claim", "agent")},
    };
    for (size_t i = 0; fine && i < G_N_ELEMENTS(others); i++)
        fine = (*others[i].place = store_prepare(census, others[i].sql, error)) != NULL;
    return fine;
}

static void finalize(statements *prepared)
{
    for (size_t i = ADDRESSES; i < N_TABLES; i++) {
        sqlite3_finalize(prepared->texts[i].find);
        sqlite3_finalize(prepared->texts[i].insert);
    }
    sqlite3_finalize(prepared->client.find);
    sqlite3_finalize(prepared->client.insert);
    sqlite3_finalize(prepared->hello.find);
    sqlite3_finalize(prepared->hello.insert);
    sqlite3_finalize(prepared->sighting);
    sqlite3_finalize(prepared->claim);
}

/** Runs a find statement whose values are bound; @p out is the row's id, or 0 where there is none.
 */
static bool look_up(store *census, sqlite3_stmt *find, int64_t *out, GError **error)
{
    const int code = sqlite3_step(find);
    *out = code == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    const bool fine = code == SQLITE_ROW || code == SQLITE_DONE || store_fail(census, error);
    sqlite3_reset(find);
    return fine;
}

/** Runs an insert statement whose values are bound; @p out is the row's id. */
static bool insert(store *census, sqlite3_stmt *statement, int64_t *out, GError **error)
{
    if (!store_do(census, statement, error))
        return false;
    *out = sqlite3_last_insert_rowid(census->db);
    return true;
}

static bool resolve_text(store *census, const lookup *sql, const char *text, int64_t *out,
                         GError **error)
{
    store_bind(sql->find, "t", text);
    if (!look_up(census, sql->find, out, error))
        return false;
    if (*out != 0 || text[0] == '\0') /* the empty text has id 0 */
        return true;
    store_bind(sql->insert, "t", text);
    return insert(census, sql->insert, out, error);
}

static bool resolve_client(struct batch *batch, const lookup *sql, const hello_entry *hello,
                           int64_t *out, GError **error)
{
    const tlsfp_span *values = batch->found.values;
    store_bind(sql->find, "b", hello->client, DIGEST_SIZE);
    if (!look_up(batch->census, sql->find, out, error) || *out != 0)
        return *out != 0;
    char ja4[TLSFP_JA4_SIZE];
    memcpy(ja4, values[TLSFP_KIND_JA4].data, TLSFP_JA4_LEN);
    ja4[TLSFP_JA4_LEN] = '\0';
    GString *bc = g_string_new(NULL);
    tlsfp_append_part(ja4, TLSFP_KIND_JA4_BC, bc);
    store_bind(sql->insert, "bstsssss", hello->client, DIGEST_SIZE, values[TLSFP_KIND_JA4], bc->str,
               values[TLSFP_KIND_JA4_R], values[TLSFP_KIND_STABLE], values[TLSFP_KIND_STABLE_R],
               values[TLSFP_KIND_JA3N], values[TLSFP_KIND_JA3N_R]);
    const bool inserted = insert(batch->census, sql->insert, out, error);
    g_string_free(bc, TRUE);
    return inserted;
}

static bool resolve_hello(struct batch *batch, const statements *sql, uint32_t number, int64_t *out,
                          GError **error)
{
    const hello_entry *hello = &g_array_index(batch->hellos, hello_entry, number);
    const tlsfp_span *values = batch->found.values;
    int64_t client;
    store_bind(sql->hello.find, "b", hello->digest, DIGEST_SIZE);
    if (!look_up(batch->census, sql->hello.find, out, error) || *out != 0)
        return *out != 0;
    fingerprints_at(table_get(batch->tables[HELLOS], number), &hello->places, &batch->found);
    if (!resolve_client(batch, &sql->client, hello, &client, error))
        return false;
    store_bind(sql->hello.insert, "bissss", hello->digest, DIGEST_SIZE, client,
               values[TLSFP_KIND_JA3], values[TLSFP_KIND_JA3_R], values[TLSFP_KIND_JA4_O],
               values[TLSFP_KIND_JA4_RO]);
    return insert(batch->census, sql->hello.insert, out, error);
}

/** Looks up the ids of all texts and hellos, and inserts those that are new. */
static bool resolve_all(struct batch *batch, const statements *sql, GError **error)
{
    for (numbered which = 0; which < N_TABLES; which++)
        for (uint32_t i = 0; i < batch->ids[which]->len; i++) {
            int64_t *id = &g_array_index(batch->ids[which], int64_t, i);
            if (*id != 0)
                continue;
            if (which == HELLOS
                    ? !resolve_hello(batch, sql, i, id, error)
                    : !resolve_text(batch->census, &sql->texts[which],
                                    (const char *)table_get(batch->tables[which], i).data, id,
                                    error))
                return false;
        }
    return true;
}

static int in_key_order(const void *a, const void *b)
{
    const row *first = a, *second = b;
    const int64_t differences[] = {
        first->is_claim - second->is_claim, first->day - second->day,
        first->hello - second->hello,       first->address - second->address,
        first->other - second->other,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(differences); i++)
        if (differences[i] != 0)
            return differences[i] < 0 ? -1 : 1;
    return 0;
}

/** The rows in the order of the primary key: inserting them so is fastest. */
static row *sorted_rows(const struct batch *batch)
{
    row *rows = g_new(row, batch->counts->len);
    for (uint32_t i = 0; i < batch->counts->len; i++) {
        row_key key;
        memcpy(&key, table_get(batch->keys, i).data, sizeof key);
        rows[i] = (row){
            .day = key.day,
            .hello = g_array_index(batch->ids[HELLOS], int64_t, key.hello),
            .address = g_array_index(batch->ids[ADDRESSES], int64_t, key.address),
            .other = g_array_index(batch->ids[key.is_claim ? AGENTS : SERVERS], int64_t, key.other),
            .is_claim = key.is_claim,
            .counts = g_array_index(batch->counts, row_counts, i),
        };
    }
    if (batch->counts->len > 0)
        qsort(rows, batch->counts->len, sizeof *rows, in_key_order);
    return rows;
}

static bool write_rows(struct batch *batch, const statements *sql, int64_t source, GError **error)
{
    bool fine = true;
    row *rows = sorted_rows(batch);
    for (guint i = 0; fine && i < batch->counts->len; i++) {
        sqlite3_stmt *statement = rows[i].is_claim ? sql->claim : sql->sighting;
        store_bind(statement, "iiiiiiii", source, rows[i].day, rows[i].hello, rows[i].address,
                   rows[i].other, rows[i].counts.n, rows[i].counts.first, rows[i].counts.last);
        fine = store_do(batch->census, statement, error);
    }
    g_free(rows);
    return fine;
}

/** Forgets ids where another program has written: it may have deleted addresses (--forget). */
static void check_numbers(struct batch *batch)
{
    const int64_t version = store_number(batch->census, "PRAGMA data_version", -1);
    if (version != batch->data_version)
        for (size_t which = 0; which < N_TABLES; which++)
            if (batch->ids[which]->len > 0)
                memset(batch->ids[which]->data, 0, batch->ids[which]->len * sizeof(int64_t));
    batch->data_version = version;
}

bool batch_write(struct batch *batch, store *census, int64_t source, GError **error)
{
    statements sql = {.sighting = NULL};
    batch->census = census;
    check_numbers(batch);
    const bool fine = prepare(batch->census, &sql, error) && resolve_all(batch, &sql, error) &&
                      write_rows(batch, &sql, source, error);
    finalize(&sql);
    batch_drop(batch);
    if (!fine || batch_tables_are_full(batch))
        batch_forget_tables(batch);
    return fine;
}
