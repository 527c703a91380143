/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census export. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <tlsfp/labels.h>

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

/** Values as tlsfp --values reads them; what follows a '#' becomes the name. */
static bool read_values(const char *path, const char *text, GPtrArray *values, GError **error)
{
    bool fine = true;
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
    return fine;
}

/** Rows of a list of names on their way. */
typedef struct {
    GPtrArray *values;
    size_t n_left_out; /* rows that have neither a JA4 nor a JA3 */
} row_taker;

static void take_row(const char *const values[TLSFP_N_CLIENT_KINDS], const tlsfp_label *label,
                     void *data)
{
    row_taker *taker = data;
    const char *ja4 = values[TLSFP_KIND_JA4], *ja3 = values[TLSFP_KIND_JA3];
    const char *raw = values[TLSFP_KIND_JA4_R];
    if (ja4 != NULL)
        add_value(taker->values, ja4, label->name, raw != NULL ? raw : "");
    if (ja3 != NULL)
        add_value(taker->values, ja3, label->name, "");
    taker->n_left_out += ja4 == NULL && ja3 == NULL;
}

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp-census: %s\n", message);
}

/** The JA4s and JA3s in a list of names, as --labels takes it. */
static bool read_names(const char *path, tlsfp_span text, GPtrArray *values, GError **error)
{
    row_taker taker = {values, 0};
    tlsfp_labels_rows(path, text, take_row, &taker, tell, NULL);
    if (taker.n_left_out > 0)
        fprintf(stderr,
                "tlsfp-census: %s: left out %zu row%s without JA4 and JA3, which is what other "
                "programs know\n",
                path, taker.n_left_out, taker.n_left_out == 1 ? "" : "s");
    if (values->len == 0)
        g_set_error(error, STORE_ERROR, 0, "%s: no value in it can be exported", path);
    return values->len > 0;
}

/** Whether these are lines of values and not a list of names: CSV and JSON, by the first line that
 * says something. */
static bool is_values(const char *text)
{
    while (text[0] == '#' || g_ascii_isspace(text[0]))
        text += text[0] == '#' ? strcspn(text, "\n") : 1;
    return text[0] != '{' && text[0] != '[' && text[strcspn(text, ",#\n")] != ',';
}

static bool read_file(const char *path, GPtrArray *values, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    const bool fine =
        is_values(text) ? read_values(path, text, values, error)
                        : read_names(path, (tlsfp_span){(const uint8_t *)text, len}, values, error);
    g_free(text);
    return fine;
}

static bool query_values(const options *asked, struct question *question, GPtrArray *values,
                         GError **error)
{
    GError *reason = NULL;
    const char *by = asked->by != NULL ? asked->by : "ja4";
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

/** Keeps the values of the kind that --by names. */
static void keep_kind(GPtrArray *values, const char *by)
{
    for (guint i = values->len; by != NULL && i-- > 0;)
        if (((export_value *)g_ptr_array_index(values, i))->is_ja4 != (strcmp(by, "ja4") == 0))
            g_ptr_array_remove_index(values, i);
}

static bool collect(const options *asked, GPtrArray *values, GError **error)
{
    struct question question;
    if (asked->values != NULL) {
        const bool read = read_file(asked->values, values, error);
        keep_kind(values, asked->by);
        return read;
    }
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
    if (asked->by != NULL && strcmp(asked->by, "ja4") != 0 && strcmp(asked->by, "ja3") != 0) {
        g_set_error(error, STORE_ERROR, 0, "--by: other programs know ja4 and ja3");
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
