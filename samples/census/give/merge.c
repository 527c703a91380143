/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * tlsfp-census merge. Clients, hellos, addresses and so on get the first census's numbers; then
 * each source is taken over, unless the first one has it: as a whole, or as more of what grows.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "add/pseudonyms.h"
#include "options.h"
#include "store/store.h"

/** Tables that map the other census's numbers to ours. */
static const char map_numbers[] =
    "INSERT OR IGNORE INTO main.client (digest, ja4, ja4_bc, ja4_r, stable, stable_r, ja3n, ja3n_r)"
    " SELECT digest, ja4, ja4_bc, ja4_r, stable, stable_r, ja3n, ja3n_r FROM other.client;"
    "INSERT OR IGNORE INTO main.hello (digest, client, ja3, ja3_r, ja4_o, ja4_ro)"
    " SELECT theirs.digest, ours.id, ja3, ja3_r, ja4_o, ja4_ro FROM other.hello AS theirs"
    " JOIN other.client ON other.client.id = theirs.client"
    " JOIN main.client AS ours ON ours.digest = other.client.digest;"
    "INSERT OR IGNORE INTO main.address (text) SELECT text FROM other.address;"
    "INSERT OR IGNORE INTO main.server (name) SELECT name FROM other.server;"
    "INSERT OR IGNORE INTO main.agent (text) SELECT text FROM other.agent;"
    "CREATE TEMP TABLE map_hello AS SELECT theirs.id AS theirs, ours.id AS ours FROM other.hello AS"
    " theirs JOIN main.hello AS ours USING (digest);"
    "CREATE TEMP TABLE map_address AS SELECT theirs.id AS theirs, ours.id AS ours"
    " FROM other.address AS theirs JOIN main.address AS ours USING (text);"
    "CREATE TEMP TABLE map_server AS SELECT theirs.id AS theirs, ours.id AS ours"
    " FROM other.server AS theirs JOIN main.server AS ours USING (name);"
    "CREATE TEMP TABLE map_agent AS SELECT theirs.id AS theirs, ours.id AS ours"
    " FROM other.agent AS theirs JOIN main.agent AS ours USING (text);"
    "CREATE UNIQUE INDEX temp.map_hello_by ON map_hello (theirs);"
    "CREATE UNIQUE INDEX temp.map_address_by ON map_address (theirs);"
    "CREATE UNIQUE INDEX temp.map_server_by ON map_server (theirs);"
    "CREATE UNIQUE INDEX temp.map_agent_by ON map_agent (theirs)";

static const char drop_maps[] = "DROP TABLE temp.map_hello; DROP TABLE temp.map_address;"
                                "DROP TABLE temp.map_server; DROP TABLE temp.map_agent";

/** What a source's rows say without addresses, which may be forgotten in one of the two. */
#define TOTALS(db, source)                                                                         \
    "(SELECT digest, day, name AS server, sum(n) AS n FROM " db ".sighting JOIN " db               \
    ".hello ON " db ".hello.id = hello JOIN " db ".server ON " db                                  \
    ".server.id = server WHERE source = " source " GROUP BY 1, 2, 3)"

/** Whether each row of the first source is in the second one, as often or more. */
static bool is_within(store *census, const char *first_db, int64_t first, const char *second_db,
                      int64_t second)
{
    char *sql =
        strcmp(first_db, "main") == 0
            ? g_strdup("SELECT count(*) FROM " TOTALS("main", "?1") " AS a LEFT JOIN " TOTALS(
                  "other", "?2") " AS b USING (digest, day, server) WHERE a.n > coalesce(b.n, 0)")
            : g_strdup("SELECT count(*) FROM " TOTALS("other", "?1") " AS a LEFT JOIN " TOTALS(
                  "main", "?2") " AS b USING (digest, day, server) WHERE a.n > coalesce(b.n, 0)");
    (void)second_db;
    sqlite3_stmt *query = store_prepare(census, sql, NULL);
    bool within = false;
    if (query != NULL) {
        store_bind(query, "ii", first, second);
        within = sqlite3_step(query) == SQLITE_ROW && sqlite3_column_int64(query, 0) == 0;
    }
    sqlite3_finalize(query);
    g_free(sql);
    return within;
}

/** A source of the other census. */
typedef struct {
    int64_t id, length;
    const char *kind, *uid, *name, *digest;
} their_source;

typedef enum { SOURCE_NEW, SOURCE_KNOWN, SOURCE_GREW } standing;

/** One of our sources that begins like theirs: the same, a part of it, or more of it. */
static standing compare_with(store *census, const their_source *theirs, sqlite3_stmt *ours)
{
    const int64_t id = sqlite3_column_int64(ours, 0), length = sqlite3_column_int64(ours, 1);
    if (strcmp(theirs->kind, "capture") == 0 ||
        (length == theirs->length && length > 0 &&
         strcmp((const char *)sqlite3_column_text(ours, 2), theirs->digest) == 0))
        return SOURCE_KNOWN;
    if (length == theirs->length && length > 0)
        return SOURCE_NEW; /* as long, and something else */
    /* A stream without a name has no lengths: what it holds tells. */
    if (length >= theirs->length && is_within(census, "other", theirs->id, "main", id))
        return SOURCE_KNOWN;
    return length <= theirs->length && is_within(census, "main", id, "other", theirs->id)
               ? SOURCE_GREW
               : SOURCE_NEW;
}

/** Whether we have their source, or a part of it; @p out is ours where theirs is longer. */
static standing stand(store *census, const their_source *theirs, int64_t *out)
{
    sqlite3_stmt *ours =
        store_prepare(census,
                      "SELECT id, length, digest FROM main.source WHERE uid = ? AND kind = ? "
                      "AND (kind <> 'stream' OR name = ?) ORDER BY length DESC",
                      NULL);
    standing found = SOURCE_NEW;
    if (ours == NULL)
        return found;
    store_bind(ours, "ttt", theirs->uid, theirs->kind, theirs->name);
    while (found == SOURCE_NEW && sqlite3_step(ours) == SQLITE_ROW) {
        found = compare_with(census, theirs, ours);
        *out = sqlite3_column_int64(ours, 0);
    }
    sqlite3_finalize(ours);
    return found;
}

static bool run_with(store *census, const char *sql, int64_t first, int64_t second, GError **error)
{
    sqlite3_stmt *statement = store_prepare(census, sql, error);
    if (statement == NULL)
        return false;
    store_bind(statement, "ii", first, second);
    const bool fine = store_do(census, statement, error);
    sqlite3_finalize(statement);
    return fine;
}

/** Deletes our rows of a source of which theirs has more. */
static bool drop_source(store *census, int64_t id, GError **error)
{
    static const char *const sql[] = {
        "DELETE FROM main.sighting WHERE source = ?1", "DELETE FROM main.claim WHERE source = ?1",
        "DELETE FROM main.mark WHERE source = ?1", "DELETE FROM main.source WHERE id = ?1"};
    bool fine = true;
    for (size_t i = 0; fine && i < G_N_ELEMENTS(sql); i++)
        fine = run_with(census, sql[i], id, 0, error);
    return fine;
}

static bool copy_source(store *census, int64_t theirs, GError **error)
{
    static const char *const sql[] = {
        "INSERT INTO main.mark SELECT ?2, length, digest FROM other.mark WHERE source = ?1",
        "INSERT INTO main.sighting SELECT ?2, day, map_hello.ours, map_address.ours,"
        " map_server.ours, n, first, last FROM other.sighting"
        " JOIN temp.map_hello ON map_hello.theirs = hello"
        " JOIN temp.map_address ON map_address.theirs = address"
        " JOIN temp.map_server ON map_server.theirs = server WHERE source = ?1",
        "INSERT INTO main.claim SELECT ?2, day, map_hello.ours, map_address.ours, map_agent.ours, "
        "n,"
        " first, last FROM other.claim JOIN temp.map_hello ON map_hello.theirs = hello"
        " JOIN temp.map_address ON map_address.theirs = address"
        " JOIN temp.map_agent ON map_agent.theirs = agent WHERE source = ?1"};
    if (!run_with(census,
                  "INSERT INTO main.source (kind, uid, name, length, digest, hellos, added) SELECT "
                  "kind, uid, name, length, digest, hellos, added FROM other.source WHERE id = ?1",
                  theirs, 0, error))
        return false;
    const int64_t ours = sqlite3_last_insert_rowid(census->db);
    bool fine = true;
    for (size_t i = 0; fine && i < G_N_ELEMENTS(sql); i++)
        fine = run_with(census, sql[i], theirs, ours, error);
    return fine;
}

typedef struct {
    unsigned added, known;
} merge_counts;

static bool merge_sources(store *census, merge_counts *counts, GError **error)
{
    sqlite3_stmt *theirs = store_prepare(
        census, "SELECT id, length, kind, uid, name, digest FROM other.source ORDER BY id", error);
    bool fine = theirs != NULL;
    while (fine && sqlite3_step(theirs) == SQLITE_ROW) {
        const their_source source = {
            .id = sqlite3_column_int64(theirs, 0),
            .length = sqlite3_column_int64(theirs, 1),
            .kind = (const char *)sqlite3_column_text(theirs, 2),
            .uid = (const char *)sqlite3_column_text(theirs, 3),
            .name = (const char *)sqlite3_column_text(theirs, 4),
            .digest = (const char *)sqlite3_column_text(theirs, 5),
        };
        int64_t ours = 0;
        const standing found = stand(census, &source, &ours);
        if (found == SOURCE_KNOWN) {
            counts->known++;
            continue;
        }
        counts->added++;
        fine = (found != SOURCE_GREW || drop_source(census, ours, error)) &&
               copy_source(census, source.id, error);
    }
    sqlite3_finalize(theirs);
    return fine;
}

/** Pseudonyms of different keys, and plain addresses, cannot be compared. */
static bool check_keys(store *census, const char *path, GError **error)
{
    char *ours = pseudonyms_check_of(census, "main"),
         *theirs = pseudonyms_check_of(census, "other");
    const bool empty = store_number(census, "SELECT count(*) FROM main.source", 1) == 0;
    bool fine = strcmp(ours, theirs) == 0;
    if (!fine && empty && ours[0] == '\0')
        fine = store_run(census,
                         "INSERT INTO main.meta SELECT * FROM other.meta WHERE key = "
                         "'pseudonyms'",
                         error);
    else if (!fine)
        g_set_error(error, STORE_ERROR, 0, "%s: %s", path,
                    ours[0] == '\0'     ? "its addresses are pseudonyms, those of the first are not"
                    : theirs[0] == '\0' ? "its addresses are no pseudonyms, those of the first are"
                                        : "its pseudonyms were made with another key");
    g_free(ours);
    g_free(theirs);
    return fine;
}

static bool merge_attached(store *census, const char *path, merge_counts *counts, GError **error)
{
    if (!store_begin(census, error))
        return false;
    const bool fine = check_keys(census, path, error) && store_run(census, map_numbers, error) &&
                      merge_sources(census, counts, error) && store_run(census, drop_maps, error);
    if (fine)
        return store_commit(census, error);
    store_rollback(census);
    return false;
}

/** Whether a path leads to the census itself: it would wait for itself to end writing. */
static bool is_itself(const store *census, const char *path)
{
    struct stat ours, theirs;
    return stat(census->path, &ours) == 0 && stat(path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static bool merge_one(store *census, const char *path, merge_counts *counts, GError **error)
{
    if (is_itself(census, path)) {
        g_set_error(error, STORE_ERROR, 0, "%s: this is the first census itself", path);
        return false;
    }
    char *attach = sqlite3_mprintf("ATTACH %Q AS other", path);
    const bool fine = store_run(census, attach, error) &&
                      merge_attached(census, path, counts, error) &&
                      store_run(census, "DETACH other", error);
    sqlite3_free(attach);
    return fine;
}

/** Brings an old census up to date. @return false where it cannot be read. */
static bool prepare(const char *path, GError **error)
{
    store *other = store_open(path, STORE_WRITE, error);
    store_close(other);
    return other != NULL;
}

int run_merge(const options *asked, GError **error)
{
    merge_counts counts = {0};
    bool fine = true;
    for (size_t i = 0; fine && asked->words[i] != NULL; i++) /* before the first one is made */
        fine = prepare(asked->words[i], error);
    store *census = fine ? store_open(asked->db, STORE_CREATE, error) : NULL;
    fine = census != NULL;
    for (size_t i = 0; fine && asked->words[i] != NULL; i++)
        fine = merge_one(census, asked->words[i], &counts, error);
    store_close(census);
    if (fine && !asked->quiet)
        fprintf(stderr, "%u sources added; %u were there already\n", counts.added, counts.known);
    return fine ? STATUS_FOUND : STATUS_TROUBLE;
}
