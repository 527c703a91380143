/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Shapes, what tells them apart, and the nearest known client. Real hellos (tests/vectors,
 * capture/) are changed in one place and in two; what the comparison has to say is written down by
 * whoever makes the change.
 */
#include <string.h>
#include <tlsfp/names.h>
#include <tlsfp/nearest.h>

#include "hello_vector.h"

enum { N_CHANGES = 1000, N_LISTS = 4 };

/** A hello taken apart: its lists, each of 2-byte values. */
typedef struct {
    GArray *lists[N_LISTS]; /* by LIST_... */
    GHashTable *bodies;     /* of extensions, by type; those of lists are made anew */
    uint16_t legacy_version;
    tlsfp_transport transport;
} draft;

enum { LIST_CIPHERS, LIST_EXTENSIONS, LIST_GROUPS, LIST_ALGORITHMS };

static const char *name_of(size_t list, uint16_t value)
{
    static const char *(*const names[N_LISTS])(uint16_t) = {tlsfp_cipher_suite_name,
                                                            tlsfp_extension_name, tlsfp_group_name,
                                                            tlsfp_signature_algorithm_name};
    return names[list](value);
}

/* ---- hellos taken apart and put together ---- */

static uint16_t at(const GArray *list, guint i)
{
    return g_array_index(list, uint16_t, i);
}

static GArray *array_of(tlsfp_span list)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    uint16_t value;
    while (tlsfp_next_value(&list, &value))
        if (!tlsfp_is_grease(value))
            g_array_append_val(values, value);
    return values;
}

static draft take_apart(const tlsfp_client_hello *hello)
{
    draft taken = {.legacy_version = hello->legacy_version, .transport = hello->transport};
    taken.lists[LIST_CIPHERS] = array_of(hello->cipher_suites);
    taken.lists[LIST_GROUPS] = array_of(hello->supported_groups);
    taken.lists[LIST_ALGORITHMS] = array_of(hello->signature_algorithms);
    taken.lists[LIST_EXTENSIONS] = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    taken.bodies = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref);
    tlsfp_span block = hello->extensions, body;
    uint16_t type;
    while (tlsfp_next_extension(&block, &type, &body))
        if (!tlsfp_is_grease(type)) {
            g_array_append_val(taken.lists[LIST_EXTENSIONS], type);
            g_hash_table_insert(taken.bodies, GUINT_TO_POINTER((guint)type),
                                g_bytes_new(body.data, body.len));
        }
    return taken;
}

static void drop_draft(draft *taken)
{
    for (size_t i = 0; i < N_LISTS; i++)
        g_array_unref(taken->lists[i]);
    g_hash_table_unref(taken->bodies);
}

static void append_list(GByteArray *out, const GArray *list)
{
    GByteArray *values = g_byte_array_new();
    for (guint i = 0; i < list->len; i++)
        append_integer(values, at(list, i), 2);
    append_vector(out, 2, values);
}

static void append_extension(GByteArray *block, const draft *taken, uint16_t type)
{
    GByteArray *body = g_byte_array_new();
    GBytes *sent = g_hash_table_lookup(taken->bodies, GUINT_TO_POINTER((guint)type));
    append_integer(block, type, 2);
    if (type == 10)
        append_list(body, taken->lists[LIST_GROUPS]);
    else if (type == 13)
        append_list(body, taken->lists[LIST_ALGORITHMS]);
    else if (sent != NULL)
        g_byte_array_append(body, g_bytes_get_data(sent, NULL), (guint)g_bytes_get_size(sent));
    append_vector(block, 2, body);
}

/** The message that a draft makes. */
static GByteArray *message_of_draft(const draft *taken)
{
    GByteArray *body = g_byte_array_new(), *block = g_byte_array_new();
    append_integer(body, taken->legacy_version, 2);
    for (int i = 0; i < 32; i++)
        append_integer(body, 0x5a, 1);
    append_integer(body, 0, 1);
    if (taken->transport == TLSFP_DTLS)
        append_integer(body, 0, 1);
    append_list(body, taken->lists[LIST_CIPHERS]);
    append_hex(body, "01 00");
    for (guint i = 0; i < taken->lists[LIST_EXTENSIONS]->len; i++)
        append_extension(block, taken, at(taken->lists[LIST_EXTENSIONS], i));
    append_vector(body, 2, block);
    GByteArray *message = g_byte_array_new();
    append_integer(message, 1, 1);
    if (taken->transport == TLSFP_DTLS) {
        append_integer(message, body->len, 3);
        append_hex(message, "0000 000000");
    }
    append_vector(message, 3, body);
    return message;
}

/** A hello's shape and fingerprints. */
typedef struct {
    tlsfp_shape *shape;
    char ja4[TLSFP_JA4_SIZE], stable[TLSFP_JA4_SIZE], ja3[TLSFP_JA3_SIZE];
} portrait;

static portrait portrait_of(const draft *taken)
{
    GByteArray *message = message_of_draft(taken);
    tlsfp_context *context = tlsfp_context_new();
    tlsfp_client_hello hello;
    g_assert_cmpint(
        tlsfp_parse((tlsfp_span){message->data, message->len}, taken->transport, &hello), ==,
        TLSFP_OK);
    portrait made = {.shape = tlsfp_shape_of_hello(&hello)};
    tlsfp_ja4(context, &hello, TLSFP_SORTED, made.ja4);
    tlsfp_stable(context, &hello, made.stable);
    tlsfp_ja3(context, &hello, made.ja3);
    tlsfp_context_free(context);
    g_byte_array_unref(message);
    return made;
}

/** What differs between the fingerprints themselves; nothing is known of JA3N. */
static unsigned touched(const portrait *first, const portrait *second)
{
    return (memcmp(first->ja4, second->ja4, 10) != 0 ? TLSFP_TOUCHES_JA4_A : 0U) |
           (memcmp(first->ja4 + 11, second->ja4 + 11, 12) != 0 ? TLSFP_TOUCHES_JA4_B : 0U) |
           (memcmp(first->ja4 + 24, second->ja4 + 24, 12) != 0 ? TLSFP_TOUCHES_JA4_C : 0U) |
           (strcmp(first->stable, second->stable) != 0 ? TLSFP_TOUCHES_STABLE : 0U) |
           (strcmp(first->ja3, second->ja3) != 0 ? TLSFP_TOUCHES_JA3 : 0U);
}

/** A single difference says which fingerprints it touches. */
static void check_touched(const portrait *first, const portrait *second)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(first->shape, second->shape, found);
    g_assert_cmpuint(found->len, ==, 1);
    g_assert_cmphex(tlsfp_difference_touches(&g_array_index(found, tlsfp_difference, 0)) &
                        ~(unsigned)TLSFP_TOUCHES_JA3N,
                    ==, touched(first, second));
    g_array_unref(found);
}

/* ---- changes ---- */

static bool holds(const GArray *list, uint16_t value)
{
    for (guint i = 0; i < list->len; i++)
        if (at(list, i) == value)
            return true;
    return false;
}

static char *describe(const char *start, size_t list, uint16_t value)
{
    static const char *const words[N_LISTS] = {"cipher suite", "extension", "group",
                                               "signature algorithm"};
    const char *name = name_of(list, value);
    return g_strdup_printf("%s%s 0x%04x%s%s", start, words[list], value, name != NULL ? " " : "",
                           name != NULL ? name : "");
}

/** Extensions whose lists are parts of their own, and pre_shared_key, stay where they are. */
static bool may_leave(size_t list, uint16_t value)
{
    static const uint16_t kept[] = {0, 10, 11, 13, 16, 43, 51};
    for (size_t i = 0; list == LIST_EXTENSIONS && i < G_N_ELEMENTS(kept); i++)
        if (kept[i] == value)
            return false;
    return true;
}

static char *add_value(draft *taken, size_t list, GRand *random)
{
    uint16_t value;
    do
        value = (uint16_t)g_rand_int_range(random, 0x0100, 0xffff);
    while (holds(taken->lists[list], value) || tlsfp_is_grease(value));
    guint place = (guint)g_rand_int_range(random, 0, (gint)taken->lists[list]->len + 1);
    g_array_insert_val(taken->lists[list], place, value);
    return describe("plus ", list, value);
}

static char *drop_value(draft *taken, size_t list, GRand *random)
{
    GArray *values = taken->lists[list];
    guint place = (guint)g_rand_int_range(random, 0, (gint)values->len);
    const uint16_t value = at(values, place);
    if (!may_leave(list, value) || values->len < 2)
        return NULL;
    g_array_remove_index(values, place);
    return describe("without ", list, value);
}

/** By two places or more: of two neighbours that change places, either may have moved. */
static char *move_value(draft *taken, size_t list, GRand *random)
{
    GArray *values = taken->lists[list];
    if (values->len < 4)
        return NULL;
    guint from = (guint)g_rand_int_range(random, 0, (gint)values->len);
    guint to = (guint)g_rand_int_range(random, 0, (gint)values->len);
    if (MAX(from, to) - MIN(from, to) < 2)
        return NULL;
    const uint16_t value = at(values, from);
    g_array_remove_index(values, from);
    g_array_insert_val(values, to, value);
    char *what = describe("", list, value);
    char *text = g_strdup_printf("%s moved from place %u to %u", what, from + 1, to + 1);
    g_free(what);
    return text;
}

/** Makes a change to a list, and says what a comparison has to call it. */
static char *change(draft *taken, size_t list, GRand *random)
{
    static char *(*const changes[])(draft *, size_t, GRand *) = {add_value, drop_value, move_value};
    char *text = NULL;
    while (text == NULL && taken->lists[list]->len > 1)
        text = changes[g_rand_int_range(random, 0, G_N_ELEMENTS(changes))](taken, list, random);
    return text;
}

/** What the comparison says, each difference a line. */
static char *said(const tlsfp_shape *first, const tlsfp_shape *second)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    tlsfp_shape_compare(first, second, found);
    for (guint i = 0; i < found->len; i++) {
        GString *line = g_string_new(NULL);
        tlsfp_difference_text(&g_array_index(found, tlsfp_difference, i), line);
        g_ptr_array_add(lines, g_string_free(line, FALSE));
    }
    g_ptr_array_add(lines, NULL);
    char *text = g_strjoinv("\n", (char **)lines->pdata);
    g_ptr_array_unref(lines);
    g_array_unref(found);
    return text;
}

static void check_changes(size_t n_changes)
{
    GKeyFile *vectors = load_vectors();
    GRand *random = g_rand_new_with_seed(14);
    char **rows = g_key_file_get_groups(vectors, NULL);
    size_t n_done = 0;
    for (size_t i = 0; n_done < N_CHANGES; i++) {
        if (rows[i] == NULL)
            i = 0;
        if (!g_str_has_prefix(rows[i], "capture/"))
            continue;
        GByteArray *message = message_of(vectors, rows[i]);
        tlsfp_client_hello hello;
        g_assert_cmpint(tlsfp_parse((tlsfp_span){message->data, message->len},
                                    transport_of(vectors, rows[i]), &hello),
                        ==, TLSFP_OK);
        draft taken = take_apart(&hello);
        portrait before = portrait_of(&taken);
        const size_t first_list = (size_t)g_rand_int_range(random, 0, N_LISTS);
        char *expected[3] = {change(&taken, first_list, random), NULL, NULL};
        if (n_changes == 2 && expected[0] != NULL)
            expected[1] =
                change(&taken, (first_list + 1 + (size_t)g_rand_int_range(random, 0, 3)) % N_LISTS,
                       random);
        if (expected[n_changes - 1] != NULL) {
            portrait after = portrait_of(&taken);
            char *found = said(before.shape, after.shape);
            char *both = g_strjoinv("\n", expected);
            char *reversed = g_strdup_printf("%s\n%s", expected[1], expected[0]);
            if (strcmp(found, both) != 0 && strcmp(found, reversed) != 0)
                g_assert_cmpstr(found, ==, both);
            g_free(found);
            g_free(both);
            g_free(reversed);
            if (n_changes == 1)
                check_touched(&before, &after);
            tlsfp_shape_free(after.shape);
            n_done++;
        }
        g_free(expected[0]);
        g_free(expected[1]);
        tlsfp_shape_free(before.shape);
        drop_draft(&taken);
        g_byte_array_unref(message);
    }
    g_strfreev(rows);
    g_rand_free(random);
    g_key_file_free(vectors);
}

static void test_single_changes(void)
{
    check_changes(1);
}

static void test_double_changes(void)
{
    check_changes(2);
}

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
    char *text;
    gsize len;
    g_assert_true(g_file_get_contents(path, &text, &len, NULL));
    tlsfp_clients *clients = tlsfp_clients_new();
    tlsfp_clients_read(clients, path, (tlsfp_span){(const uint8_t *)text, len}, NULL, NULL);
    g_free(text);
    g_free(path);
    return clients;
}

typedef enum { FAMILY_FIRST, FAMILY_NOT_FIRST, FAMILY_AMBIGUOUS } standing;

/** Whether a client's family is among the nearest, where it is left out itself; ambiguous: clients
 * of other families, and none of its own, send the very same. */
static standing find_family(const tlsfp_clients *atlas, size_t left_out)
{
    const tlsfp_client *client = tlsfp_clients_get(atlas, left_out);
    tlsfp_clients *others = tlsfp_clients_new();
    tlsfp_near near[64];
    bool found = false;
    for (size_t i = 0; i < tlsfp_clients_count(atlas); i++)
        if (i != left_out)
            g_assert_true(tlsfp_clients_add(others, tlsfp_clients_get(atlas, i)));
    const size_t n = tlsfp_clients_nearest(others, client->shape, near, G_N_ELEMENTS(near));
    for (size_t i = 0; i < n && near[i].distance == near[0].distance; i++)
        found |= g_strcmp0(near[i].client->family, client->family) == 0;
    tlsfp_clients_free(others);
    return found ? FAMILY_FIRST : near[0].distance == 0 ? FAMILY_AMBIGUOUS : FAMILY_NOT_FIRST;
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
    g_test_add_func("/nearest/no-texts", test_no_texts);
    g_test_add_func("/nearest/single-changes", test_single_changes);
    g_test_add_func("/nearest/double-changes", test_double_changes);
    g_test_add_func("/nearest/known-clients", test_nearest);
    g_test_add_func("/nearest/added-later", test_added_later);
    g_test_add_func("/nearest/leave-one-out", test_leave_one_out);
    return g_test_run();
}
