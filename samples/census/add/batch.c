/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/batch.h"

#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "add/table.h"

enum {
    MAX_ROWS = 32768,
    MAX_TABLES = 24 * 1024 * 1024, /* bytes */
    DIGEST_SIZE = 16,
};
#define NS_PER_DAY (INT64_C(86400) * 1000000000)

/** What is numbered. */
typedef enum { HELLOS, ADDRESSES, SERVERS, AGENTS, N_TABLES } numbered;

/** A row's key. */
typedef struct {
    int32_t day;
    uint32_t hello, address;
    uint32_t other; /* a server; of a request an agent */
    uint32_t is_claim;
} row_key;

typedef struct {
    int64_t n, first, last;
} row_counts;

/** A row as it is written, with the database's numbers. */
typedef struct {
    int64_t day, hello, address, other, is_claim;
    row_counts counts;
} row;

struct batch {
    store *census;
    table *tables[N_TABLES];
    GArray *ids[N_TABLES]; /* the database's numbers of theirs; 0: not known yet */
    table *keys;           /* of rows */
    GArray *counts;        /* of rows */
    fingerprints found;
    GString *digested; /* what a digest is made of */
    int64_t n_hellos;
    int64_t data_version; /* of the database when it was written to last */
    tlsfp_hash_key hash_key;
};

batch *batch_new(store *census)
{
    batch *records = g_new0(batch, 1);
    records->census = census;
    tlsfp_hash_key_draw(&records->hash_key);
    for (size_t i = 0; i < N_TABLES; i++) {
        records->tables[i] = table_new(&records->hash_key);
        records->ids[i] = g_array_new(FALSE, FALSE, sizeof(int64_t));
    }
    records->keys = table_new(&records->hash_key);
    records->counts = g_array_new(FALSE, FALSE, sizeof(row_counts));
    records->found = fingerprints_new();
    records->digested = g_string_new(NULL);
    return records;
}

void batch_free(batch *records)
{
    if (records == NULL)
        return;
    for (size_t i = 0; i < N_TABLES; i++) {
        table_free(records->tables[i]);
        g_array_unref(records->ids[i]);
    }
    table_free(records->keys);
    g_array_unref(records->counts);
    fingerprints_clear(&records->found);
    g_string_free(records->digested, TRUE);
    g_free(records);
}

static tlsfp_span span_of_text(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

static uint32_t number_of(batch *records, numbered which, tlsfp_span bytes, bool *out_new)
{
    static const int64_t unknown = 0;
    bool is_new;
    const uint32_t number = table_put(records->tables[which], bytes, &is_new);
    if (is_new)
        g_array_append_val(records->ids[which], unknown);
    if (out_new != NULL)
        *out_new = is_new;
    return number;
}

static void count(batch *records, const row_key *key, int64_t time_ns)
{
    bool is_new;
    const uint32_t number =
        table_put(records->keys, (tlsfp_span){(const uint8_t *)key, sizeof *key}, &is_new);
    const row_counts none = {0, time_ns, time_ns};
    if (is_new)
        g_array_append_val(records->counts, none);
    row_counts *counts = &g_array_index(records->counts, row_counts, number);
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

/** An object whose members beside the fingerprints change from line to line, as the echo server's
 * are: only the fingerprints of it. */
static tlsfp_span canonical(batch *records, GString *room)
{
    const tlsfp_span *values = records->found.values;
    g_string_assign(room, "{\"ja4\":\"");
    append_span(room, values[TLSFP_KIND_JA4]);
    if (values[TLSFP_KIND_JA3].data != NULL) {
        g_string_append(room, "\",\"ja3\":\"");
        append_span(room, values[TLSFP_KIND_JA3]);
    }
    g_string_append(room, "\"}");
    return span_of_text(room->str);
}

/** The number of a hello. @return NULL, or what is wrong with it. */
static const char *number_hello(batch *records, const record *added, uint32_t *out)
{
    bool is_new;
    if (added->mixed) {
        const char *why = fingerprints_read(added->fingerprints, &records->found);
        if (why == NULL) {
            GString *room = g_string_new(NULL);
            *out = number_of(records, HELLOS, canonical(records, room), NULL);
            g_string_free(room, TRUE);
        }
        return why;
    }
    *out = number_of(records, HELLOS, added->fingerprints, &is_new);
    const char *why = is_new ? fingerprints_read(added->fingerprints, &records->found) : NULL;
    if (why != NULL) {
        table_undo(records->tables[HELLOS]);
        g_array_set_size(records->ids[HELLOS], table_count(records->tables[HELLOS]));
    }
    return why;
}

const char *batch_add(batch *records, const record *added)
{
    row_key key = {.day = day_of(added->time_ns), .is_claim = added->agent != NULL};
    const char *why = number_hello(records, added, &key.hello);
    if (why != NULL)
        return why;
    key.address = number_of(records, ADDRESSES, span_of_text(added->address), NULL);
    key.other = added->agent != NULL
                    ? number_of(records, AGENTS, span_of_text(added->agent), NULL)
                    : number_of(records, SERVERS, span_of_text(added->server), NULL);
    count(records, &key, added->time_ns);
    records->n_hellos += added->agent == NULL;
    return NULL;
}

bool batch_is_full(const batch *records)
{
    size_t memory = 0;
    for (size_t i = 0; i < N_TABLES; i++)
        memory += table_memory(records->tables[i]);
    return records->counts->len >= MAX_ROWS || memory >= MAX_TABLES;
}

bool batch_is_empty(const batch *records)
{
    return records->counts->len == 0;
}

int64_t batch_hellos(const batch *records)
{
    return records->n_hellos;
}

void batch_drop(batch *records)
{
    table_clear(records->keys);
    g_array_set_size(records->counts, 0);
    records->n_hellos = 0;
}

static void forget_tables(batch *records)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        table_clear(records->tables[i]);
        g_array_set_size(records->ids[i], 0);
    }
}

/* ---- writing ---- */

/** The statements for one kind of thing: find it, else insert it. */
typedef struct {
    sqlite3_stmt *find, *insert;
} lookup;

typedef struct {
    lookup texts[N_TABLES]; /* but HELLOS */
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

/** The number that a find statement, bound already, gives; 0: there is none. False on failure. */
static bool look_up(store *census, sqlite3_stmt *find, int64_t *out, GError **error)
{
    const int code = sqlite3_step(find);
    *out = code == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    const bool fine = code == SQLITE_ROW || code == SQLITE_DONE || store_fail(census, error);
    sqlite3_reset(find);
    return fine;
}

/** Inserts by a statement that is bound already, and gives the row's number. */
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
    if (*out != 0 || text[0] == '\0') /* the empty one has the number 0 */
        return true;
    store_bind(sql->insert, "t", text);
    return insert(census, sql->insert, out, error);
}

/** A digest of some of the values, NULs between them. */
static void digest_kinds(batch *records, const tlsfp_kind *kinds, size_t n,
                         uint8_t out[DIGEST_SIZE])
{
    uint8_t digest[32];
    GString *text = records->digested;
    g_string_truncate(text, 0);
    for (size_t i = 0; i < n; i++) {
        const tlsfp_span value = records->found.values[kinds[i]];
        g_string_append_c(text, value.data != NULL ? '=' : '-');
        if (value.data == NULL)
            continue;
        append_span(text, value);
        g_string_append_c(text, '\0');
    }
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, text->str, text->len);
    memcpy(out, digest, DIGEST_SIZE);
}

static bool resolve_client(batch *records, const lookup *sql, int64_t *out, GError **error)
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA4,      TLSFP_KIND_JA4_R, TLSFP_KIND_STABLE,
                                       TLSFP_KIND_STABLE_R, TLSFP_KIND_JA3N,  TLSFP_KIND_JA3N_R};
    const tlsfp_span *values = records->found.values;
    uint8_t digest[DIGEST_SIZE];
    digest_kinds(records, kinds, G_N_ELEMENTS(kinds), digest);
    store_bind(sql->find, "b", digest, DIGEST_SIZE);
    if (!look_up(records->census, sql->find, out, error) || *out != 0)
        return *out != 0;
    char ja4[TLSFP_JA4_SIZE];
    memcpy(ja4, values[TLSFP_KIND_JA4].data, TLSFP_JA4_LEN);
    ja4[TLSFP_JA4_LEN] = '\0';
    GString *bc = g_string_new(NULL);
    tlsfp_append_part(ja4, TLSFP_KIND_JA4_BC, bc);
    store_bind(sql->insert, "bstsssss", digest, DIGEST_SIZE, values[TLSFP_KIND_JA4], bc->str,
               values[TLSFP_KIND_JA4_R], values[TLSFP_KIND_STABLE], values[TLSFP_KIND_STABLE_R],
               values[TLSFP_KIND_JA3N], values[TLSFP_KIND_JA3N_R]);
    const bool inserted = insert(records->census, sql->insert, out, error);
    g_string_free(bc, TRUE);
    return inserted;
}

static bool resolve_hello(batch *records, const statements *sql, tlsfp_span object, int64_t *out,
                          GError **error)
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA4,      TLSFP_KIND_JA4_R, TLSFP_KIND_STABLE,
                                       TLSFP_KIND_STABLE_R, TLSFP_KIND_JA3,   TLSFP_KIND_JA3_R,
                                       TLSFP_KIND_JA4_O,    TLSFP_KIND_JA4_RO};
    const tlsfp_span *values = records->found.values;
    uint8_t digest[DIGEST_SIZE];
    int64_t client;
    fingerprints_read_again(object, &records->found);
    digest_kinds(records, kinds, G_N_ELEMENTS(kinds), digest);
    store_bind(sql->hello.find, "b", digest, DIGEST_SIZE);
    if (!look_up(records->census, sql->hello.find, out, error) || *out != 0)
        return *out != 0;
    if (!resolve_client(records, &sql->client, &client, error))
        return false;
    store_bind(sql->hello.insert, "bissss", digest, DIGEST_SIZE, client, values[TLSFP_KIND_JA3],
               values[TLSFP_KIND_JA3_R], values[TLSFP_KIND_JA4_O], values[TLSFP_KIND_JA4_RO]);
    return insert(records->census, sql->hello.insert, out, error);
}

/** Gives each thing the number that it has in the database, which it enters if need be. */
static bool resolve_all(batch *records, const statements *sql, GError **error)
{
    for (numbered which = 0; which < N_TABLES; which++)
        for (uint32_t i = 0; i < records->ids[which]->len; i++) {
            int64_t *id = &g_array_index(records->ids[which], int64_t, i);
            const tlsfp_span bytes = table_get(records->tables[which], i);
            if (*id != 0)
                continue;
            if (which == HELLOS ? !resolve_hello(records, sql, bytes, id, error)
                                : !resolve_text(records->census, &sql->texts[which],
                                                (const char *)bytes.data, id, error))
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

/** The rows, in the order in which the database has them: that is the quickest. */
static row *sorted_rows(const batch *records)
{
    row *rows = g_new(row, records->counts->len);
    for (uint32_t i = 0; i < records->counts->len; i++) {
        row_key key;
        memcpy(&key, table_get(records->keys, i).data, sizeof key);
        rows[i] = (row){
            .day = key.day,
            .hello = g_array_index(records->ids[HELLOS], int64_t, key.hello),
            .address = g_array_index(records->ids[ADDRESSES], int64_t, key.address),
            .other =
                g_array_index(records->ids[key.is_claim ? AGENTS : SERVERS], int64_t, key.other),
            .is_claim = key.is_claim,
            .counts = g_array_index(records->counts, row_counts, i),
        };
    }
    if (records->counts->len > 0)
        qsort(rows, records->counts->len, sizeof *rows, in_key_order);
    return rows;
}

static bool write_rows(batch *records, const statements *sql, int64_t source, GError **error)
{
    bool fine = true;
    row *rows = sorted_rows(records);
    for (guint i = 0; fine && i < records->counts->len; i++) {
        sqlite3_stmt *statement = rows[i].is_claim ? sql->claim : sql->sighting;
        store_bind(statement, "iiiiiiii", source, rows[i].day, rows[i].hello, rows[i].address,
                   rows[i].other, rows[i].counts.n, rows[i].counts.first, rows[i].counts.last);
        fine = store_do(records->census, statement, error);
    }
    g_free(rows);
    return fine;
}

/** Others may have forgotten addresses: numbers are kept only while nobody else wrote. */
static void check_numbers(batch *records)
{
    const int64_t version = store_number(records->census, "PRAGMA data_version", -1);
    if (version != records->data_version)
        for (size_t which = 0; which < N_TABLES; which++)
            if (records->ids[which]->len > 0)
                memset(records->ids[which]->data, 0, records->ids[which]->len * sizeof(int64_t));
    records->data_version = version;
}

bool batch_write(batch *records, int64_t source, GError **error)
{
    statements sql = {.sighting = NULL};
    check_numbers(records);
    const bool fine = prepare(records->census, &sql, error) && resolve_all(records, &sql, error) &&
                      write_rows(records, &sql, source, error);
    finalize(&sql);
    size_t memory = 0;
    for (size_t i = 0; i < N_TABLES; i++)
        memory += table_memory(records->tables[i]);
    batch_drop(records);
    if (!fine || memory >= MAX_TABLES)
        forget_tables(records);
    return fine;
}
