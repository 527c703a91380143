/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census new and since: clients that were never seen before. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "add/feed.h"
#include "add/pseudonyms.h"
#include "ask/print.h"
#include "ask/question.h"
#include "ask/where.h"

/** Columns of a client that is new. */
enum { VALUE, JA4, HELLOS, ADDRESSES, FIRST, SERVERS, NAME, LEVEL, RAW, JA3N_RAW };

/** Groups of sightings by a value, with the time at which each was first seen. */
#define FRESH                                                                                      \
    "SELECT coalesce(%s, client.ja4) AS value, min(client.ja4), sum(n), "                          \
    "count(DISTINCT nullif(sighting.address, 0)), "                                                \
    "strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', min(first) / 1000000000, 'unixepoch'), "                 \
    "coalesce(group_concat(DISTINCT nullif(server.name, '')), ''), min(naming.name), "             \
    "max(naming.level), min(client.ja4_r), min(client.ja3n_r) FROM " SIGHTINGS

static void print_json(struct names *names, sqlite3_stmt *row, const char *by)
{
    char *nearest = names_nearest(names, (const char *)sqlite3_column_text(row, RAW),
                                  (const char *)sqlite3_column_text(row, JA3N_RAW));
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s?, s:s?, s:s?}", by,
                               column_text(row, VALUE), "example", column_text(row, JA4),
                               "connections", (json_int_t)sqlite3_column_int64(row, HELLOS),
                               "addresses", (json_int_t)sqlite3_column_int64(row, ADDRESSES),
                               "first", column_text(row, FIRST), "servers",
                               column_text(row, SERVERS), "client", sqlite3_column_text(row, NAME),
                               "level", sqlite3_column_text(row, LEVEL), "nearest", nearest);
    char *text = json_dumps(object, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(object);
    g_free(nearest);
}

static void print_line(struct names *names, sqlite3_stmt *row)
{
    char *servers = printable(column_text(row, SERVERS));
    char *name = printable(column_text(row, NAME));
    char *nearest = NULL;
    if (name[0] == '\0')
        nearest = names_nearest(names, (const char *)sqlite3_column_text(row, RAW),
                                (const char *)sqlite3_column_text(row, JA3N_RAW));
    const char *level = column_text(row, LEVEL);
    const bool told = level[0] != '\0' && strcmp(level, "none") != 0;
    printf("%s\t%s\t%" G_GINT64_FORMAT "\t%s\t%s%s%s%s\n", column_text(row, FIRST),
           column_text(row, VALUE), (int64_t)sqlite3_column_int64(row, HELLOS), servers,
           told ? level : "", told ? ": " : "", name[0] != '\0' ? name : "",
           nearest != NULL ? nearest : "");
    g_free(servers);
    g_free(name);
    g_free(nearest);
}

/** Prints the rows of a query of FRESH's. */
static int print_all(const options *asked, struct names *names, store *census, const char *sql,
                     const char *by, GError **error)
{
    sqlite3_stmt *query = store_prepare(census, sql, error);
    int n = 0, code = SQLITE_DONE;
    if (query == NULL)
        return STATUS_TROUBLE;
    for (; (code = sqlite3_step(query)) == SQLITE_ROW; n++)
        if (asked->json)
            print_json(names, query, by);
        else
            print_line(names, query);
    if (code != SQLITE_DONE)
        store_fail(census, error);
    sqlite3_finalize(query);
    return code != SQLITE_DONE ? STATUS_TROUBLE : n > 0 ? STATUS_FOUND : STATUS_NONE;
}

/** By the stable value, unless another one is asked for: a client that resumes is not a new one. */
static const char *column_by(const options *asked, const char **out_name, GError **error)
{
    *out_name = asked->by != NULL ? asked->by : "stable";
    const char *column = where_column(*out_name);
    if (column == NULL) {
        char *known = where_columns();
        g_set_error(error, STORE_ERROR, 0, "--by: there is no field '%s'; there are %s", *out_name,
                    known);
        g_free(known);
    }
    return column;
}

static bool feed_files(const options *asked, store *files, const feed_options *how, bool *out_whole,
                       GError **error)
{
    struct feed *feed = feed_new(files, how);
    bool fine = true;
    for (size_t i = 0; fine && asked->words[i] != NULL; i++)
        fine = feed_path(feed, asked->words[i], error);
    const feed_counts counts = feed_counted(feed);
    *out_whole = counts.failed_files == 0 && counts.broken == 0;
    feed_free(feed);
    return fine;
}

/** Whether a field is known of a hello by itself: only these are compared with another census. */
static bool is_of_hello(const char *name)
{
    tlsfp_kind kind;
    return tlsfp_kind_named(name, &kind) || strcmp(name, "transport") == 0;
}

/** Attaches the census to the store of the files, and compares. */
static int compare(const options *asked, store *files, struct names *names, GError **error)
{
    const char *by, *column = column_by(asked, &by, error);
    if (column != NULL && !is_of_hello(by)) {
        g_set_error(error, STORE_ERROR, 0, "--by: new compares fingerprints, not '%s'", by);
        return STATUS_TROUBLE;
    }
    char *attach = sqlite3_mprintf("ATTACH %Q AS known", asked->db);
    int status = STATUS_TROUBLE;
    if (column != NULL && store_run(files, attach, error) &&
        names_apply(names, files, "main", error)) {
        char *sql = g_strdup_printf(
            FRESH " WHERE value NOT IN (SELECT coalesce(%s, client.ja4) FROM known.hello AS hello "
                  "JOIN known.client AS client ON client.id = hello.client) "
                  "GROUP BY 1 ORDER BY min(first), 1",
            column, column);
        status = print_all(asked, names, files, sql, by, error);
        g_free(sql);
    }
    sqlite3_free(attach);
    return status;
}

int run_new(const options *asked, GError **error)
{
    feed_options how = {.quiet = true};
    bool whole = true;
    int status = STATUS_TROUBLE;
    store *census = store_open(asked->db, STORE_READ, error);
    store *files = census != NULL ? store_open(":memory:", STORE_CREATE, error) : NULL;
    struct names *names = files != NULL ? names_read(asked->labels, error) : NULL;
    if (names != NULL && where_prepare(files, error) &&
        feed_files(asked, files, &how, &whole, error))
        status = compare(asked, files, names, error);
    names_free(names);
    store_close(files);
    store_close(census);
    return whole ? status : STATUS_TROUBLE;
}

int run_since(const options *asked, GError **error)
{
    struct question question;
    int status = STATUS_TROUBLE;
    const char *by, *column = column_by(asked, &by, error);
    if (column == NULL)
        return status;
    if (question_open(asked, &question, error)) {
        char *day = where_range(question.census, asked->words[0], NULL, NOT_GIVEN, error);
        if (day != NULL) {
            char *sql =
                g_strdup_printf(FRESH " GROUP BY 1 HAVING min(%.*s) %s ORDER BY min(first), 1",
                                column, 3, "day", day + strlen("day"));
            status = print_all(asked, question.names, question.census, sql, by, error);
            g_free(sql);
        }
        g_free(day);
    }
    question_close(&question);
    return status;
}
