/* SPDX-License-Identifier: BSD-3-Clause */
#include "labels/clients.h"

#include "labels/lists/rows.h"

enum { TEXT_BLOCK = 64 * 1024 };

static void free_client(gpointer data)
{
    tlsfp_client *client = data;
    tlsfp_shape_free((tlsfp_shape *)client->shape);
    g_free(client);
}

static void free_family(gpointer data)
{
    client_family *family = data;
    g_array_unref(family->members);
    g_free(family);
}

tlsfp_clients *tlsfp_clients_new(void)
{
    tlsfp_clients *clients = g_new0(tlsfp_clients, 1);
    clients->clients = g_ptr_array_new_with_free_func(free_client);
    clients->texts = g_string_chunk_new(TEXT_BLOCK);
    clients->families = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_family);
    clients->products = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return clients;
}

void tlsfp_clients_free(tlsfp_clients *clients)
{
    if (clients == NULL)
        return;
    nearest_index_free(clients->index);
    g_hash_table_unref(clients->products);
    g_hash_table_unref(clients->families);
    g_ptr_array_unref(clients->clients);
    g_string_chunk_free(clients->texts);
    g_free(clients);
}

size_t tlsfp_clients_count(const tlsfp_clients *clients)
{
    return clients->clients->len;
}

const tlsfp_client *tlsfp_clients_get(const tlsfp_clients *clients, size_t number)
{
    return g_ptr_array_index(clients->clients, number);
}

/** The same text again is kept once. */
static const char *keep(tlsfp_clients *clients, const char *text)
{
    return text != NULL && text[0] != '\0' ? g_string_chunk_insert_const(clients->texts, text)
                                           : NULL;
}

static tlsfp_shape *shape_of_client(const tlsfp_client *client)
{
    tlsfp_shape *shape = tlsfp_shape_new();
    bool known = client->ja4_r != NULL && tlsfp_shape_add_text(shape, client->ja4_r);
    known |= client->ja3_r != NULL && tlsfp_shape_add_text(shape, client->ja3_r);
    known |= client->ja3n_r != NULL && tlsfp_shape_add_text(shape, client->ja3n_r);
    if (known)
        return shape;
    tlsfp_shape_free(shape);
    return NULL;
}

/* ---- families ---- */

const client_family *clients_family(const tlsfp_clients *clients, const char *product)
{
    char *folded = g_ascii_strdown(product_alias(product), -1);
    const client_family *family = g_hash_table_lookup(clients->products, folded);
    g_free(folded);
    return family;
}

/** Libraries that come with a program, and not with the system. */
static bool is_own_library(const char *engine)
{
    static const char *const libraries[] = {"BoringSSL", "NSS", "Go", "rustls", "SunJSSE"};
    for (size_t i = 0; engine != NULL && i < G_N_ELEMENTS(libraries); i++)
        if (g_str_has_prefix(engine, libraries[i]))
            return true;
    return false;
}

static client_family *family_named(tlsfp_clients *clients, const char *name)
{
    client_family *family = g_hash_table_lookup(clients->families, name);
    if (family == NULL) {
        family = g_new(client_family, 1);
        *family = (client_family){name, g_array_new(FALSE, FALSE, sizeof(family_member)), true};
        g_hash_table_insert(clients->families, (gpointer)name, family);
    }
    return family;
}

/** A product belongs to the family whose client named it first. */
static void name_product(tlsfp_clients *clients, client_family *family, const char *user_agent)
{
    const named_product own = product_of(user_agent);
    char *folded = g_ascii_strdown(product_alias(own.name), -1);
    if (folded[0] != '\0' && !g_hash_table_contains(clients->products, folded))
        g_hash_table_insert(clients->products, folded, family);
    else
        g_free(folded);
}

static void add_to_family(tlsfp_clients *clients, const tlsfp_client *client)
{
    family_member member = {.client = client};
    if (client->kind != TLSFP_CLIENT_REAL || client->family == NULL)
        return;
    client_family *family = family_named(clients, client->family);
    member.has_versions = version_range_read(client->versions, &member.versions);
    g_array_append_val(family->members, member);
    family->brings_its_library = family->brings_its_library && is_own_library(client->engine);
    if (client->user_agent != NULL)
        name_product(clients, family, client->user_agent);
}

bool tlsfp_clients_add(tlsfp_clients *clients, const tlsfp_client *client)
{
    if (client->name == NULL || client->name[0] == '\0')
        return false;
    tlsfp_shape *shape = shape_of_client(client);
    if (shape == NULL)
        return false;
    tlsfp_client *kept = g_new(tlsfp_client, 1);
    *kept = (tlsfp_client){
        .name = keep(clients, client->name),
        .family = keep(clients, client->family),
        .versions = keep(clients, client->versions),
        .platform = keep(clients, client->platform),
        .engine = keep(clients, client->engine),
        .user_agent = keep(clients, client->user_agent),
        .comment = keep(clients, client->comment),
        .ja4 = keep(clients, client->ja4),
        .ja4_r = keep(clients, client->ja4_r),
        .stable = keep(clients, client->stable),
        .ja3 = keep(clients, client->ja3),
        .ja3_r = keep(clients, client->ja3_r),
        .ja3n_r = keep(clients, client->ja3n_r),
        .kind = client->kind,
        .shape = shape,
    };
    g_ptr_array_add(clients->clients, kept);
    add_to_family(clients, kept);
    nearest_index_free(clients->index);
    clients->index = NULL;
    return true;
}

static tlsfp_client_kind kind_of(const char *word)
{
    if (g_ascii_strcasecmp(word, "mimic") == 0)
        return TLSFP_CLIENT_MIMIC;
    return g_ascii_strcasecmp(word, "recorded") == 0 ? TLSFP_CLIENT_RECORDED : TLSFP_CLIENT_REAL;
}

static const char *cell(const label_list *list, unsigned role)
{
    return list->cells[role]->len > 0 ? list->cells[role]->str : NULL;
}

static size_t take_row(label_list *list, const tlsfp_label *label, void *target)
{
    (void)label; /* a client has a name of its own */
    const char *ja4_r = cell(list, TLSFP_KIND_JA4_R);
    const tlsfp_client client = {
        .name = cell(list, ROLE_NAME),
        .family = cell(list, ROLE_FAMILY),
        .versions = cell(list, ROLE_VERSIONS),
        .platform = cell(list, ROLE_PLATFORM),
        .engine = cell(list, ROLE_ENGINE),
        .user_agent = cell(list, ROLE_SENT_USER_AGENT),
        .comment = cell(list, ROLE_COMMENT),
        .ja4 = cell(list, TLSFP_KIND_JA4),
        .ja4_r = ja4_r != NULL ? ja4_r : cell(list, TLSFP_KIND_JA4_RO),
        .stable = cell(list, TLSFP_KIND_STABLE),
        .ja3 = cell(list, TLSFP_KIND_JA3),
        .ja3_r = cell(list, TLSFP_KIND_JA3_R),
        .ja3n_r = cell(list, TLSFP_KIND_JA3N_R),
        .kind = kind_of(list->cells[ROLE_CLIENT_KIND]->str),
    };
    return tlsfp_clients_add(target, &client) ? 1 : 0;
}

size_t tlsfp_clients_read(tlsfp_clients *clients, const char *file, tlsfp_span text,
                          tlsfp_label_report report, void *data)
{
    label_list list;
    start_list(&list, NULL, file, report, data);
    list.take_row = take_row;
    list.target = clients;
    read_list(&list, text);
    return finish_list(&list);
}
