/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census report: one HTML page, with nothing outside of it, and no scripts. */
#include <stdio.h>
#include <string.h>

#include "ask/print.h"
#include "ask/question.h"
#include "ask/where.h"
#include "give/output.h"
#include "give/picture.h"
#include "give/style.h"

enum { TOP_ROWS = 15, SERIES = 6, NEW_ROWS = 20, RARE_ROWS = 15, WEEK = 7, SHORT_TEXT = 32 };

/** A page that is being written. */
typedef struct {
    struct question *question;
    GString *out;
} page;

static void append_text(GString *out, const char *text)
{
    char *shown = printable(text), *escaped = g_markup_escape_text(shown, -1);
    g_string_append(out, escaped);
    g_free(escaped);
    g_free(shown);
}

/** "2026-01-31" */
static bool is_day(const char *text)
{
    return strlen(text) == 10 && g_ascii_isdigit(text[0]) && text[4] == '-' && text[7] == '-';
}

/** A JA4 may break behind its underscores, a day nowhere, short texts between words, others
 * anywhere. */
static void append_cell(GString *out, const char *text, bool number)
{
    const bool ja4 = tlsfp_kind_fits(TLSFP_KIND_JA4, text);
    g_string_append(out, number                      ? "<td class=n>"
                         : ja4                       ? "<td class=v>"
                         : is_day(text)              ? "<td class=d>"
                         : strlen(text) < SHORT_TEXT ? "<td class=s>"
                                                     : "<td>");
    const gsize start = out->len;
    append_text(out, text);
    if (ja4) {
        g_string_insert(out, (gssize)start + TLSFP_JA4_C_AT, "<wbr>");
        g_string_insert(out, (gssize)start + TLSFP_JA4_B_AT, "<wbr>");
    }
    g_string_append(out, "</td>");
}

static void append_number(GString *out, int64_t n)
{
    char *text = thousands(n);
    append_cell(out, text, true);
    g_free(text);
}

static void append_share(GString *out, int64_t part, int64_t all)
{
    char *text = share_text(part, all);
    append_cell(out, text, true);
    g_free(text);
}

/* ---- the parts ---- */

static void write_head(page *report)
{
    const struct question *question = report->question;
    char *hellos = thousands(question->n_hellos), *addresses = thousands(question->n_addresses);
    g_string_append_printf(
        report->out,
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
        "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n<title>TLS clients</title>\n<style>\n%s</style>\n"
        "<header><h1>TLS clients</h1><p>",
        report_style);
    append_text(report->out, question->census->path);
    g_string_append_printf(report->out,
                           "</p><dl><div><dt>connections</dt><dd>%s</dd></div><div><dt>addresses"
                           "</dt><dd>%s</dd></div><div><dt>days</dt><dd>%" G_GINT64_FORMAT
                           "</dd></div></dl></header>\n<main>\n",
                           hellos, addresses, question->n_days);
    g_free(hellos);
    g_free(addresses);
}

/** The names with the most connections, and all others as "". */
static bool read_series(page *report, struct picture *shares, GError **error)
{
    GError *reason = NULL;
    sqlite3_stmt *query = question_query(
        report->question, &reason,
        "WITH leading AS (SELECT coalesce(naming.family, client.ja4) AS name FROM " SIGHTINGS
        " WHERE %s GROUP BY 1 ORDER BY sum(n) DESC, 1 LIMIT %d) "
        "SELECT day, CASE WHEN coalesce(naming.family, client.ja4) IN leading THEN "
        "coalesce(naming.family, client.ja4) ELSE '' END, sum(n) FROM " SIGHTINGS
        " WHERE %s GROUP BY 1, 2 ORDER BY 1",
        report->question->range, SERIES, report->question->range);
    while (query != NULL && question_step(report->question, query, &reason))
        picture_add(shares, sqlite3_column_int64(query, 0), column_text(query, 1),
                    sqlite3_column_int64(query, 2));
    sqlite3_finalize(query);
    if (reason == NULL)
        return true;
    g_propagate_error(error, reason);
    return false;
}

static bool write_shares(page *report, GError **error)
{
    struct picture *shares = picture_new();
    const bool fine = read_series(report, shares, error);
    if (fine) {
        g_string_append(report->out, "<section><h2>Shares of connections, day by day</h2>\n");
        picture_write(shares, report->out);
        g_string_append(report->out, "</section>\n");
    }
    picture_free(shares);
    return fine;
}

/** A table whose rows a query gives: text columns, then connections and addresses. */
typedef struct {
    const char *title, *note, *empty;
    const char *titles; /* of the text columns, separated by '|' */
    int n_texts;
    bool shares; /* the numbers as shares, too */
} table_form;

static void write_titles(GString *out, const table_form *form)
{
    char **titles = g_strsplit(form->titles, "|", -1);
    g_string_append_printf(out, "<section><h2>%s</h2><p>%s</p>\n<table><thead><tr>", form->title,
                           form->note);
    for (size_t i = 0; titles[i] != NULL; i++)
        g_string_append_printf(out, "<th>%s</th>", titles[i]);
    g_string_append(out, form->shares ? "<th class=n>connections</th><th class=n>share</th>"
                                        "<th class=n>addresses</th><th class=n>share</th>"
                                      : "<th class=n>connections</th><th class=n>addresses</th>");
    g_string_append(out, "</tr></thead><tbody>\n");
    g_strfreev(titles);
}

static void write_row(page *report, const table_form *form, sqlite3_stmt *row)
{
    const int64_t hellos = sqlite3_column_int64(row, form->n_texts);
    const int64_t addresses = sqlite3_column_int64(row, form->n_texts + 1);
    g_string_append(report->out, "<tr>");
    for (int i = 0; i < form->n_texts; i++)
        append_cell(report->out, column_text(row, i), false);
    append_number(report->out, hellos);
    if (form->shares)
        append_share(report->out, hellos, report->question->n_hellos);
    append_number(report->out, addresses);
    if (form->shares)
        append_share(report->out, addresses, report->question->n_addresses);
    g_string_append(report->out, "</tr>\n");
}

/** Writes a table, or that it is empty; frees @p sql. */
static bool write_table(page *report, const table_form *form, char *sql, GError **error)
{
    GError *reason = NULL;
    sqlite3_stmt *query = store_prepare(report->question->census, sql, &reason);
    int n = 0;
    for (; query != NULL && question_step(report->question, query, &reason); n++) {
        if (n == 0)
            write_titles(report->out, form);
        write_row(report, form, query);
    }
    if (n > 0)
        g_string_append(report->out, "</tbody></table></section>\n");
    else
        g_string_append_printf(report->out, "<section><h2>%s</h2><p>%s</p></section>\n",
                               form->title, form->empty);
    sqlite3_finalize(query);
    g_free(sql);
    if (reason == NULL)
        return true;
    g_propagate_error(error, reason);
    return false;
}

#define NUMBERS "sum(n), count(DISTINCT nullif(sighting.address, 0))"

static bool write_top(page *report, GError **error)
{
    static const table_form form = {
        "Most frequent clients", "by JA4", "There are none.", "JA4|client", 2, true};
    return write_table(report, &form,
                       g_strdup_printf("SELECT client.ja4, coalesce(max(naming.name), ''), " NUMBERS
                                       " FROM " SIGHTINGS " WHERE %s GROUP BY 1 ORDER BY 3 DESC, 1 "
                                       "LIMIT %d",
                                       report->question->range, TOP_ROWS),
                       error);
}

static bool write_new(page *report, GError **error)
{
    static const table_form form = {
        "New in the last week",
        "first seen in the census's last seven days, by the stable value",
        "Nothing is new.",
        "first seen|stable value|client|servers",
        4,
        false};
    return write_table(
        report, &form,
        g_strdup_printf(
            "SELECT date(min(day) * 86400, 'unixepoch'), coalesce(client.stable, client.ja4), "
            "coalesce(max(naming.name), ''), coalesce(group_concat(DISTINCT nullif(server.name, "
            "'')), ''), " NUMBERS " FROM " SIGHTINGS " GROUP BY 2 HAVING min(day) > (SELECT "
            "max(day) FROM sighting) - %d ORDER BY 5 DESC, 2 LIMIT %d",
            WEEK, NEW_ROWS),
        error);
}

static bool write_rare(page *report, GError **error)
{
    static const table_form form = {"Rare clients",
                                    "in no list, and from a single address",
                                    "There are none.",
                                    "JA4|address|servers",
                                    3,
                                    false};
    return write_table(
        report, &form,
        g_strdup_printf("SELECT client.ja4, max(address.text), coalesce(group_concat(DISTINCT "
                        "nullif(server.name, '')), ''), " NUMBERS " FROM " SIGHTINGS
                        " WHERE %s AND naming.name IS NULL GROUP BY 1 HAVING count(DISTINCT "
                        "sighting.address) = 1 ORDER BY 4 DESC, 1 LIMIT %d",
                        report->question->range, RARE_ROWS),
        error);
}

static bool write_suspicious(page *report, GError **error)
{
    static const table_form form = {
        "Suspicious clients",
        "programs that send another one's hello, and names with a level",
        "None of the clients seen is in a list as one that pretends, or with a level.",
        "JA4|client|why",
        3,
        false};
    return write_table(
        report, &form,
        g_strdup_printf(
            "SELECT client.ja4, coalesce(max(naming.name), ''), CASE WHEN naming.kind "
            "= 'mimic' THEN 'pretends to be another client' ELSE naming.level END, " NUMBERS
            " FROM " SIGHTINGS " WHERE %s AND (naming.kind = 'mimic' OR "
            "naming.level IN ('note', 'warn')) GROUP BY 1 ORDER BY 4 DESC, 1 LIMIT %d",
            report->question->range, RARE_ROWS),
        error);
}

/** Each User-Agent and client once, with what the lists say of them. */
#define CLAIMS                                                                                     \
    "(SELECT text, ja4, name, n, addresses, verdict(text, ja4, ja4_r, ja3n_r) AS said FROM "       \
    "(SELECT agent.text AS text, client.ja4 AS ja4, client.ja4_r AS ja4_r, "                       \
    "client.ja3n_r AS ja3n_r, coalesce(max(naming.name), '') AS name, sum(claim.n) AS n, "         \
    "count(DISTINCT nullif(claim.address, 0)) AS addresses FROM claim JOIN agent ON agent.id = "   \
    "claim.agent JOIN hello ON hello.id = claim.hello JOIN client ON client.id = hello.client "    \
    "JOIN temp.naming ON naming.client = client.id WHERE %s GROUP BY claim.agent, client.id))"

static bool write_false_claims(page *report, GError **error)
{
    static const table_form form = {"Claims that do not fit",
                                    "the User-Agent names a client that sends another hello",
                                    "None was seen.",
                                    "User-Agent|JA4|client|why",
                                    4,
                                    false};
    return write_table(report, &form,
                       g_strdup_printf("SELECT product(text), ja4, name, substr(said, 15), sum(n), "
                                       "sum(addresses) FROM " CLAIMS
                                       " WHERE said LIKE 'does not fit: %%' "
                                       "GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1 LIMIT %d",
                                       report->question->range, RARE_ROWS),
                       error);
}

static bool write_claims(page *report, GError **error)
{
    static const table_form form = {"What clients say they are",
                                    "by the User-Agent of requests, where a log had them",
                                    "No User-Agent was seen.",
                                    "User-Agent|JA4|client|claim",
                                    4,
                                    false};
    return write_table(report, &form,
                       g_strdup_printf("SELECT product(text), ja4, name, substr(said, 1, "
                                       "instr(said, ':') - 1), sum(n), sum(addresses) FROM " CLAIMS
                                       " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1 LIMIT %d",
                                       report->question->range, TOP_ROWS),
                       error);
}

static bool write_page(page *report, GError **error)
{
    write_head(report);
    const bool fine = write_shares(report, error) && write_top(report, error) &&
                      write_new(report, error) && write_suspicious(report, error) &&
                      write_false_claims(report, error) && write_rare(report, error) &&
                      write_claims(report, error);
    g_string_append(report->out, "</main>\n<footer>made by tlsfp-census</footer>\n</html>\n");
    return fine;
}

int run_report(const options *asked, GError **error)
{
    struct question question;
    page report = {&question, g_string_new(NULL)};
    bool fine = question_open(asked, &question, error) &&
                names_prepare(question.names, question.census, error) && write_page(&report, error);
    const bool found = fine && question.n_hellos > 0;
    question_close(&question);
    fine = fine && output_write(asked->output, report.out, error);
    g_string_free(report.out, TRUE);
    return !fine ? STATUS_TROUBLE : found ? STATUS_FOUND : STATUS_NONE;
}
