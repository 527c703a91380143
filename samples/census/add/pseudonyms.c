/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/pseudonyms.h"

#include <string.h>

char *pseudonyms_check_of(store *census, const char *schema)
{
    char *sql = g_strdup_printf("SELECT value FROM %s.meta WHERE key = 'pseudonyms'", schema);
    sqlite3_stmt *query = store_prepare(census, sql, NULL);
    char *check = NULL;
    if (query != NULL && sqlite3_step(query) == SQLITE_ROW)
        check = g_strdup((const char *)sqlite3_column_text(query, 0));
    sqlite3_finalize(query);
    g_free(sql);
    return check != NULL ? check : g_strdup("");
}

static bool set_check(store *census, const char *check, GError **error)
{
    sqlite3_stmt *statement =
        store_prepare(census, "INSERT OR IGNORE INTO meta VALUES ('pseudonyms', ?)", error);
    if (statement == NULL)
        return false;
    store_bind(statement, "t", check);
    const bool fine = store_do(census, statement, error);
    sqlite3_finalize(statement);
    return fine;
}

static bool refuse(const store *census, GError **error, const char *why)
{
    g_set_error(error, STORE_ERROR, 0, "%s: %s", census->path, why);
    return false;
}

bool pseudonyms_agree(store *census, const char *path, bool may_set, pseudonym_key *out,
                      GError **error)
{
    pseudonym_key key = {.used = false};
    char given[ADDRESS_SIZE] = "";
    if (path != NULL) {
        if (!pseudonym_key_read(path, &key, error))
            return false;
        pseudonym_key_check(&key, given);
    }
    char *kept = pseudonyms_check_of(census, "main");
    bool fine = true;
    if (may_set && path != NULL && kept[0] == '\0') {
        fine = store_number(census, "SELECT count(*) FROM address WHERE id <> 0", 1) == 0
                   ? set_check(census, given, error)
                   : refuse(census, error, "it has addresses already that are no pseudonyms");
    } else if (path != NULL || may_set) {
        if (strcmp(kept, given) != 0)
            fine = refuse(
                census, error,
                kept[0] == '\0'    ? "its addresses are no pseudonyms: leave --pseudonyms out"
                : given[0] == '\0' ? "its addresses are pseudonyms: --pseudonyms KEYFILE is needed"
                                   : "its pseudonyms were made with another key");
    }
    g_free(kept);
    if (fine)
        *out = key;
    return fine;
}
