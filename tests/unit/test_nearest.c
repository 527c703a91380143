/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Shapes, what tells them apart, and the nearest known client. tests/explain/test_changes.c
 * compares real hellos with changed ones.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <tlsfp/names.h>
#include <tlsfp/nearest.h>

#include "hello_vector.h"
#include "said.h"

/* ---- texts ---- */

typedef struct {
    const char *first, *second; /* added in turn, or NULL */
    const char *other;          /* what they are compared with */
    const char *expected;
} text_case;

#define JA4_R "t13d0206h2_1301,1302_0005,000a,000d,0015_0403,0804"
#define JA4_RO "t13d0206h2_1302,1301_0000,0005,000d,000a,0010,0015_0403,0804"
#define JA3_R "771,4866-4865,0-5-13-10-16-21,29-23,0"

static const text_case text_cases[] = {
    {JA4_R, NULL, JA4_R, ""},
    {JA4_R, NULL, JA4_RO, ""},
    {JA4_R, NULL, JA3_R, ""},
    {JA4_R, JA3_R, JA4_RO, ""},
    {JA3_R, NULL, "771,4866-4865,0-5-13-10-16,29-23,0", "without extension 0x0015 padding"},
    {JA3_R, NULL, "770,4866-4865,0-5-13-10-16-21,29-23,0",
     "legacy version TLS 1.1 instead of TLS 1.2"},
    {JA3_R, NULL, "771,4866-4865,0-5-13-10-16-21,29-23,0-1",
     "plus point format 0x01 ansiX962_compressed_prime"},
    {JA4_R, NULL, "t12d0206h1_1301,1302_0005,000a,000d,0015_0403,0804",
     "version TLS 1.2 instead of TLS 1.3\nfirst ALPN h…1 instead of h…2"},
    {JA4_R, NULL, "q13d0206h2_1301,1302_0005,000a,000d,0015_0403,0804",
     "transport QUIC instead of TLS"},
    {JA4_R, NULL, "t13i0205h2_1301,1302_0005,000a,000d,0015_0403,0804",
     "without extension 0x0000 server_name"},
    {JA4_R, NULL, "t13d0205h2_1301,1302_0005,000a,000d,0015_0403,0804", ""},
    {JA4_R, NULL, "t13d020500_1301,1302_0005,000a,000d,0015_0403,0804",
     "first ALPN none instead of h…2\nwithout extension 0x0010 "
     "application_layer_protocol_negotiation"},
    {JA4_R, NULL, "t13d020600_1301,1302_0005,000a,000d,0015_0403,0804",
     "first ALPN none instead of h…2"},
    {JA4_R, NULL, "t13d0206h2_1301,1302_0005,000a,000d,0015_0804,0403", /* of two, the one behind */
     "signature algorithm 0x0804 rsa_pss_rsae_sha256 moved from place 2 to 1"},
};

static void test_texts(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(text_cases); i++) {
        const text_case *row = &text_cases[i];
        tlsfp_shape *first = tlsfp_shape_new(), *other = tlsfp_shape_new();
        g_assert_true(tlsfp_shape_add_text(first, row->first));
        g_assert_true(row->second == NULL || tlsfp_shape_add_text(first, row->second));
        g_assert_true(tlsfp_shape_add_text(other, row->other));
        char *found = said(first, other);
        g_assert_cmpstr(found, ==, row->expected);
        g_free(found);
        tlsfp_shape_free(first);
        tlsfp_shape_free(other);
    }
}

/** A hello and its raw forms say the same. */
static void check_raw_forms(tlsfp_context *context, const tlsfp_client_hello *hello,
                            const char *row)
{
    tlsfp_shape *sent = tlsfp_shape_of_hello(hello), *written = tlsfp_shape_new();
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA4_RO, TLSFP_KIND_JA3_R};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        GString *text = g_string_new(NULL);
        tlsfp_append_value(context, hello, kinds[i], text);
        tlsfp_shape_add_text(written, text->str);
        g_string_free(text, TRUE);
    }
    char *found = said(written, sent);
    if (found[0] != '\0')
        g_error("%s: %s", row, found);
    g_free(found);
    tlsfp_shape_free(sent);
    tlsfp_shape_free(written);
}

static void test_raw_forms(void)
{
    GKeyFile *vectors = load_vectors();
    char **rows = g_key_file_get_groups(vectors, NULL);
    tlsfp_context *context = tlsfp_context_new();
    size_t n = 0;
    for (size_t i = 0; rows[i] != NULL; i++) {
        GByteArray *message = message_of(vectors, rows[i]);
        tlsfp_client_hello hello;
        if (tlsfp_parse((tlsfp_span){message->data, message->len}, transport_of(vectors, rows[i]),
                        &hello) == TLSFP_OK) {
            check_raw_forms(context, &hello, rows[i]);
            n++;
        }
        g_byte_array_unref(message);
    }
    g_assert_cmpuint(n, >, 50);
    tlsfp_context_free(context);
    g_strfreev(rows);
    g_key_file_free(vectors);
}

static void test_no_texts(void)
{
    static const char *const texts[] = {
        "",
        "t",
        "t13d0206h2",
        "t13d0206h2_",
        "t13d0206h2_1301",
        "t13d0206h2_1301,_0005_0403",
        "t13d0206h2_,1301_0005_0403",
        "t13d0206h2_1301_0005_0403_0403",
        "t13d0206h2_13011_0005_0403",
        "t13d0206h2_8daaf6152771_e5627efa2ab1",
        "t13d0206\x01\x02_1301_0005_0403",
        "x13d0206h2_1301_0005_0403",
        "771",
        "771,,,",
        "771,,,,,",
        ",1-2,3,4,5",
        "771-2,1-2,3,4,5",
        "771,1-70000,3,4,5",
        "771,1--2,3,4,5",
        "771,a,3,4,5",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        tlsfp_shape *shape = tlsfp_shape_new();
        size_t n;
        if (tlsfp_shape_add_text(shape, texts[i]))
            g_error("'%s' is taken", texts[i]);
        g_assert_false(tlsfp_shape_values(shape, TLSFP_PART_CIPHER_SUITES, NULL, &n, NULL));
        tlsfp_shape_free(shape);
    }
}

/** No more differences than are shown, and the number of the others. */
static void test_shown_texts(void)
{
    static const char *const expected[] = {
        ", and 3 more",
        "without cipher suite 0x1302 TLS_AES_256_GCM_SHA384, and 2 more",
        "without cipher suite 0x1302 TLS_AES_256_GCM_SHA384, without extension 0x0015 padding, "
        "and 1 more",
        "without cipher suite 0x1302 TLS_AES_256_GCM_SHA384, without extension 0x0015 padding, "
        "without signature algorithm 0x0804 rsa_pss_rsae_sha256",
    };
    tlsfp_shape *first = tlsfp_shape_new(), *second = tlsfp_shape_new();
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    g_assert_true(tlsfp_shape_add_text(first, JA4_R));
    g_assert_true(tlsfp_shape_add_text(second, "t13d0205h2_1301_0005,000a,000d_0403"));
    tlsfp_shape_compare(first, second, found);
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        GString *text = g_string_new(NULL);
        tlsfp_differences_text(found, i, text);
        g_assert_cmpstr(text->str, ==, expected[i]);
        g_string_free(text, TRUE);
    }
    g_array_unref(found);
    tlsfp_shape_free(first);
    tlsfp_shape_free(second);
}

static void test_value_names(void)
{
    static const struct {
        tlsfp_part part;
        uint16_t value;
        const char *name;
    } rows[] = {
        {TLSFP_PART_CIPHER_SUITES, 0x1301, "TLS_AES_128_GCM_SHA256"},
        {TLSFP_PART_EXTENSIONS, 0, "server_name"},
        {TLSFP_PART_GROUPS, 29, "x25519"},
        {TLSFP_PART_KEY_SHARES, 29, "x25519"},
        {TLSFP_PART_SIGNATURE_ALGORITHMS, 0x0804, "rsa_pss_rsae_sha256"},
        {TLSFP_PART_VERSIONS, 0x0304, "TLS 1.3"},
        {TLSFP_PART_LEGACY_VERSION, 0x0303, "TLS 1.2"},
        {TLSFP_PART_POINT_FORMATS, 0, "uncompressed"},
        {TLSFP_PART_TRANSPORT, TLSFP_QUIC, "QUIC"},
        {TLSFP_PART_EXTENSIONS, 0xeeee, NULL},
        {TLSFP_PART_ALPN, 0, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(tlsfp_part_value_name(rows[i].part, rows[i].value), ==, rows[i].name);
}

/* ---- known clients ---- */

static const char list[] =
    "name,family,kind,ja3,ja4_r,ja3_r\n"
    "As One,One,mimic,,\"" JA4_R "\",\n"
    "One 1,One,real,,\"" JA4_R "\",\n"
    "One 0,One,recorded,,\"" JA4_R "\",\n"
    "Two,Two,real,,\"t13d0205h2_1301,1302_0005,000a,000d_0403,0804\",\n"
    "Three,Three,real,ada70206e40642a3e4461f35503241d5,\"" JA4_R "\",\"" JA3_R "\"\n"
    "Broken,Three,real,,\"t13d0205h2_1301;1302_0005_0403,0804\",\n"
    "Nameable only,Four,real,ada70206e40642a3e4461f35503241d5,,\n";

/** The names of the nearest clients with their distances. */
static char *nearest(tlsfp_clients *clients, const char *text, size_t n_out)
{
    tlsfp_near near[8];
    GString *out = g_string_new(NULL);
    tlsfp_shape *shape = tlsfp_shape_new();
    g_assert_true(tlsfp_shape_add_text(shape, text));
    size_t n = tlsfp_clients_nearest(clients, shape, near, n_out);
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(out, "%s %u;", near[i].client->name, near[i].distance);
    tlsfp_shape_free(shape);
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *text;
    size_t n;
    const char *expected;
} nearest_case;

static const nearest_case nearest_cases[] = {
    {JA4_R, 3, "One 1 0;Three 0;As One 0;"},
    {JA4_R, 8, "One 1 0;Three 0;As One 0;One 0 0;Two 1;"},
    {JA4_R, 1, "One 1 0;"},
    {JA4_R, 0, ""},
    {"t13d0205h2_1301,1302_0005,000a,000d_0403,0804", 2, "Two 0;One 1 1;"},
    /* a signature algorithm more, and a cipher suite: 2 + 3 */
    {"t13d0205h2_1301,1302,1303_0005,000a,000d_0403,0804,0805", 1, "Two 5;"},
    /* two extensions less, another version: 4 + 4 + 8 + 8 */
    {"t12d0203h2_1301,1302_000d_0403,0804", 1, "Two 24;"},
    /* only Three says anything of order: two groups change places, a pair is there and one not */
    {"771,4866-4865,0-5-13-10-16-21,23-29,0", 5, "One 1 0;As One 0;One 0 0;Two 1;Three 2;"},
};

static void count_report(const char *message, void *data)
{
    g_assert_true(g_str_has_prefix(message, "list.csv:7: "));
    ++*(size_t *)data;
}

static void test_nearest(void)
{
    tlsfp_clients *clients = tlsfp_clients_new();
    size_t n_reports = 0;
    g_assert_cmpuint(tlsfp_clients_read(clients, "list.csv",
                                        (tlsfp_span){(const uint8_t *)list, strlen(list)},
                                        count_report, &n_reports),
                     ==, 5);
    g_assert_cmpuint(n_reports, ==, 1);
    g_assert_cmpuint(tlsfp_clients_count(clients), ==, 5);
    g_assert_cmpstr(tlsfp_clients_get(clients, 0)->family, ==, "One");
    g_assert_cmpint(tlsfp_clients_get(clients, 0)->kind, ==, TLSFP_CLIENT_MIMIC);
    for (size_t i = 0; i < G_N_ELEMENTS(nearest_cases); i++) {
        char *found = nearest(clients, nearest_cases[i].text, nearest_cases[i].n);
        g_assert_cmpstr(found, ==, nearest_cases[i].expected);
        g_free(found);
    }
    tlsfp_clients_free(clients);
}

/* ---- many clients: the index counts with bits what many have, and with numbers what few have ----
 */

enum { MANY = 700, N_QUERIES = 40 };

/** Appends some of 24 values, lowest first; returns how many. */
static unsigned append_some(GString *out, unsigned base, GRand *random)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 24; i++)
        if (n == 0 || g_rand_int_range(random, 0, 3) > 0)
            g_string_append_printf(out, "%s%04x", n++ > 0 ? "," : "", base + i);
    return n;
}

/** Another hello's ja4_r; to be freed. */
static char *some_hello(GRand *random)
{
    GString *parts = g_string_new("_");
    unsigned n_suites = append_some(parts, 0x1301, random);
    g_string_append_c(parts, '_');
    unsigned n_extensions = append_some(parts, 0x0015, random);
    g_string_append_c(parts, '_');
    append_some(parts, 0x0401, random);
    char *text = g_strdup_printf("t13i%02u%02u00%s", n_suites, n_extensions, parts->str);
    g_string_free(parts, TRUE);
    return text;
}

static tlsfp_clients *clients_of(char *const *hellos, size_t n)
{
    GString *text = g_string_new("name,ja4_r\n");
    tlsfp_clients *clients = tlsfp_clients_new();
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(text, "%zu,\"%s\"\n", i, hellos[i]);
    g_assert_cmpuint(tlsfp_clients_read(clients, "list.csv",
                                        (tlsfp_span){(const uint8_t *)text->str, text->len}, NULL,
                                        NULL),
                     ==, n);
    g_string_free(text, TRUE);
    return clients;
}

static unsigned distance_of_two(char *hello, const tlsfp_shape *shape)
{
    tlsfp_near near;
    tlsfp_clients *one = clients_of(&hello, 1);
    g_assert_cmpuint(tlsfp_clients_nearest(one, shape, &near, 1), ==, 1);
    tlsfp_clients_free(one);
    return near.distance;
}

/** Each client of a long list is as far away as when it is alone in a list. */
static void test_many(void)
{
    GRand *random = g_rand_new_with_seed(7);
    char *hellos[MANY];
    tlsfp_near near[MANY];
    for (size_t i = 0; i < MANY; i++)
        hellos[i] = some_hello(random);
    tlsfp_clients *clients = clients_of(hellos, MANY);
    for (size_t i = 0; i < N_QUERIES; i++) {
        char *text = some_hello(random);
        tlsfp_shape *shape = tlsfp_shape_new();
        g_assert_true(tlsfp_shape_add_text(shape, text));
        g_assert_cmpuint(tlsfp_clients_nearest(clients, shape, near, MANY), ==, MANY);
        for (size_t j = i; j < MANY; j += N_QUERIES / 4) { /* some of all places in the list */
            size_t number = g_ascii_strtoull(near[j].client->name, NULL, 10);
            g_assert_cmpuint(near[j].distance, ==, distance_of_two(hellos[number], shape));
            g_assert_true(j == 0 || near[j - 1].distance <= near[j].distance);
        }
        tlsfp_shape_free(shape);
        g_free(text);
    }
    tlsfp_clients_free(clients);
    for (size_t i = 0; i < MANY; i++)
        g_free(hellos[i]);
    g_rand_free(random);
}

/** A list of these bytes, in a file. */
typedef struct {
    const char *name, *list; /* list NULL: there is no such file */
    bool fine;
    size_t n_reports, n_clients;
    const char *message; /* behind the path */
} load_case;

static const load_case load_cases[] = {
    {"fine", list, true, 1, 5, NULL},
    {"empty", "", true, 0, 0, NULL},
    {"only-titles", "name,ja4\n", true, 0, 0, NULL},
    {"all-broken", "name,ja4\nOne,abc\n", false, 1, 0, ": no name in it can be used"},
    {"missing", NULL, false, 0, 0, NULL},
};

static void count_all(const char *message, void *data)
{
    (void)message;
    ++*(size_t *)data;
}

static void test_load(const void *data)
{
    const load_case *row = data;
    char *folder = g_dir_make_tmp("tlsfp-nearest-XXXXXX", NULL);
    char *path = g_build_filename(folder, "list.csv", NULL);
    GError *error = NULL;
    size_t n_reports = 0;
    tlsfp_labels *labels = tlsfp_labels_new(&(tlsfp_hash_key){{1, 2}});
    tlsfp_clients *clients = tlsfp_clients_new();
    if (row->list != NULL)
        g_assert_true(g_file_set_contents(path, row->list, -1, NULL));
    g_assert_cmpint(tlsfp_lists_load(path, labels, NULL, NULL, NULL, NULL), ==, row->fine);
    g_assert_cmpint(tlsfp_lists_load(path, labels, clients, count_all, &n_reports, &error), ==,
                    row->fine);
    g_assert_cmpuint(n_reports, ==, row->n_reports);
    g_assert_cmpuint(tlsfp_clients_count(clients), ==, row->n_clients);
    g_assert_cmpint(tlsfp_labels_have(labels, TLSFP_KIND_JA3), ==, row->n_clients > 0);
    g_assert_cmpint(error == NULL, ==, row->fine);
    g_assert_true(row->fine || strstr(error->message, path) != NULL);
    g_assert_true(row->message == NULL || g_str_has_suffix(error->message, row->message));
    g_clear_error(&error);
    tlsfp_clients_free(clients);
    tlsfp_labels_free(labels);
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
}

/** What is added later is found, too. */
static void test_added_later(void)
{
    tlsfp_clients *clients = tlsfp_clients_new();
    char *found = nearest(clients, JA4_R, 2);
    g_assert_cmpstr(found, ==, "");
    g_free(found);
    const tlsfp_client two = {.name = "Two", .ja4_r = "t13d0205h2_1301,1302_0005,000a,000d_0403"};
    const tlsfp_client one = {.name = "One", .ja4_r = JA4_R};
    g_assert_true(tlsfp_clients_add(clients, &two));
    g_free(nearest(clients, JA4_R, 2));
    g_assert_true(tlsfp_clients_add(clients, &one));
    g_assert_false(tlsfp_clients_add(clients, &(tlsfp_client){.name = "", .ja4_r = JA4_R}));
    g_assert_false(tlsfp_clients_add(clients, &(tlsfp_client){.name = "No values"}));
    found = nearest(clients, JA4_R, 2);
    g_assert_cmpstr(found, ==, "One 0;Two 3;");
    g_free(found);
    tlsfp_clients_free(clients);
}

/** Reads the list of real clients. */
static tlsfp_clients *read_atlas(void)
{
    char *path = g_build_filename(g_getenv("TLSFP_SOURCE"), "samples", "clients.csv", NULL);
    tlsfp_clients *clients = tlsfp_clients_new();
    tlsfp_labels *labels = tlsfp_labels_new(&(tlsfp_hash_key){{0}});
    g_assert_true(tlsfp_lists_load(path, labels, clients, NULL, NULL, NULL));
    tlsfp_labels_free(labels);
    g_free(path);
    return clients;
}

typedef enum { FAMILY_FIRST, FAMILY_NOT_FIRST, FAMILY_AMBIGUOUS } standing;

/** Whether a client's family is among the nearest, where it is left out itself; ambiguous: clients
 * of other families, and none of its own, send the very same. */
static standing find_family(tlsfp_clients *atlas, size_t left_out)
{
    const tlsfp_client *client = tlsfp_clients_get(atlas, left_out);
    tlsfp_near near[64];
    const size_t n = tlsfp_clients_nearest(atlas, client->shape, near, G_N_ELEMENTS(near));
    size_t first = 0;
    bool found = false;
    while (first < n && near[first].client == client)
        first++;
    g_assert_cmpuint(first, <, n);
    for (size_t i = first; i < n && near[i].distance == near[first].distance; i++)
        found |= near[i].client != client && g_strcmp0(near[i].client->family, client->family) == 0;
    return found ? FAMILY_FIRST : near[first].distance == 0 ? FAMILY_AMBIGUOUS : FAMILY_NOT_FIRST;
}

/** Each real client is left out in turn: its family comes first, of those that have another one. */
static void test_leave_one_out(void)
{
    tlsfp_clients *atlas = read_atlas();
    GHashTable *families = g_hash_table_new(g_str_hash, g_str_equal);
    size_t n = 0, n_found = 0, n_ambiguous = 0;
    for (size_t i = 0; i < tlsfp_clients_count(atlas); i++) {
        const tlsfp_client *client = tlsfp_clients_get(atlas, i);
        const char *family = client->family != NULL ? client->family : client->name;
        const guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(families, family));
        g_hash_table_insert(families, (gpointer)family, GUINT_TO_POINTER(seen + 1));
    }
    for (size_t i = 0; i < tlsfp_clients_count(atlas); i++) {
        const tlsfp_client *client = tlsfp_clients_get(atlas, i);
        if (client->kind != TLSFP_CLIENT_REAL || client->family == NULL ||
            GPOINTER_TO_UINT(g_hash_table_lookup(families, client->family)) < 2)
            continue;
        const standing found = find_family(atlas, i);
        if (found == FAMILY_NOT_FIRST)
            g_test_message("not found: %s", client->name);
        n += found != FAMILY_AMBIGUOUS;
        n_found += found == FAMILY_FIRST;
        n_ambiguous += found == FAMILY_AMBIGUOUS;
    }
    g_test_message("%zu of %zu real clients found by their family; %zu send what others send",
                   n_found, n, n_ambiguous);
    g_assert_cmpuint(n, >, 200);
    g_assert_cmpuint(100 * n_found, >=, 90 * n); /* 92 % of the list of November 2026 */
    g_hash_table_unref(families);
    tlsfp_clients_free(atlas);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nearest/texts", test_texts);
    g_test_add_func("/nearest/raw-forms", test_raw_forms);
    g_test_add_func("/nearest/no-texts", test_no_texts);
    g_test_add_func("/nearest/shown-texts", test_shown_texts);
    g_test_add_func("/nearest/value-names", test_value_names);
    g_test_add_func("/nearest/known-clients", test_nearest);
    g_test_add_func("/nearest/many", test_many);
    for (size_t i = 0; i < G_N_ELEMENTS(load_cases); i++) {
        char *path = g_strdup_printf("/nearest/load/%s", load_cases[i].name);
        g_test_add_data_func(path, &load_cases[i], test_load);
        g_free(path);
    }
    g_test_add_func("/nearest/added-later", test_added_later);
    g_test_add_func("/nearest/leave-one-out", test_leave_one_out);
    return g_test_run();
}
