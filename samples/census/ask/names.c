/* SPDX-License-Identifier: BSD-3-Clause */
#include "ask/names.h"

#include <captures.h>
#include <stdio.h>
#include <string.h>
#include <tlsfp/claim.h>

enum {
    SHOWN_NAMES = 3,
    SHOWN_DIFFERENCES = 3,
};

struct names {
    tlsfp_labels *labels;
    tlsfp_clients *clients;
    GHashTable *by_name; /* clients of the lists */
    GHashTable *by_ja4;  /* the same */
    bool missing;        /* no list is named or installed */
};

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp-census: %s\n", message);
}

struct names *names_read(char **paths, GError **error)
{
    tlsfp_hash_key key;
    struct names *names = g_new0(struct names, 1);
    tlsfp_hash_key_draw(&key);
    names->labels = tlsfp_labels_new(&key);
    names->clients = tlsfp_clients_new();
    names->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    names->by_ja4 = g_hash_table_new(g_str_hash, g_str_equal);
    char *installed[] = {paths == NULL ? installed_list() : NULL, NULL};
    if (installed[0] != NULL)
        paths = installed;
    names->missing = paths == NULL;
    bool fine = true;
    for (size_t i = 0; fine && paths != NULL && paths[i] != NULL; i++)
        fine = tlsfp_lists_load(paths[i], names->labels, names->clients, tell, NULL, error);
    g_free(installed[0]);
    for (size_t i = 0; i < tlsfp_clients_count(names->clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(names->clients, i);
        if (!g_hash_table_contains(names->by_name, client->name))
            g_hash_table_insert(names->by_name, (gpointer)client->name, (gpointer)client);
        if (client->ja4 != NULL && !g_hash_table_contains(names->by_ja4, client->ja4))
            g_hash_table_insert(names->by_ja4, (gpointer)client->ja4, (gpointer)client);
    }
    if (fine)
        return names;
    names_free(names);
    return NULL;
}

bool names_missing(const struct names *names)
{
    return names->missing;
}

void names_free(struct names *names)
{
    if (names == NULL)
        return;
    tlsfp_labels_free(names->labels);
    tlsfp_clients_free(names->clients);
    g_hash_table_unref(names->by_name);
    g_hash_table_unref(names->by_ja4);
    g_free(names);
}

bool names_is_mimic(const struct names *names, const char *name)
{
    const tlsfp_client *client = g_hash_table_lookup(names->by_name, name);
    return client != NULL && client->kind == TLSFP_CLIENT_MIMIC;
}

static const char *text_at(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

/** The labels of a client, columns: ja4, ja4_r, stable, stable_r, of one of its hellos ja3 and
 * ja3_r, ja3n, ja3n_r, ja4_bc. */
static size_t find_labels(const struct names *names, sqlite3_stmt *row,
                          tlsfp_label out[TLSFP_MAX_NAMES])
{
    const char *values[TLSFP_N_CLIENT_KINDS] = {NULL};
    char parts[TLSFP_JA4_SIZE] = "";
    values[TLSFP_KIND_JA4] = text_at(row, 1);
    values[TLSFP_KIND_JA4_R] = text_at(row, 2);
    values[TLSFP_KIND_STABLE] = text_at(row, 3);
    values[TLSFP_KIND_STABLE_R] = text_at(row, 4);
    values[TLSFP_KIND_JA3] = text_at(row, 5);
    values[TLSFP_KIND_JA3_R] = text_at(row, 6);
    g_strlcpy(parts, values[TLSFP_KIND_JA4], sizeof parts);
    parts[TLSFP_JA4_B_AT - 1] = parts[TLSFP_JA4_C_AT - 1] = '\0';
    values[TLSFP_KIND_JA4_A] = parts;
    values[TLSFP_KIND_JA4_B] = parts + TLSFP_JA4_B_AT;
    values[TLSFP_KIND_JA4_C] = parts + TLSFP_JA4_C_AT;
    values[TLSFP_KIND_JA3N] = text_at(row, 7);
    values[TLSFP_KIND_JA3N_R] = text_at(row, 8);
    values[TLSFP_KIND_JA4_BC] = text_at(row, 9);
    return tlsfp_labels_find(names->labels, values, out, TLSFP_MAX_NAMES);
}

/** "Chromium 106–119", or "git, pycurl", or with more than fit "…". */
static char *join(const tlsfp_label *labels, size_t n)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < MIN(n, SHOWN_NAMES); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", labels[i].name);
    if (n > SHOWN_NAMES)
        g_string_append(text, ", …");
    return g_string_free(text, FALSE);
}

static bool name_row(struct names *names, store *census, sqlite3_stmt *row, sqlite3_stmt *insert,
                     GError **error)
{
    static const char *const kinds[] = {"real", "mimic", "recorded"};
    tlsfp_label labels[TLSFP_MAX_NAMES];
    const size_t n = find_labels(names, row, labels);
    char *name = n > 0 ? join(labels, n) : NULL;
    const tlsfp_client *known = n > 0 ? g_hash_table_lookup(names->by_name, labels[0].name) : NULL;
    tlsfp_level level = TLSFP_LEVEL_NONE;
    for (size_t i = 0; i < n; i++)
        level = MAX(level, labels[i].level);
    store_bind(insert, "ittttt", sqlite3_column_int64(row, 0), name, n > 0 ? labels[0].name : NULL,
               known != NULL && known->family != NULL ? known->family
               : n > 0                                ? labels[0].name
                                                      : NULL,
               known != NULL ? kinds[known->kind] : NULL, n > 0 ? tlsfp_level_name(level) : NULL);
    const bool fine = store_do(census, insert, error);
    g_free(name);
    return fine;
}

bool names_apply(struct names *names, store *census, const char *schema, GError **error)
{
    if (!store_run(census,
                   "DROP TABLE IF EXISTS temp.naming; CREATE TEMP TABLE naming (client INTEGER "
                   "PRIMARY KEY, name TEXT, first_name TEXT, family TEXT, kind TEXT, level TEXT)",
                   error))
        return false;
    char *sql = g_strdup_printf(
        "SELECT client.id, ja4, ja4_r, stable, stable_r, ja3, ja3_r, ja3n, ja3n_r, ja4_bc FROM "
        "%s.client JOIN %s.hello "
        "ON hello.id = (SELECT min(id) FROM %s.hello AS own WHERE own.client = client.id)",
        schema, schema, schema);
    sqlite3_stmt *rows = store_prepare(census, sql, error);
    sqlite3_stmt *insert =
        store_prepare(census, "INSERT INTO temp.naming VALUES (?, ?, ?, ?, ?, ?)", error);
    bool fine = rows != NULL && insert != NULL;
    int code = SQLITE_DONE;
    while (fine && (code = sqlite3_step(rows)) == SQLITE_ROW)
        fine = name_row(names, census, rows, insert, error);
    if (fine && code != SQLITE_DONE)
        fine = store_fail(census, error);
    sqlite3_finalize(rows);
    sqlite3_finalize(insert);
    g_free(sql);
    return fine;
}

static char *describe(const tlsfp_near *near, const tlsfp_shape *shape)
{
    GString *text = g_string_new(NULL);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(near->client->shape, shape, found);
    g_string_append_printf(text, "like %s%s", near->client->name, found->len > 0 ? ": " : "");
    tlsfp_differences_text(found, SHOWN_DIFFERENCES, text);
    g_array_unref(found);
    return g_string_free(text, FALSE);
}

char *names_nearest(struct names *names, const char *ja4_r, const char *ja3n_r)
{
    tlsfp_near near;
    char *text = NULL;
    tlsfp_shape *shape = tlsfp_shape_new();
    bool known = ja4_r != NULL && tlsfp_shape_add_text(shape, ja4_r);
    known |= ja3n_r != NULL && tlsfp_shape_add_text(shape, ja3n_r);
    if (known && tlsfp_clients_nearest(names->clients, shape, &near, 1) == 1)
        text = describe(&near, shape);
    tlsfp_shape_free(shape);
    return text;
}

/* ---- claims ---- */

/** Judges by the raw fingerprints; where a log has none, by those of a known client with this JA4.
 */
static void judge(const struct names *names, const char *agent, const char *const values[3],
                  GString *out)
{
    const tlsfp_client *known = g_hash_table_lookup(names->by_ja4, values[0]);
    tlsfp_shape *shape = tlsfp_shape_new();
    bool has_shape = values[1] != NULL && tlsfp_shape_add_text(shape, values[1]);
    has_shape |= values[2] != NULL && tlsfp_shape_add_text(shape, values[2]);
    GString *why = g_string_new(NULL);
    if (has_shape || known != NULL) {
        const tlsfp_claim claim =
            tlsfp_claim_judge(names->clients, agent, has_shape ? shape : known->shape, why);
        g_string_append_printf(out, "%s: %s", tlsfp_claim_name(claim), why->str);
    } else {
        g_string_append_printf(out, "%s: only a hash of this hello is known",
                               tlsfp_claim_name(TLSFP_CLAIM_UNKNOWN));
    }
    g_string_free(why, TRUE);
    tlsfp_shape_free(shape);
}

/** verdict(agent, ja4, ja4_r, ja3n_r) */
static void verdict(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const struct names *names = sqlite3_user_data(context);
    const char *agent = (const char *)sqlite3_value_text(values[0]);
    const char *fingerprints[3];
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 3; i++)
        fingerprints[i] = (const char *)sqlite3_value_text(values[i + 1]);
    if (agent != NULL && fingerprints[0] != NULL)
        judge(names, agent, fingerprints, text);
    sqlite3_result_text(context, text->str, (int)text->len, SQLITE_TRANSIENT);
    g_string_free(text, TRUE);
}

bool names_prepare(struct names *names, store *census, GError **error)
{
    return sqlite3_create_function(census->db, "verdict", 4, SQLITE_UTF8, names, verdict, NULL,
                                   NULL) == SQLITE_OK ||
           store_fail(census, error);
}
