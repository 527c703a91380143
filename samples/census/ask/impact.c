/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census impact. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/bad.h"
#include "ask/print.h"
#include "ask/question.h"
#include "ask/where.h"

enum { SHOWN = 10, FEW = 30 /* too few hits to say how they spread */ };

/** What the rule hits, in the temporary table hit (day, hello, address, server, n). */
struct impact {
    struct question *question;
    const options *asked;
    sums hits;
    bad_list *bad;
    int64_t bad_seen, bad_hit;
    json_t *json; /* the answer; NULL where it is for people */
};

static bool collect_hits(struct impact *impact, GError **error)
{
    struct question *question = impact->question;
    char *condition = where_words(impact->asked->words, error);
    if (condition == NULL)
        return false;
    char *sql = g_strdup_printf("CREATE TEMP TABLE hit AS SELECT sighting.day, sighting.hello, "
                                "sighting.address, sighting.server, sighting.n FROM " SIGHTINGS
                                " WHERE %s AND (%s)",
                                question->range, condition);
    const bool fine = store_run(question->census, sql, error) &&
                      question_sums(question, condition, &impact->hits, error);
    g_free(sql);
    g_free(condition);
    return fine;
}

static int64_t count_of(const struct impact *impact, const char *sql)
{
    return store_number(impact->question->census, sql, 0);
}

static bool count_bad(struct impact *impact, GError **error)
{
    struct question *question = impact->question;
    if (impact->asked->bad == NULL)
        return true;
    impact->bad = bad_list_read(impact->asked->bad, error);
    if (impact->bad == NULL ||
        !bad_list_apply(impact->bad, question->census, impact->asked->pseudonyms, error))
        return false;
    char *sql = g_strdup_printf("SELECT count(DISTINCT address) FROM sighting WHERE %s AND address "
                                "IN (SELECT id FROM temp.bad)",
                                question->range);
    impact->bad_seen = count_of(impact, sql);
    impact->bad_hit =
        count_of(impact, "SELECT count(DISTINCT address) FROM temp.hit WHERE address IN "
                         "(SELECT id FROM temp.bad)");
    g_free(sql);
    return true;
}

/* ---- for people ---- */

static void print_sums(const struct impact *impact)
{
    const struct question *question = impact->question;
    char *words = g_strjoinv(" ", impact->asked->words), *shown = printable(words);
    printf("%s\n", shown);
    g_free(words);
    g_free(shown);
    print_share("connections", impact->hits.hellos, question->n_hellos);
    print_share("addresses", impact->hits.addresses, question->n_addresses);
    printf("  %-12s %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT "\n", "days", impact->hits.days,
           question->n_days);
    if (impact->hits.hellos > 0 && impact->hits.hellos < FEW)
        printf("  %" G_GINT64_FORMAT " connections: too few to say how they spread\n",
               impact->hits.hellos);
}

static void print_bad(const struct impact *impact)
{
    if (impact->bad == NULL)
        return;
    printf("  %-12s ", "hostile");
    char *hit = thousands(impact->bad_hit), *seen = thousands(impact->bad_seen);
    char *share = share_text(impact->bad_hit, impact->bad_seen);
    char *others = thousands(impact->hits.addresses - impact->bad_hit);
    printf("%s of the %s addresses in %s that were seen (%s); %s other addresses\n", hit, seen,
           impact->asked->bad, share, others);
    g_free(hit);
    g_free(seen);
    g_free(share);
    g_free(others);
}

/** A list of groups of hits: each a name, its connections and addresses. */
typedef struct {
    const char *title, *key;
    const char *empty;  /* what stands for a name that is empty */
    const char *prefix; /* before each name */
    const char *sql;    /* columns: name, connections, addresses, and hostile ones where known */
} breakdown;

#define BAD_COUNT                                                                                  \
    ", count(DISTINCT CASE WHEN hit.address IN (SELECT id FROM temp.bad) THEN "                    \
    "hit.address END)"
#define GROUP_COLUMNS                                                                              \
    "sum(hit.n), count(DISTINCT nullif(hit.address, 0))" BAD_COUNT " FROM temp.hit "

static const breakdown breakdowns[] = {
    {"Known clients", "clients", "(in no list)", "",
     "SELECT coalesce(naming.name, ''), " GROUP_COLUMNS "JOIN hello ON hello.id = hit.hello "
     "JOIN temp.naming ON naming.client = hello.client GROUP BY 1 ORDER BY 2 DESC, 1"},
    {"Narrower, with the server's name", "servers", "(no name)", "+ sni=",
     "SELECT server.name, " GROUP_COLUMNS "JOIN server ON server.id = hit.server GROUP BY 1 "
     "ORDER BY 2 DESC, 1"},
    {"Narrower, with what they say they are (requests)", "claims", "(no User-Agent)", "+ claim=",
     "SELECT product(agent.text), sum(claim.n), count(DISTINCT nullif(claim.address, 0)), "
     "count(DISTINCT CASE WHEN claim.address IN (SELECT id FROM temp.bad) THEN claim.address END) "
     "FROM claim JOIN agent ON agent.id = claim.agent WHERE (claim.day, claim.hello, "
     "claim.address) IN (SELECT day, hello, address FROM temp.hit) GROUP BY 1 ORDER BY 2 DESC, 1"},
};

static void add_group(const struct impact *impact, const breakdown *kind, text_table *table,
                      sqlite3_stmt *row)
{
    const struct question *question = impact->question;
    const char *name = column_text(row, 0);
    const int64_t addresses = sqlite3_column_int64(row, 2);
    char *shown = printable(name[0] != '\0' ? name : kind->empty);
    char *share = share_text(addresses, question->n_addresses);
    text_table_add(table, thousands(sqlite3_column_int64(row, 1)));
    text_table_add(table, thousands(addresses));
    text_table_add(table, g_strdup_printf("%s%s", kind->prefix, shown));
    text_table_add(table, strcmp(share, "too few to say") == 0
                              ? g_strdup(share)
                              : g_strdup_printf("%s of your addresses", share));
    text_table_add(table, impact->bad != NULL
                              ? g_strdup_printf("%" G_GINT64_FORMAT " hostile",
                                                (int64_t)sqlite3_column_int64(row, 3))
                              : g_strdup(""));
    g_free(share);
    g_free(shown);
}

static json_t *group_json(const struct impact *impact, sqlite3_stmt *row)
{
    json_t *object = json_pack("{s:s, s:I, s:I}", "name", column_text(row, 0), "connections",
                               (json_int_t)sqlite3_column_int64(row, 1), "addresses",
                               (json_int_t)sqlite3_column_int64(row, 2));
    if (impact->bad != NULL)
        json_object_set_new(object, "hostile", json_integer((int64_t)sqlite3_column_int64(row, 3)));
    return object;
}

/** Prints the groups of one kind, or puts them into the JSON. */
static bool break_down(struct impact *impact, const breakdown *kind, GError **error)
{
    GError *reason = NULL;
    text_table table = text_table_new(5, 2);
    json_t *array = json_array();
    int n = 0;
    sqlite3_stmt *query = question_query(impact->question, &reason, "%s", kind->sql);
    while (query != NULL && question_step(impact->question, query, &reason)) {
        json_array_append_new(array, group_json(impact, query));
        if (n++ < SHOWN)
            add_group(impact, kind, &table, query);
    }
    sqlite3_finalize(query);
    if (impact->json == NULL && n > 0)
        printf("%s:\n", kind->title);
    if (impact->json == NULL && n == 0 && strcmp(kind->key, "claims") == 0)
        puts("Narrower, with what they say they are: no User-Agent seen");
    if (impact->json == NULL)
        text_table_print(&table, "  ");
    else
        g_ptr_array_unref(table.cells);
    if (impact->json == NULL && n > SHOWN)
        printf("  and %d more\n", n - SHOWN);
    if (impact->json != NULL)
        json_object_set(impact->json, kind->key, array);
    json_decref(array);
    if (reason == NULL)
        return true;
    g_propagate_error(error, reason);
    return false;
}

/** Prints the known clients nearest to those in no list. */
static bool print_nearest(struct impact *impact, GError **error)
{
    GError *reason = NULL;
    bool titled = false;
    sqlite3_stmt *query = question_query(
        impact->question, &reason,
        "SELECT client.ja4, client.ja4_r, client.ja3n_r, sum(hit.n) FROM temp.hit JOIN hello ON "
        "hello.id = hit.hello JOIN client ON client.id = hello.client JOIN temp.naming ON "
        "naming.client = client.id WHERE naming.name IS NULL GROUP BY client.id ORDER BY 4 DESC "
        "LIMIT 3");
    while (query != NULL && question_step(impact->question, query, &reason)) {
        char *nearest =
            names_nearest(impact->question->names, (const char *)sqlite3_column_text(query, 1),
                          (const char *)sqlite3_column_text(query, 2));
        if (nearest != NULL) {
            if (!titled)
                puts("Nearest known clients of those in no list:");
            titled = true;
            printf("  %s  %s\n", column_text(query, 0), nearest);
        }
        g_free(nearest);
    }
    sqlite3_finalize(query);
    if (reason == NULL)
        return true;
    g_propagate_error(error, reason);
    return false;
}

/* ---- the answer ---- */

static json_t *share_json(int64_t part, int64_t all)
{
    return json_pack("{s:I, s:I, s:f, s:b}", "hit", (json_int_t)part, "of", (json_int_t)all,
                     "percent", all > 0 ? 100.0 * (double)part / (double)all : 0.0,
                     "too_few_to_say", all < ENOUGH);
}

static void put_sums(struct impact *impact)
{
    const struct question *question = impact->question;
    json_object_set_new(impact->json, "connections",
                        share_json(impact->hits.hellos, question->n_hellos));
    json_object_set_new(impact->json, "addresses",
                        share_json(impact->hits.addresses, question->n_addresses));
    json_object_set_new(impact->json, "days", share_json(impact->hits.days, question->n_days));
    if (impact->bad != NULL)
        json_object_set_new(impact->json, "hostile", share_json(impact->bad_hit, impact->bad_seen));
}

/** Tells why the answer has no names, or nothing at all. */
static void tell_what_is_missing(const struct impact *impact)
{
    if (impact->hits.hellos == 0)
        fputs("tlsfp-census: no connection of the census has this value\n", stderr);
    else if (names_missing(impact->question->names))
        fputs("tlsfp-census: no list of names is installed; name one by --labels\n", stderr);
}

static bool answer(struct impact *impact, GError **error)
{
    bool fine = true;
    tell_what_is_missing(impact);
    if (impact->json != NULL) {
        put_sums(impact);
    } else {
        print_sums(impact);
        print_bad(impact);
    }
    for (size_t i = 0; fine && impact->hits.hellos > 0 && i < G_N_ELEMENTS(breakdowns); i++)
        fine = break_down(impact, &breakdowns[i], error);
    if (fine && impact->json == NULL && impact->hits.hellos > 0)
        fine = print_nearest(impact, error);
    if (fine && impact->json != NULL) {
        char *text = json_dumps(impact->json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
        puts(text);
        free(text);
    }
    return fine;
}

/** "0.5%"; false where it is no share. */
static bool read_share(const char *text, double *out)
{
    char *end;
    double share = g_ascii_strtod(text, &end);
    while (*end == ' ')
        end++;
    if (end == text || strcmp(end, "%") != 0 || !(share >= 0 && share <= 100))
        return false;
    *out = share / 100;
    return true;
}

/** Whether the rule stays below the share; with too few connections it does not pass. */
static int judge(const struct impact *impact, double max_share)
{
    const struct question *question = impact->question;
    const int64_t pairs[][2] = {{impact->hits.hellos, question->n_hellos},
                                {impact->hits.addresses, question->n_addresses}};
    if (question->n_hellos < ENOUGH) {
        fprintf(stderr, "tlsfp-census: %" G_GINT64_FORMAT " connections: too few to say\n",
                question->n_hellos);
        return STATUS_NONE;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        if ((double)pairs[i][0] > max_share * (double)pairs[i][1])
            return STATUS_NONE;
    return STATUS_FOUND;
}

static int ask(const options *asked, struct question *question, double max_share, GError **error)
{
    struct impact impact = {
        .question = question, .asked = asked, .json = asked->json ? json_object() : NULL};
    int status = STATUS_TROUBLE;
    if (store_run(question->census, "CREATE TEMP TABLE bad (id INTEGER PRIMARY KEY)", error) &&
        collect_hits(&impact, error) && count_bad(&impact, error) && answer(&impact, error))
        status = asked->max_share != NULL ? judge(&impact, max_share)
                 : impact.hits.hellos > 0 ? STATUS_FOUND
                                          : STATUS_NONE;
    json_decref(impact.json);
    bad_list_free(impact.bad);
    return status;
}

int run_impact(const options *asked, GError **error)
{
    struct question question;
    double max_share = 1;
    int status = STATUS_TROUBLE;
    if (asked->max_share != NULL && !read_share(asked->max_share, &max_share)) {
        g_set_error(error, STORE_ERROR, 0, "--max-share: '%s' is no share such as 0.5%%",
                    asked->max_share);
        return status;
    }
    if (question_open(asked, &question, error))
        status = ask(asked, &question, max_share, error);
    question_close(&question);
    return status;
}
