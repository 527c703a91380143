/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_names.h"

#include "preferences.h"

#include <epan/uat.h>
#include <glib/gstdio.h>
#include <wsutil/report_message.h>
#include <wsutil/wslog.h>

#include <unistd.h>

enum { MAX_DIFFERENCES = 3 }; /* that are shown of the nearest client */

static const char list_name[] = "tlsfp-labels.csv"; /* of the user's and of the installed list */
static const char personal_name[] = "tlsfp-clients.csv"; /* installed by packaging/personal */
enum { N_UNNAMED = 3 }; /* lists in fixed places, which may be missing */

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
static tlsfp_labels *labels;    /* NULL without any list */
static char *state;             /* of the files as they were when they were read */
static GString *troubles;       /* of the last reading, a line each */
static GString *used;           /* the lists of the last reading, a line each */
static tlsfp_clients *clients;  /* of the lists; NULL until the nearest one is asked for */

static GHashTable *known;         /* client_labels of each result of this file, by these labels */
static GHashTable *nearest_known; /* nearest_client by ja3_r, of this file */
static const result *teller;      /* the hello that shows the troubles */

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

/** Rejects a row whose value is no fingerprint of its kind, or that has no name. */
static wireshark_bool check_row(void *data, char **error)
{
    const table_row *row = (const table_row *)data;
    tlsfp_labels *scratch = tlsfp_labels_new(&hash_key);
    bool has_name = row->name != NULL && row->name[0] != '\0';
    bool fine = add_row(scratch, row);
    tlsfp_labels_free(scratch);
    if (!has_name)
        *error = g_strdup("The row has no name");
    else if (!fine)
        *error = g_strdup_printf("'%s' is no %s", row->value != NULL ? row->value : "",
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
    g_ptr_array_add(paths, tlsfp_config_path(personal_name));
    g_ptr_array_add(paths, tlsfp_data_path(list_name));
    return paths;
}

/** In nanoseconds where the system has them: a list may change twice a second. */
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

/** Calls @p read with the bytes of a list that could be opened. @return what that returns. */
static size_t with_text(const char *path, size_t (*read)(const char *path, tlsfp_span text))
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, NULL))
        return 0;
    size_t n = read(path, (tlsfp_span){(const uint8_t *)text, len});
    g_free(text);
    return n;
}

static size_t read_labels(const char *path, tlsfp_span text)
{
    return tlsfp_labels_read(labels, path, text, note_trouble, NULL);
}

/** Errors were reported when the labels were read. */
static void ignore(const char *message _U_, void *data _U_)
{
}

static size_t read_clients(const char *path, tlsfp_span text)
{
    return tlsfp_clients_read(clients, path, text, ignore, NULL);
}

static void note_list(const char *path, size_t n)
{
    g_string_append_printf(used, "%s: %zu name%s\n", path, n, n == 1 ? "" : "s");
}

/** @param named by the user: it has to be there. */
static void read_list(const char *path, bool named)
{
    const char *wrong = NULL;
    size_t n = 0, before = troubles->len;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        wrong = named ? "there is no such file" : NULL;
    else if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        wrong = "this is no file";
    else if (g_access(path, R_OK) != 0)
        wrong = "no permission to read it";
    else if ((n = with_text(path, read_labels)) == 0 && troubles->len == before)
        wrong = "the list is empty";
    if (wrong != NULL) {
        char *message = g_strdup_printf("%s: %s", path, wrong);
        note_trouble(message, NULL);
        g_free(message);
    } else if (n > 0) {
        note_list(path, n);
    }
}

/** On the preferences' page: the lists in use, and what is wrong with them. */
static void show_status(void)
{
    char *text = g_strdup_printf("Lists in use:\n%s%s%s", used->len > 0 ? used->str : "none\n",
                                 troubles->len > 0 ? "Errors:\n" : "", troubles->str);
    preferences_set_status(g_strchomp(text));
    g_free(text);
}

static void read_all(const GPtrArray *paths)
{
    tlsfp_labels_free(labels);
    labels = tlsfp_labels_new(&hash_key);
    tlsfp_clients_free(clients);
    clients = NULL;
    g_hash_table_remove_all(known);
    g_hash_table_remove_all(nearest_known);
    g_string_truncate(troubles, 0);
    g_string_truncate(used, 0);
    for (unsigned i = 0; i < n_rows; i++)
        add_row(labels, &rows[i]);
    if (n_rows > 0)
        note_list("Names of your own", n_rows);
    for (unsigned i = 0; i < paths->len; i++)
        read_list((const char *)g_ptr_array_index(paths, i), i + N_UNNAMED < paths->len);
    show_status();
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

/** No dialog here: Wireshark would handle other events while it is open. */
static void start_file(void)
{
    if (update() && troubles->len > 0)
        ws_log("tlsfp", LOG_LEVEL_WARNING, "%s", troubles->str);
    teller = NULL;
    g_hash_table_remove_all(known);
    g_hash_table_remove_all(nearest_known);
}

static void free_nearest(void *data)
{
    nearest_client *nearest = (nearest_client *)data;
    g_free(nearest->differences);
    g_free(nearest);
}

static void stop(void)
{
    tlsfp_labels_free(labels);
    labels = NULL;
    g_free(state);
    state = NULL;
    g_string_free(troubles, TRUE);
    troubles = NULL;
    g_string_free(used, TRUE);
    used = NULL;
    tlsfp_clients_free(clients);
    clients = NULL;
    g_hash_table_destroy(known);
    known = NULL;
    g_hash_table_destroy(nearest_known);
    nearest_known = NULL;
}

void client_names_register(void)
{
    tlsfp_hash_key_draw(&hash_key);
    register_table();
    troubles = g_string_new(NULL);
    used = g_string_new(NULL);
    known = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    nearest_known = g_hash_table_new_full(NULL, NULL, NULL, free_nearest);
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

static void read_all_clients(void)
{
    GPtrArray *paths = list_paths();
    clients = tlsfp_clients_new();
    for (unsigned i = 0; i < paths->len; i++)
        with_text((const char *)g_ptr_array_index(paths, i), read_clients);
    g_ptr_array_unref(paths);
}

/** E.g. "plus extension 0x0015 padding, without group 0x001d x25519". */
static void describe_differences(const tlsfp_shape *known_client, const tlsfp_shape *client,
                                 GString *out)
{
    GArray *differences = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(known_client, client, differences);
    tlsfp_differences_text(differences, MAX_DIFFERENCES, out);
    if (differences->len == 0)
        g_string_append(out, "nothing tells them apart");
    g_array_free(differences, TRUE);
}

static nearest_client *find_nearest(const result *client)
{
    nearest_client *out = g_new0(nearest_client, 1);
    tlsfp_shape *shape = tlsfp_shape_new();
    tlsfp_near near;
    out->ja4_ro = client->values[TLSFP_KIND_JA4_RO];
    tlsfp_shape_add_text(shape, client->values[TLSFP_KIND_JA4_RO]);
    tlsfp_shape_add_text(shape, client->values[TLSFP_KIND_JA3_R]);
    if (tlsfp_clients_nearest(clients, shape, &near, 1) > 0) {
        GString *differences = g_string_new(NULL);
        describe_differences(near.client->shape, shape, differences);
        out->name = near.client->name;
        out->differences = g_string_free(differences, FALSE);
    }
    tlsfp_shape_free(shape);
    return out;
}

const nearest_client *client_names_nearest(const result *client)
{
    /* Texts are kept once a file, so that the same text is the same pointer. */
    void *key = (void *)(uintptr_t)client->values[TLSFP_KIND_JA3_R];
    nearest_client *nearest = (nearest_client *)g_hash_table_lookup(nearest_known, key);
    if (clients == NULL)
        read_all_clients();
    if (nearest == NULL || nearest->ja4_ro != client->values[TLSFP_KIND_JA4_RO]) {
        nearest = find_nearest(client);
        g_hash_table_insert(nearest_known, key, nearest);
    }
    return nearest;
}

const char *client_names_short(wmem_allocator_t *pool, const char *name)
{
    enum { LONGEST = 48, HEAD = 28, TAIL = LONGEST - HEAD - 1 }; /* characters */
    long n = g_utf8_validate(name, -1, NULL) ? g_utf8_strlen(name, -1) : 0;
    if (n <= LONGEST)
        return name;
    const char *head_end = g_utf8_offset_to_pointer(name, HEAD);
    const char *tail = g_utf8_offset_to_pointer(name, n - TAIL);
    return wmem_strdup_printf(pool, "%.*s…%s", (int)(head_end - name), name, tail);
}
