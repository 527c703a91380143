/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A census: its SQLite file, and statements on it. */
#ifndef CENSUS_STORE_H
#define CENSUS_STORE_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <tlsfp/types.h>

typedef struct {
    sqlite3 *db;
    char *path;
} store;

#define STORE_ERROR (store_error_quark())
GQuark store_error_quark(void);

typedef enum {
    STORE_READ,   /**< The file must exist. */
    STORE_WRITE,  /**< The file must exist; an older version is migrated. */
    STORE_CREATE, /**< As STORE_WRITE, but creates a missing file. */
} store_mode;

/**
 * Opens a census; ":memory:" is one that lasts as long as the program.
 * @return owned by the caller, to be freed with store_close(); NULL with @p error set, whose
 * message names the file and says what to do.
 */
store *store_open(const char *path, store_mode mode, GError **error);

/** Frees @p census; NULL is fine. */
void store_close(store *census);

/** Sets @p error to what SQLite says was wrong last, in words for people. Returns false. */
bool store_fail(const store *census, GError **error);

/** Runs statements without results. */
bool store_run(store *census, const char *sql, GError **error);

/** Begins a write transaction; waits while another program writes, and says so on standard error.
 */
bool store_begin(store *census, GError **error);

/** Commits what was written since store_begin(). */
bool store_commit(store *census, GError **error);

/** Rolls it back, if there is one. */
void store_rollback(store *census);

/** Whether a write transaction is open. */
bool store_is_writing(const store *census);

/** @return a statement, to be freed with sqlite3_finalize(); NULL with @p error set. */
sqlite3_stmt *store_prepare(store *census, const char *sql, GError **error);

/** Binds values in order: 'i' int64_t, 't' text or NULL, 's' tlsfp_span, text or without data NULL,
 * 'b' data and length (const void *, int). */
void store_bind(sqlite3_stmt *statement, const char *types, ...);

/** Steps once and resets. @return false with @p error set where that fails. */
bool store_do(store *census, sqlite3_stmt *statement, GError **error);

/** The first column of the first row of a query; @p missing where there is no row, or a failure. */
int64_t store_number(store *census, const char *sql, int64_t missing);

#endif
