/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census export. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ask/question.h"
#include "ask/where.h"
#include "give/formats.h"
#include "give/output.h"

static void free_value(gpointer data)
{
    export_value *value = data;
    g_free(value->text);
    g_free(value->name);
    g_free(value->raw);
    g_free(value);
}

static bool is_fingerprint(const char *text)
{
    const size_t len = strlen(text);
    const bool ja3 = len == EXPORT_JA3_LEN && strspn(text, "0123456789abcdef") == len;
    const bool ja4 = len == EXPORT_JA4_LEN && text[10] == '_' && text[23] == '_' &&
                     strchr("tqd", text[0]) != NULL && strchr("di", text[3]) != NULL &&
                     strspn(text + 11, "0123456789abcdef_") == len - 11;
    for (size_t i = 0; ja4 && i < 10; i++)
        if (!g_ascii_isalnum(text[i]))
            return false;
    return ja3 || ja4;
}

/** A name without characters that are special in another program's language. */
static char *plain_name(const char *name)
{
    char *plain = g_strdup(name);
    for (char *at = plain; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr("\"\\;$|{}`'", *at) != NULL)
            *at = ' ';
    return g_strstrip(plain);
}

/** @param raw of a JA4 its raw form, or "". */
static void add_value(GPtrArray *values, const char *text, const char *name, const char *raw)
{
    for (guint i = 0; i < values->len; i++)
        if (strcmp(((export_value *)g_ptr_array_index(values, i))->text, text) == 0)
            return;
    export_value *value = g_new(export_value, 1);
    *value = (export_value){
        .text = g_strdup(text),
        .name = plain_name(name),
        .raw = raw[0] != '\0' ? g_strdup(raw) : NULL,
        .is_ja4 = strlen(text) == EXPORT_JA4_LEN,
    };
    g_ptr_array_add(values, value);
}

/** A file of values, as tlsfp --values reads it; what follows a '#' becomes the name. */
static bool read_values(const char *path, GPtrArray *values, GError **error)
{
    char *text;
    bool fine = true;
    if (!g_file_get_contents(path, &text, NULL, error))
        return false;
    char **lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; fine && lines[i] != NULL; i++) {
        char *name = strchr(lines[i], '#');
        if (name != NULL)
            *name++ = '\0';
        const char *value = g_strstrip(lines[i]);
        if (value[0] == '\0')
            continue;
        fine = is_fingerprint(value);
        if (fine)
            add_value(values, value, name != NULL ? g_strstrip(name) : "", "");
        else
            g_set_error(error, STORE_ERROR, 0, "%s:%u: '%s' is no whole JA4 and no JA3", path,
                        i + 1, value);
    }
    g_strfreev(lines);
    g_free(text);
    return fine;
}

static bool query_values(const options *asked, struct question *question, GPtrArray *values,
                         GError **error)
{
    GError *reason = NULL;
    const char *by = asked->by != NULL ? asked->by : "ja4";
    if (strcmp(by, "ja4") != 0 && strcmp(by, "ja3") != 0) {
        g_set_error(error, STORE_ERROR, 0, "--by: other programs know ja4 and ja3");
        return false;
    }
    char *condition = where_words(asked->words, error);
    if (condition == NULL)
        return false;
    sqlite3_stmt *query = question_query(
        question, &reason,
        "SELECT %s, coalesce(max(naming.name), ''), coalesce(max(client.ja4_r), '') FROM " SIGHTINGS
        " WHERE %s AND (%s) GROUP BY 1 ORDER BY sum(n) DESC, 1 LIMIT %d",
        where_column(by), question->range, condition, asked->limit > 0 ? asked->limit : -1);
    g_free(condition);
    while (query != NULL && question_step(question, query, &reason))
        if (column_text(query, 0)[0] != '\0')
            add_value(values, column_text(query, 0), column_text(query, 1), column_text(query, 2));
    sqlite3_finalize(query);
    if (reason == NULL)
        return true;
    g_propagate_error(error, reason);
    return false;
}

static bool collect(const options *asked, GPtrArray *values, GError **error)
{
    struct question question;
    if (asked->values != NULL)
        return read_values(asked->values, values, error);
    const bool fine =
        question_open(asked, &question, error) && query_values(asked, &question, values, error);
    question_close(&question);
    return fine;
}

int run_export(const options *asked, GError **error)
{
    export_writer write = export_writer_named(asked->target);
    if (write == NULL) {
        g_set_error(error, STORE_ERROR, 0,
                    "--to: '%s' is none of suricata, zeek-intel, misp, haproxy, nginx-map, "
                    "wireshark",
                    asked->target);
        return STATUS_TROUBLE;
    }
    GPtrArray *values = g_ptr_array_new_with_free_func(free_value);
    int status = STATUS_TROUBLE;
    if (collect(asked, values, error)) {
        GString *out = g_string_new(NULL);
        write(values, out);
        const bool fine = output_write(asked->output, out, error);
        g_string_free(out, TRUE);
        status = !fine ? STATUS_TROUBLE : values->len > 0 ? STATUS_FOUND : STATUS_NONE;
    }
    g_ptr_array_unref(values);
    return status;
}
