/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census top. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ask/print.h"
#include "ask/question.h"
#include "ask/where.h"

static double percent(int64_t part, int64_t all)
{
    return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

static bool is_claim(const char *by)
{
    return strcmp(by, "claim") == 0;
}

static const char *column_of(const char *by)
{
    return is_claim(by) ? SAID : where_column(by);
}

/** The names of a group; nothing where groups are names. */
static const char *names_sql(const char *by)
{
    const bool named = strcmp(by, "client") == 0 || strcmp(by, "family") == 0;
    return named ? "''" : "coalesce(min(naming.name), '')";
}

static void print_json(const struct question *question, const char *by, sqlite3_stmt *row)
{
    const int64_t hellos = sqlite3_column_int64(row, 1), addresses = sqlite3_column_int64(row, 2);
    json_t *object =
        json_pack("{s:s, s:I, s:f, s:I, s:f, s:s}", by, column_text(row, 0), "connections",
                  (json_int_t)hellos, "connections_percent", percent(hellos, question->n_hellos),
                  "addresses", (json_int_t)addresses, "addresses_percent",
                  percent(addresses, question->n_addresses), "names", column_text(row, 3));
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(4));
    puts(text);
    free(text);
    json_decref(object);
}

static void add_row(const struct question *question, text_table *table, sqlite3_stmt *row)
{
    const int64_t hellos = sqlite3_column_int64(row, 1), addresses = sqlite3_column_int64(row, 2);
    text_table_add(table, thousands(hellos));
    text_table_add(table, share_text(hellos, question->n_hellos));
    text_table_add(table, thousands(addresses));
    text_table_add(table, share_text(addresses, question->n_addresses));
    text_table_add(table, printable(column_text(row, 0)[0] != '\0' ? column_text(row, 0) : "-"));
    text_table_add(table, printable(column_text(row, 3)));
}

static void add_titles(text_table *table, const char *by)
{
    const char *const titles[] = {"connections", "", "addresses", "", by, "names"};
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        text_table_add(table, g_strdup(titles[i]));
}

static int print_top(const options *asked, struct question *question, const char *by,
                     const char *condition, GError **error)
{
    GError *reason = NULL;
    text_table table = text_table_new(6, 4);
    int n = 0;
    sqlite3_stmt *query =
        question_query(question, &reason,
                       "SELECT %s, sum(n), count(DISTINCT nullif(sighting.address, 0)), %s FROM %s "
                       "WHERE sighting.%s AND (%s) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d",
                       column_of(by), names_sql(by), is_claim(by) ? SIGHTINGS_SAYING : SIGHTINGS,
                       question->range, condition, asked->limit > 0 ? asked->limit : -1);
    add_titles(&table, by);
    for (; query != NULL && question_step(question, query, &reason); n++)
        if (asked->json)
            print_json(question, by, query);
        else
            add_row(question, &table, query);
    sqlite3_finalize(query);
    if (asked->json || n == 0)
        g_ptr_array_unref(table.cells);
    else
        text_table_print(&table, "");
    if (reason != NULL) {
        g_propagate_error(error, reason);
        return STATUS_TROUBLE;
    }
    return n > 0 ? STATUS_FOUND : STATUS_NONE;
}

int run_top(const options *asked, GError **error)
{
    struct question question;
    int status = STATUS_TROUBLE;
    const char *by = asked->by != NULL ? asked->by : "ja4";
    char *condition = where_words(asked->words, error);
    if (condition != NULL && column_of(by) == NULL) {
        char *known = where_columns();
        g_set_error(error, STORE_ERROR, 0, "--by: there is no field '%s'; there are claim, %s", by,
                    known);
        g_free(known);
    } else if (condition != NULL) {
        if (question_open(asked, &question, error))
            status = print_top(asked, &question, by, condition, error);
        question_close(&question);
    }
    g_free(condition);
    return status;
}
