/* SPDX-License-Identifier: BSD-3-Clause */
#include "ask/question.h"

#include "ask/where.h"

const char *column_text(sqlite3_stmt *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query, column);
    return text != NULL ? text : "";
}

sqlite3_stmt *question_query(struct question *question, GError **error, const char *format, ...)
{
    va_list parts;
    va_start(parts, format);
    char *sql = g_strdup_vprintf(format, parts);
    va_end(parts);
    sqlite3_stmt *query = store_prepare(question->census, sql, error);
    g_free(sql);
    return query;
}

bool question_step(struct question *question, sqlite3_stmt *query, GError **error)
{
    const int code = sqlite3_step(query);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        store_fail(question->census, error);
    return code == SQLITE_ROW;
}

bool question_sums(struct question *question, const char *condition, sums *out, GError **error)
{
    GError *reason = NULL;
    sqlite3_stmt *query =
        question_query(question, &reason,
                       "SELECT coalesce(sum(n), 0), count(DISTINCT nullif(sighting.address, 0)), "
                       "count(DISTINCT day) FROM " SIGHTINGS " WHERE %s AND (%s)",
                       question->range, condition);
    if (query != NULL && question_step(question, query, &reason))
        *out = (sums){sqlite3_column_int64(query, 0), sqlite3_column_int64(query, 1),
                      sqlite3_column_int64(query, 2)};
    sqlite3_finalize(query);
    if (reason == NULL)
        return true;
    g_propagate_error(error, reason);
    return false;
}

static bool count_all(struct question *question, GError **error)
{
    sqlite3_stmt *query =
        question_query(question, error,
                       "SELECT coalesce(sum(n), 0), count(DISTINCT nullif(address, 0)), "
                       "count(DISTINCT day) FROM sighting WHERE %s",
                       question->range);
    if (query == NULL || !question_step(question, query, error)) {
        sqlite3_finalize(query);
        return false;
    }
    question->n_hellos = sqlite3_column_int64(query, 0);
    question->n_addresses = sqlite3_column_int64(query, 1);
    question->n_days = sqlite3_column_int64(query, 2);
    sqlite3_finalize(query);
    return true;
}

bool question_open(const options *asked, struct question *out, GError **error)
{
    *out = (struct question){.census = store_open(asked->db, STORE_READ, error)};
    return out->census != NULL && where_prepare(out->census, error) &&
           (out->names = names_read(asked->labels, error)) != NULL &&
           names_apply(out->names, out->census, "main", error) &&
           (out->range = where_range(out->census, asked->from, asked->to, asked->last_days,
                                     error)) != NULL &&
           count_all(out, error);
}

void question_close(struct question *question)
{
    names_free(question->names);
    store_close(question->census);
    g_free(question->range);
}
