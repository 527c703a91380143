/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The hellos of samples/captures and tests/vectors (capture/) are changed in one place and in two;
 * what the comparison has to say is written down by whoever makes the change.
 */
#include <captures.h>
#include <string.h>
#include <tlsfp/tlsfp.h>

#include "hello_vector.h"
#include "said.h"

enum {
    N_CHANGES = 1000,
    N_LISTS = 5,
    N_KINDS = N_LISTS + 1, /* lists, and what other extensions hold */
    MEMORY = 64 * 1024 * 1024,
    MAX_HELLO = 64 * 1024,
};

/** A hello taken apart: its lists, each of 2-byte values. */
typedef struct {
    GArray *lists[N_LISTS]; /* by LIST_... */
    GHashTable *bodies;     /* of extensions, by type; those of lists are made anew */
    uint16_t legacy_version;
    tlsfp_transport transport;
} draft;

enum { LIST_CIPHERS, LIST_EXTENSIONS, LIST_GROUPS, LIST_ALGORITHMS, LIST_VERSIONS };

static const char *name_of(size_t list, uint16_t value)
{
    static const char *(*const names[N_LISTS])(uint16_t) = {
        tlsfp_cipher_suite_name, tlsfp_extension_name, tlsfp_group_name,
        tlsfp_signature_algorithm_name, tlsfp_version_name};
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
    taken.lists[LIST_VERSIONS] = array_of(hello->supported_versions);
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

static void append_list(GByteArray *out, guint width, const GArray *list)
{
    GByteArray *values = g_byte_array_new();
    for (guint i = 0; i < list->len; i++)
        append_integer(values, at(list, i), 2);
    append_vector(out, width, values);
}

static void append_extension(GByteArray *block, const draft *taken, uint16_t type)
{
    GByteArray *body = g_byte_array_new();
    GBytes *sent = g_hash_table_lookup(taken->bodies, GUINT_TO_POINTER((guint)type));
    append_integer(block, type, 2);
    if (type == 10)
        append_list(body, 2, taken->lists[LIST_GROUPS]);
    else if (type == 13)
        append_list(body, 2, taken->lists[LIST_ALGORITHMS]);
    else if (type == 43)
        append_list(body, 1, taken->lists[LIST_VERSIONS]);
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
    append_list(body, 2, taken->lists[LIST_CIPHERS]);
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
                                               "signature algorithm", "supported version"};
    const char *name = name_of(list, value);
    return g_strdup_printf("%s%s 0x%04x%s%s", start, words[list], value, name != NULL ? " " : "",
                           name != NULL ? name : "");
}

/** Extensions whose bodies are compared, too, are not dropped. */
static bool may_leave(size_t list, uint16_t value)
{
    static const uint16_t kept[] = {0, 10, 11, 13, 16, 27, 28, 43, 45, 51, 17613};
    for (size_t i = 0; list == LIST_EXTENSIONS && i < G_N_ELEMENTS(kept); i++)
        if (kept[i] == value)
            return false;
    return true;
}

/** The highest version is a difference of its own: it stays. */
static uint16_t highest(const GArray *versions)
{
    uint16_t found = 0;
    for (guint i = 0; i < versions->len; i++)
        found = MAX(found, at(versions, i));
    return found;
}

static char *add_value(draft *taken, size_t list, GRand *random)
{
    uint16_t value;
    const gint32 end = list == LIST_VERSIONS ? highest(taken->lists[list]) : 0xffff;
    do
        value = (uint16_t)g_rand_int_range(random, 0x0100, end);
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
    if (!may_leave(list, value) || values->len < 2 ||
        (list == LIST_VERSIONS && value == highest(values)))
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

/* ---- what extensions hold ---- */

static const struct {
    uint16_t value;
    const char *name;
} compressions[] = {{1, "zlib"}, {2, "brotli"}, {3, "zstd"}, {0x1234, "0x1234"}},
  modes[] = {{0, "psk_ke"}, {1, "psk_dhe_ke"}, {9, "0x09"}};

static const char *const protocols[] = {"h2", "http/1.1", "h3", "spdy/3.1"};

/** Makes a body anew. Returns what it holds, in words. */
static char *make_body(uint16_t type, GByteArray *out, GRand *random)
{
    GByteArray *list = g_byte_array_new();
    GString *words = g_string_new(NULL);
    const unsigned chosen = (unsigned)g_rand_int_range(random, 1, 16);
    for (unsigned i = 0; i < 4; i++) {
        if ((chosen >> i & 1) == 0 || (type == 45 && i == 3))
            continue;
        g_string_append(words, words->len > 0 ? ", " : "");
        if (type == 27) {
            append_integer(list, compressions[i].value, 2);
            g_string_append(words, compressions[i].name);
        } else if (type == 45) {
            append_integer(list, modes[i].value, 1);
            g_string_append(words, modes[i].name);
        } else {
            append_integer(list, (guint)strlen(protocols[i]), 1);
            g_byte_array_append(list, (const guint8 *)protocols[i], (guint)strlen(protocols[i]));
            g_string_append(words, protocols[i]);
        }
    }
    if (type == 28) {
        append_integer(out, 64 + chosen, 2);
        g_string_printf(words, "%u", 64 + chosen);
        g_byte_array_unref(list);
    } else {
        append_vector(out, type == 16 || type == 17613 ? 2 : 1, list);
    }
    if (words->len == 0) { /* a list of modes without any */
        g_byte_array_set_size(out, 0);
        append_hex(out, "02 01 00");
        g_string_assign(words, "psk_dhe_ke, psk_ke");
    }
    return g_string_free(words, FALSE);
}

/** Replaces a body twice: what the first one was is known then. */
static char *change_body(draft *before, draft *after, GRand *random)
{
    static const uint16_t types[] = {16, 27, 28, 45, 17613};
    const uint16_t type = types[g_rand_int_range(random, 0, G_N_ELEMENTS(types))];
    if (!holds(before->lists[LIST_EXTENSIONS], type) || !holds(after->lists[LIST_EXTENSIONS], type))
        return NULL;
    GByteArray *first = g_byte_array_new(), *second = g_byte_array_new();
    char *was = make_body(type, first, random), *is = make_body(type, second, random), *text = NULL;
    if (strcmp(was, is) != 0) {
        char *what = describe("", LIST_EXTENSIONS, type);
        text = g_strdup_printf("%s: %s instead of %s", what, is, was);
        g_free(what);
        g_hash_table_insert(before->bodies, GUINT_TO_POINTER((guint)type),
                            g_bytes_new(first->data, first->len));
        g_hash_table_insert(after->bodies, GUINT_TO_POINTER((guint)type),
                            g_bytes_new(second->data, second->len));
    }
    g_byte_array_unref(first);
    g_byte_array_unref(second);
    g_free(was);
    g_free(is);
    return text;
}

/* ---- the hellos ---- */

static void keep_message(GHashTable *hellos, tlsfp_span message, tlsfp_transport transport)
{
    GByteArray *bytes = g_byte_array_new();
    append_integer(bytes, (guint)transport, 1);
    g_byte_array_append(bytes, message.data, (guint)message.len);
    g_hash_table_add(hellos, g_byte_array_free_to_bytes(bytes));
}

static void take_hello(const found_hello *found, void *data)
{
    keep_message(data, found->hello->message, found->hello->transport);
}

static void read_capture(GHashTable *hellos, const char *path)
{
    const finder_limits limits = {.memory = MEMORY, .max_hello = MAX_HELLO};
    GError *error = NULL;
    frame packet;
    tlsfp_context *context = tlsfp_context_new();
    struct capture *capture = capture_open(path, &error);
    struct finder *finder = finder_new(&limits, context, take_hello, hellos);
    g_assert_no_error(error);
    while (capture_next(capture, &packet, &error) == CAPTURE_FRAME)
        finder_add(finder, &packet);
    g_assert_no_error(error);
    finder_end(finder);
    finder_free(finder);
    capture_close(capture);
    tlsfp_context_free(context);
}

static int by_bytes(gconstpointer a, gconstpointer b)
{
    return g_bytes_compare(*(GBytes *const *)a, *(GBytes *const *)b);
}

/** Each different hello: its transport, and the message. */
static GPtrArray *read_hellos(void)
{
    GHashTable *hellos =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    char *folder = g_build_filename(g_getenv("TLSFP_SOURCE"), "samples", "captures", NULL);
    GDir *captures = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(captures)) != NULL;) {
        char *path = g_build_filename(folder, name, NULL);
        if (g_str_has_suffix(name, ".pcap") || g_str_has_suffix(name, ".pcapng"))
            read_capture(hellos, path);
        g_free(path);
    }
    g_dir_close(captures);
    g_free(folder);
    GKeyFile *vectors = load_vectors();
    char **rows = g_key_file_get_groups(vectors, NULL);
    for (size_t i = 0; rows[i] != NULL; i++)
        if (g_str_has_prefix(rows[i], "capture/")) {
            GByteArray *message = message_of(vectors, rows[i]);
            keep_message(hellos, (tlsfp_span){message->data, message->len},
                         transport_of(vectors, rows[i]));
            g_byte_array_unref(message);
        }
    g_strfreev(rows);
    g_key_file_free(vectors);
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    GHashTableIter each;
    gpointer bytes;
    g_hash_table_iter_init(&each, hellos);
    while (g_hash_table_iter_next(&each, &bytes, NULL))
        g_ptr_array_add(list, g_bytes_ref(bytes));
    g_hash_table_unref(hellos);
    g_ptr_array_sort(list, by_bytes);
    return list;
}

static draft draft_of(GBytes *kept)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(kept, &len);
    tlsfp_client_hello hello;
    g_assert_cmpint(tlsfp_parse((tlsfp_span){data + 1, len - 1}, (tlsfp_transport)data[0], &hello),
                    ==, TLSFP_OK);
    return take_apart(&hello);
}

/* ---- the tests ---- */

/** The differences are those expected, in whatever order. */
static void check_said(const portrait *before, const portrait *after, char *expected[3])
{
    char *found = said(before->shape, after->shape);
    char *both = g_strjoinv("\n", expected);
    char *reversed = g_strdup_printf("%s\n%s", expected[1], expected[0]);
    if (strcmp(found, both) != 0 && strcmp(found, reversed) != 0)
        g_assert_cmpstr(found, ==, both);
    g_free(found);
    g_free(both);
    g_free(reversed);
}

/** Changes one hello. @return whether there was something to change. */
static bool try_changes(GBytes *kept, size_t n_changes, GRand *random, size_t counts[N_KINDS])
{
    draft first = draft_of(kept), second = draft_of(kept);
    const size_t start = (size_t)g_rand_int_range(random, 0, N_KINDS);
    const size_t step = (size_t)g_rand_int_range(random, 1, N_KINDS);
    char *expected[3] = {NULL};
    bool done = true;
    for (size_t i = 0; done && i < n_changes; i++) {
        const size_t kind = (start + i * step) % N_KINDS;
        expected[i] =
            kind == N_LISTS ? change_body(&first, &second, random) : change(&second, kind, random);
        done = expected[i] != NULL;
        counts[kind] += done;
    }
    if (done) {
        portrait before = portrait_of(&first), after = portrait_of(&second);
        check_said(&before, &after, expected);
        if (n_changes == 1)
            check_touched(&before, &after);
        tlsfp_shape_free(before.shape);
        tlsfp_shape_free(after.shape);
    }
    g_free(expected[0]);
    g_free(expected[1]);
    drop_draft(&first);
    drop_draft(&second);
    return done;
}

static void check_changes(size_t n_changes)
{
    GPtrArray *hellos = read_hellos();
    GRand *random = g_rand_new_with_seed(14);
    size_t counts[N_KINDS] = {0};
    size_t n_done = 0;
    g_assert_cmpuint(hellos->len, >, 40);
    for (guint i = 0; n_done < N_CHANGES; i = (i + 1) % hellos->len)
        n_done += try_changes(g_ptr_array_index(hellos, i), n_changes, random, counts);
    for (size_t i = 0; i < N_KINDS; i++)
        g_assert_cmpuint(counts[i], >, N_CHANGES / 20);
    g_test_message("%u hellos", hellos->len);
    g_rand_free(random);
    g_ptr_array_unref(hellos);
}

static void test_single_changes(void)
{
    check_changes(1);
}

static void test_double_changes(void)
{
    check_changes(2);
}

/** Gives an extension a body of some bytes; adds it where it was not sent. */
static void fill_body(draft *taken, uint16_t type, guint8 byte, gsize len)
{
    guint8 *bytes = g_malloc(len);
    memset(bytes, byte, len);
    if (!holds(taken->lists[LIST_EXTENSIONS], type))
        g_array_prepend_val(taken->lists[LIST_EXTENSIONS], type);
    g_hash_table_insert(taken->bodies, GUINT_TO_POINTER((guint)type), g_bytes_new_take(bytes, len));
}

/** Padding, tickets, cookies and GREASE differ between two hellos of one client. */
static void test_passing_bodies(void)
{
    static const uint16_t types[] = {21, 35, 44, 0x1a1a};
    GPtrArray *hellos = read_hellos();
    char *nothing[3] = {g_strdup(""), NULL, NULL};
    for (guint i = 0; i < hellos->len; i++) {
        draft first = draft_of(g_ptr_array_index(hellos, i));
        draft second = draft_of(g_ptr_array_index(hellos, i));
        for (size_t k = 0; k < G_N_ELEMENTS(types); k++) {
            fill_body(&first, types[k], 1, 4);
            fill_body(&second, types[k], 2, 9);
        }
        portrait before = portrait_of(&first), after = portrait_of(&second);
        check_said(&before, &after, nothing);
        tlsfp_shape_free(before.shape);
        tlsfp_shape_free(after.shape);
        drop_draft(&first);
        drop_draft(&second);
    }
    g_free(nothing[0]);
    g_ptr_array_unref(hellos);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/changes/single", test_single_changes);
    g_test_add_func("/changes/double", test_double_changes);
    g_test_add_func("/changes/passing-bodies", test_passing_bodies);
    return g_test_run();
}
