/* SPDX-License-Identifier: BSD-3-Clause */
#include "ask/bad.h"

#include <stdio.h>
#include <string.h>

#include "add/address.h"
#include "add/pseudonyms.h"

struct bad_list {
    GHashTable *single; /* addresses as a census keeps them */
    GArray *networks;   /* of network, those with more than one address */
    GPtrArray *texts;   /* of the single ones, as they were given */
    const char *path;
};

static bool read_line(bad_list *networks, char *line, unsigned number, GError **error)
{
    network net;
    char address[ADDRESS_SIZE];
    char *comment = strchr(line, '#');
    if (comment != NULL)
        *comment = '\0';
    const char *text = g_strstrip(line);
    if (text[0] == '\0')
        return true;
    if (!network_read(text, &net)) {
        g_set_error(error, STORE_ERROR, 0, "%s:%u: '%s' is no address and no network",
                    networks->path, number, text);
        return false;
    }
    if (strchr(text, '/') == NULL && address_text(text, NULL, address)) {
        g_hash_table_add(networks->single, g_strdup(address));
        g_ptr_array_add(networks->texts, g_strdup(text));
    } else {
        g_array_append_val(networks->networks, net);
    }
    return true;
}

bad_list *bad_list_read(const char *path, GError **error)
{
    char *text;
    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    bad_list *networks = g_new0(bad_list, 1);
    networks->path = path;
    networks->single = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    networks->networks = g_array_new(FALSE, FALSE, sizeof(network));
    networks->texts = g_ptr_array_new_with_free_func(g_free);
    char **lines = g_strsplit(text, "\n", -1);
    bool fine = true;
    for (unsigned i = 0; fine && lines[i] != NULL; i++)
        fine = read_line(networks, lines[i], i + 1, error);
    g_strfreev(lines);
    g_free(text);
    if (fine)
        return networks;
    bad_list_free(networks);
    return NULL;
}

void bad_list_free(bad_list *networks)
{
    if (networks == NULL)
        return;
    g_hash_table_unref(networks->single);
    g_array_unref(networks->networks);
    g_ptr_array_unref(networks->texts);
    g_free(networks);
}

static bool is_bad(const bad_list *networks, GHashTable *single, const char *address)
{
    if (g_hash_table_contains(single, address))
        return true;
    for (guint i = 0; i < networks->networks->len; i++)
        if (network_has(&g_array_index(networks->networks, network, i), address))
            return true;
    return false;
}

/** The single addresses as this census keeps them. */
static GHashTable *single_of(const bad_list *networks, const pseudonym_key *key)
{
    if (!key->used)
        return g_hash_table_ref(networks->single);
    GHashTable *single = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char address[ADDRESS_SIZE];
    for (guint i = 0; i < networks->texts->len; i++)
        if (address_text(g_ptr_array_index(networks->texts, i), key, address))
            g_hash_table_add(single, g_strdup(address));
    if (networks->networks->len > 0)
        fprintf(stderr,
                "tlsfp-census: %s: the census has pseudonyms: of networks nobody can tell\n",
                networks->path);
    return single;
}

/** Without the key nothing is found in a census of pseudonyms: refuse. */
static bool read_key(store *census, const char *path, pseudonym_key *out, GError **error)
{
    if (!pseudonyms_agree(census, path, false, out, error))
        return false;
    char *check = pseudonyms_check_of(census, "main");
    const bool fine = check[0] == '\0' || out->used;
    g_free(check);
    if (!fine)
        g_set_error(error, STORE_ERROR, 0,
                    "%s: its addresses are pseudonyms: --bad needs --pseudonyms KEYFILE",
                    census->path);
    return fine;
}

bool bad_list_apply(const bad_list *networks, store *census, const char *pseudonyms, GError **error)
{
    pseudonym_key key;
    if (!read_key(census, pseudonyms, &key, error))
        return false;
    sqlite3_stmt *rows = store_prepare(census, "SELECT id, text FROM address WHERE id <> 0", error);
    sqlite3_stmt *insert = store_prepare(census, "INSERT INTO temp.bad VALUES (?)", error);
    GHashTable *single = single_of(networks, &key);
    bool fine = rows != NULL && insert != NULL;
    while (fine && sqlite3_step(rows) == SQLITE_ROW)
        if (is_bad(networks, single, (const char *)sqlite3_column_text(rows, 1))) {
            store_bind(insert, "i", sqlite3_column_int64(rows, 0));
            fine = store_do(census, insert, error);
        }
    g_hash_table_unref(single);
    sqlite3_finalize(rows);
    sqlite3_finalize(insert);
    return fine;
}
