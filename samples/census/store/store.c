/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/schema.h"

enum {
    APPLICATION_ID = 0x746c7366, /* "tlsf" */
    VERSION = 2,
    BUSY_MS = 10000,
    READ_BUSY_MS = 60000,
};

GQuark store_error_quark(void)
{
    return g_quark_from_static_string("census-store");
}

static const char *advice_for(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "; the disk is full: what was reported as added is kept, the rest can be added "
               "again";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another program is writing to it: try again later";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return "; SQLite has to write to the file and to its folder";
    case SQLITE_NOTADB:
        return "; it is no census, and no database";
    case SQLITE_CORRUPT:
        return "; it is damaged: 'sqlite3 FILE .recover' may save what is in it";
    default:
        return "";
    }
}

bool store_fail(const store *census, GError **error)
{
    const int code = sqlite3_extended_errcode(census->db);
    g_set_error(error, STORE_ERROR, code, "%s: %s%s", census->path, sqlite3_errmsg(census->db),
                advice_for(code));
    return false;
}

static bool refuse(const store *census, GError **error, const char *why)
{
    g_set_error(error, STORE_ERROR, 0, "%s: %s", census->path, why);
    return false;
}

bool store_run(store *census, const char *sql, GError **error)
{
    return sqlite3_exec(census->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           store_fail(census, error);
}

sqlite3_stmt *store_prepare(store *census, const char *sql, GError **error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(census->db, sql, -1, &statement, NULL) != SQLITE_OK)
        store_fail(census, error);
    return statement;
}

void store_bind(sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    for (int i = 1; *types != '\0'; types++, i++)
        if (*types == 'i') {
            sqlite3_bind_int64(statement, i, va_arg(values, int64_t));
        } else if (*types == 't') {
            sqlite3_bind_text(statement, i, va_arg(values, const char *), -1, SQLITE_STATIC);
        } else if (*types == 's') {
            const tlsfp_span text = va_arg(values, tlsfp_span);
            sqlite3_bind_text(statement, i, (const char *)text.data, (int)text.len, SQLITE_STATIC);
        } else {
            const void *data = va_arg(values, const void *);
            sqlite3_bind_blob(statement, i, data, va_arg(values, int), SQLITE_STATIC);
        }
    va_end(values);
}

bool store_do(store *census, sqlite3_stmt *statement, GError **error)
{
    const int code = sqlite3_step(statement);
    const bool fine = code == SQLITE_DONE || code == SQLITE_ROW || store_fail(census, error);
    sqlite3_reset(statement);
    return fine;
}

int64_t store_number(store *census, const char *sql, int64_t missing)
{
    sqlite3_stmt *statement = store_prepare(census, sql, NULL);
    if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
        missing = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return missing;
}

bool store_begin(store *census, GError **error)
{
    bool told = false;
    for (;;) {
        if (sqlite3_exec(census->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
            return true;
        if ((sqlite3_errcode(census->db) & 0xff) != SQLITE_BUSY)
            return store_fail(census, error);
        if (!told)
            fprintf(stderr, "tlsfp-census: %s: another program is writing to it; waiting\n",
                    census->path);
        told = true;
    }
}

bool store_commit(store *census, GError **error)
{
    if (store_run(census, "COMMIT", error))
        return true;
    store_rollback(census);
    return false;
}

bool store_is_writing(const store *census)
{
    return sqlite3_get_autocommit(census->db) == 0;
}

void store_rollback(store *census)
{
    if (store_is_writing(census))
        sqlite3_exec(census->db, "ROLLBACK", NULL, NULL, NULL);
}

/** Version 1 had no marks, and no ja4_bc. */
static const char from_version_1[] =
    "CREATE TABLE mark (source INTEGER NOT NULL REFERENCES source, length INTEGER NOT NULL,"
    " digest TEXT NOT NULL, PRIMARY KEY (source, length)) WITHOUT ROWID;"
    "ALTER TABLE client ADD COLUMN ja4_bc TEXT NOT NULL DEFAULT '';"
    "UPDATE client SET ja4_bc = substr(ja4, 1, 3) || substr(ja4, 11);"
    "DROP VIEW IF EXISTS sightings;"
    "PRAGMA user_version = 2";

static bool migrate(store *census, GError **error)
{
    return store_run(census, from_version_1, error) &&
           store_run(census, strstr(census_schema, "CREATE VIEW"), error);
}

static bool make_tables(store *census, GError **error)
{
    return store_run(census, census_schema, error) &&
           store_run(census, "PRAGMA application_id = 1953264486; PRAGMA user_version = 2", error);
}

/** Another program may do the same: the version is read again once nobody else writes. */
static bool bring_up_to_date(store *census, GError **error)
{
    if (!store_begin(census, error))
        return false;
    const int64_t version = store_number(census, "PRAGMA user_version", 0);
    const bool empty = store_number(census, "SELECT count(*) FROM sqlite_schema", 1) == 0;
    const bool fine =
        (!empty || make_tables(census, error)) && (version != 1 || migrate(census, error));
    if (fine)
        return store_commit(census, error);
    store_rollback(census);
    return false;
}

static bool check_version(store *census, store_mode mode, GError **error)
{
    /* In this order: another program may be creating the tables. */
    const bool empty = store_number(census, "SELECT count(*) FROM sqlite_schema", 1) == 0;
    const int64_t id = store_number(census, "PRAGMA application_id", -1);
    if (id == -1)
        return store_fail(census, error);
    if (empty && mode != STORE_CREATE)
        return refuse(census, error, "there is no census in it");
    if (!empty && id != APPLICATION_ID)
        return refuse(census, error, "this database is no census");
    const int64_t version = empty ? 0 : store_number(census, "PRAGMA user_version", 0);
    if (version > VERSION)
        return refuse(census, error, "a newer tlsfp-census made it; this one cannot read it");
    if (version == VERSION)
        return true;
    if (mode == STORE_READ)
        return refuse(
            census, error,
            "an older tlsfp-census made it; 'tlsfp-census add FILE' brings it up to date");
    return bring_up_to_date(census, error);
}

static bool set_up(store *census, store_mode mode, GError **error)
{
    sqlite3_busy_timeout(census->db, mode == STORE_READ ? READ_BUSY_MS : BUSY_MS);
    /* What is reported as added stays, also when the power fails. Large pages (of a new file), and
     * a log of 32 MB, are fewer writes. */
    const char *settings = "PRAGMA page_size = 16384; PRAGMA wal_autocheckpoint = 2048;"
                           "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                           "PRAGMA cache_size = -32768; PRAGMA temp_store = FILE";
    return store_run(census, settings, error) &&
           (mode == STORE_READ || store_run(census, "PRAGMA journal_mode = WAL", error)) &&
           check_version(census, mode, error);
}

store *store_open(const char *path, store_mode mode, GError **error)
{
    /* Without a mutex: one thread at a time uses it. */
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
                      (mode == STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
    if (mode != STORE_CREATE && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, STORE_ERROR, 0, "%s: there is no such file", path);
        return NULL;
    }
    store *census = g_new0(store, 1);
    census->path = g_strdup(path);
    int code = sqlite3_open_v2(path, &census->db, flags, NULL);
    if (code != SQLITE_OK && mode == STORE_READ) {
        sqlite3_close(census->db);
        code = sqlite3_open_v2(path, &census->db, SQLITE_OPEN_READONLY, NULL);
    }
    if (code == SQLITE_OK ? set_up(census, mode, error) : store_fail(census, error))
        return census;
    store_close(census);
    return NULL;
}

void store_close(store *census)
{
    if (census == NULL)
        return;
    sqlite3_close_v2(census->db);
    g_free(census->path);
    g_free(census);
}
