/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_names.h"

#include "preferences.h"

#include <epan/uat.h>
#include <glib/gstdio.h>
#include <wsutil/report_message.h>
#include <wsutil/wslog.h>

static const char list_name[] = "tlsfp-labels.csv"; /* of the user's and of the installed list */

/** A row of the table. */
typedef struct {
    unsigned kind;
    char *value;
    char *name;
    unsigned level;
    char *comment;
} table_row;

static uat_t *table;
static table_row *rows;
static unsigned n_rows;
static bool table_changed;

static tlsfp_hash_key hash_key; /* of the labels' tables */
static tlsfp_labels *labels;    /* NULL where there is none at all */
static char *state;             /* of the files as they were when they were read */
static GString *troubles;       /* of the last reading, a line each */

static GHashTable *known;    /* client_labels of each result of this file, by these labels */
static const result *teller; /* the hello that shows the troubles */

// clang-format off
static value_string kinds[TLSFP_N_CLIENT_KINDS + 1]; /* filled from the core's names */
static const value_string levels[] = {
    {TLSFP_LEVEL_NONE, "none"}, {TLSFP_LEVEL_NOTE, "note"}, {TLSFP_LEVEL_WARN, "warn"}, {0, NULL},
};

UAT_VS_DEF(labels, kind, table_row, unsigned, TLSFP_KIND_JA4, "ja4")
UAT_CSTRING_CB_DEF(labels, value, table_row)
UAT_CSTRING_CB_DEF(labels, name, table_row)
UAT_VS_DEF(labels, level, table_row, unsigned, TLSFP_LEVEL_NONE, "none")
UAT_CSTRING_CB_DEF(labels, comment, table_row)
// clang-format on

static void *copy_row(void *to, const void *from, size_t size _U_)
{
    const table_row *source = (const table_row *)from;
    table_row *copy = (table_row *)to;
    copy->kind = source->kind;
    copy->value = g_strdup(source->value);
    copy->name = g_strdup(source->name);
    copy->level = source->level;
    copy->comment = g_strdup(source->comment);
    return copy;
}

static void free_row(void *data)
{
    table_row *row = (table_row *)data;
    g_free(row->value);
    g_free(row->name);
    g_free(row->comment);
}

static bool add_row(tlsfp_labels *list, const table_row *row)
{
    if (row->value == NULL || row->name == NULL)
        return false;
    bool has_comment = row->comment != NULL && row->comment[0] != '\0';
    const tlsfp_label label = {
        .name = row->name,
        .comment = has_comment ? row->comment : NULL,
        .level = (tlsfp_level)row->level,
    };
    return tlsfp_labels_add(list, (tlsfp_kind)row->kind, row->value, &label);
}

/** Refuses what is no fingerprint of its kind, or has no name. */
static wireshark_bool check_row(void *data, char **error)
{
    const table_row *row = (const table_row *)data;
    tlsfp_labels *scratch = tlsfp_labels_new(&hash_key);
    bool fine = add_row(scratch, row);
    tlsfp_labels_free(scratch);
    if (!fine)
        *error = g_strdup_printf("This is no %s, or it has no name",
                                 tlsfp_kind_name((tlsfp_kind)row->kind));
    return fine;
}

static void note_change(void)
{
    table_changed = true;
}

static void register_table(void)
{
    for (unsigned kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++)
        kinds[kind] = (value_string){kind, tlsfp_kind_name((tlsfp_kind)kind)};
    static uat_field_t fields[] = {
        UAT_FLD_VS(labels, kind, "Kind", kinds, "What the value is"),
        UAT_FLD_CSTRING(labels, value, "Value", "The fingerprint, as its field shows it"),
        UAT_FLD_CSTRING(labels, name, "Name", "How to call a client that has it"),
        UAT_FLD_VS(labels, level, "Level", levels, "warn adds an expert info"),
        UAT_FLD_CSTRING(labels, comment, "Comment", "Shown with a warning"),
        UAT_END_FIELDS,
    };
    table = uat_new("TLS client names", sizeof(table_row), "tlsfp_labels", TRUE, &rows, &n_rows,
                    UAT_AFFECTS_DISSECTION, NULL, copy_row, check_row, free_row, note_change, NULL,
                    fields);
}

struct epan_uat *client_names_table(void)
{
    return table;
}

/** The lists, those that the user named first; to be freed by the caller. */
static GPtrArray *list_paths(void)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    preferences_add_labels(paths);
    g_ptr_array_add(paths, tlsfp_config_path(list_name));
    g_ptr_array_add(paths, tlsfp_data_path(list_name));
    return paths;
}

/** To the nanosecond where the system has it: a list may change twice a second. */
static gint64 mtime_ns(const GStatBuf *file)
{
#if defined(__linux__)
    return (gint64)file->st_mtim.tv_sec * 1000000000 + file->st_mtim.tv_nsec;
#else
    return (gint64)file->st_mtime * 1000000000;
#endif
}

/** Changes when one of the files does; to be freed by the caller. */
static char *state_of(const GPtrArray *paths)
{
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < paths->len; i++) {
        const char *path = (const char *)g_ptr_array_index(paths, i);
        GStatBuf found;
        if (g_stat(path, &found) == 0)
            g_string_append_printf(out, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", path,
                                   (gint64)found.st_size, mtime_ns(&found));
        else
            g_string_append_printf(out, "%s -\n", path);
    }
    return g_string_free(out, FALSE);
}

static void note_trouble(const char *message, void *data _U_)
{
    g_string_append_printf(troubles, "%s%s", troubles->len > 0 ? "\n" : "", message);
}

/** @param named by the user: it has to be there. */
static void read_list(const char *path, bool named)
{
    char *text;
    gsize len;
    GError *error = NULL;
    if (!named && !g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        char *message = g_strdup_printf("%s: this is no file", path);
        note_trouble(message, NULL);
        g_free(message);
    } else if (g_file_get_contents(path, &text, &len, &error)) {
        tlsfp_labels_read(labels, path, (tlsfp_span){(const uint8_t *)text, len}, note_trouble,
                          NULL);
        g_free(text);
    } else {
        note_trouble(error->message, NULL);
        g_error_free(error);
    }
}

static void read_all(const GPtrArray *paths)
{
    tlsfp_labels_free(labels);
    labels = tlsfp_labels_new(&hash_key);
    g_hash_table_remove_all(known);
    g_string_truncate(troubles, 0);
    for (unsigned i = 0; i < n_rows; i++)
        add_row(labels, &rows[i]);
    for (unsigned i = 0; i < paths->len; i++)
        read_list((const char *)g_ptr_array_index(paths, i), i + 2 < paths->len);
}

/** Reads all lists again where one of them, or the table, changed; returns whether. */
static bool update(void)
{
    GPtrArray *paths = list_paths();
    char *now = state_of(paths);
    bool changed = state == NULL || strcmp(state, now) != 0 || table_changed;
    if (changed) {
        read_all(paths);
        table_changed = false;
        g_free(state);
        state = g_steal_pointer(&now);
    }
    g_free(now);
    g_ptr_array_unref(paths);
    return changed;
}

void client_names_apply(void)
{
    if (update() && troubles->len > 0)
        report_failure("%s", troubles->str);
}

/** No dialog here: Wireshark could go on with other events while it is open. */
static void start_file(void)
{
    if (update() && troubles->len > 0)
        ws_log("tlsfp", LOG_LEVEL_WARNING, "%s", troubles->str);
    teller = NULL;
    g_hash_table_remove_all(known);
}

static void stop(void)
{
    tlsfp_labels_free(labels);
    labels = NULL;
    g_free(state);
    state = NULL;
    g_string_free(troubles, TRUE);
    troubles = NULL;
    g_hash_table_destroy(known);
    known = NULL;
}

void client_names_register(void)
{
    tlsfp_hash_key_draw(&hash_key);
    register_table();
    troubles = g_string_new(NULL);
    known = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    register_init_routine(start_file);
    register_shutdown_routine(stop);
}

const char *client_names_trouble(const result *client)
{
    if (teller == NULL)
        teller = client;
    if (teller != client || troubles->len == 0)
        return NULL;
    return g_strdelimit(wmem_strdup(wmem_file_scope(), troubles->str), "\n", ';');
}

/** To be freed by the caller; NULL where there are none. */
static client_labels *look_up(const result *client)
{
    tlsfp_label found[TLSFP_MAX_NAMES];
    unsigned n = (unsigned)tlsfp_labels_find(labels, client->values, found, TLSFP_MAX_NAMES);
    if (n == 0)
        return NULL;
    client_labels *out = (client_labels *)g_malloc(sizeof(client_labels) + n * sizeof(tlsfp_label));
    out->level = tlsfp_labels_level(found, n);
    out->n = n;
    memcpy(out->labels, found, n * sizeof found[0]);
    return out;
}

const client_labels *client_names_of(const result *client)
{
    void *found;
    if (labels == NULL || client->details == NULL)
        return NULL;
    if (!g_hash_table_lookup_extended(known, client, NULL, &found)) {
        found = look_up(client);
        g_hash_table_insert(known, (void *)(uintptr_t)client, found);
    }
    return (const client_labels *)found;
}
