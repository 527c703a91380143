/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "labels/label_rows.h"

enum {
    BLOCK_SIZE = 64 * 1024,
    MAX_OF_VALUE = 64, /* labels of one value */
};

/** A label as it is kept. */
typedef struct stored stored;
struct stored {
    const char *value; /* of what it is the label; the tables find it by this */
    const char *name;
    const char *comment;
    stored *next;  /* the same value's next label */
    size_t number; /* in which order labels came */
    tlsfp_level level;
};

struct tlsfp_labels {
    GHashTable *tables[TLSFP_N_LABEL_KINDS]; /* sets of stored; NULL without any */
    GPtrArray *blocks;                       /* where labels and their texts are kept */
    char *room;                              /* in the last block */
    size_t n_room;
    size_t n_labels;
};

const char *tlsfp_label_kind_name(tlsfp_label_kind kind)
{
    static const char *const names[TLSFP_N_LABEL_KINDS] = {
        [TLSFP_BY_JA4_RO] = "ja4_ro",     [TLSFP_BY_JA4_R] = "ja4_r",
        [TLSFP_BY_STABLE_R] = "stable_r", [TLSFP_BY_JA3_R] = "ja3_r",
        [TLSFP_BY_JA4_O] = "ja4_o",       [TLSFP_BY_JA3] = "ja3",
        [TLSFP_BY_JA4] = "ja4",           [TLSFP_BY_STABLE] = "stable",
        [TLSFP_BY_JA4_C] = "ja4_c",       [TLSFP_BY_JA4_B] = "ja4_b",
        [TLSFP_BY_JA4_A] = "ja4_a",
    };
    return names[kind];
}

const char *tlsfp_level_name(tlsfp_level level)
{
    static const char *const names[] = {"none", "note", "warn"};
    return names[level];
}

tlsfp_labels *tlsfp_labels_new(void)
{
    tlsfp_labels *labels = g_new0(tlsfp_labels, 1);
    labels->blocks = g_ptr_array_new_with_free_func(g_free);
    return labels;
}

void tlsfp_labels_free(tlsfp_labels *labels)
{
    if (labels == NULL)
        return;
    for (size_t i = 0; i < TLSFP_N_LABEL_KINDS; i++)
        if (labels->tables[i] != NULL)
            g_hash_table_unref(labels->tables[i]);
    g_ptr_array_unref(labels->blocks);
    g_free(labels);
}

/** Memory that lives as long as the labels, aligned for pointers. */
static void *reserve(tlsfp_labels *labels, size_t size)
{
    size = (size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    if (size > labels->n_room) {
        labels->n_room = MAX(size, BLOCK_SIZE);
        labels->room = g_malloc(labels->n_room);
        g_ptr_array_add(labels->blocks, labels->room);
    }
    void *taken = labels->room;
    labels->room += size;
    labels->n_room -= size;
    return taken;
}

static char *keep(tlsfp_labels *labels, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(reserve(labels, size), text, size);
}

/** Hex digits are kept in lower case; part a of JA4 has others, too. */
static char *keep_value(tlsfp_labels *labels, tlsfp_label_kind kind, const char *value)
{
    char *kept = keep(labels, value);
    char *hex = kind == TLSFP_BY_JA4_A ? kept + strlen(kept) : strchr(kept, '_');
    for (char *at = hex != NULL ? hex : kept; *at != '\0'; at++)
        *at = g_ascii_tolower(*at);
    return kept;
}

/** A text that can be shown anywhere: UTF-8, in one line. */
static char *keep_text(tlsfp_labels *labels, const char *text)
{
    char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    char *kept = keep(labels, valid != NULL ? valid : text);
    for (char *at = kept; *at != '\0'; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    g_free(valid);
    return kept;
}

static guint hash_stored(gconstpointer label)
{
    return g_str_hash(((const stored *)label)->value);
}

static gboolean equal_stored(gconstpointer one, gconstpointer other)
{
    return strcmp(((const stored *)one)->value, ((const stored *)other)->value) == 0;
}

static const stored *look_up(const tlsfp_labels *labels, tlsfp_label_kind kind, const char *value)
{
    const stored wanted = {.value = value};
    return value != NULL && labels->tables[kind] != NULL
               ? g_hash_table_lookup(labels->tables[kind], &wanted)
               : NULL;
}

static bool says_the_same(const stored *one, const stored *other)
{
    return one->level == other->level && strcmp(one->name, other->name) == 0;
}

/** Puts @p added behind the value's other labels; one that says the same is enough. */
static void chain(stored *first, stored *added)
{
    stored *at = first;
    size_t n = 1;
    for (; at->next != NULL && !says_the_same(at, added); at = at->next)
        n++;
    if (!says_the_same(at, added) && n < MAX_OF_VALUE)
        at->next = added;
}

void add_label(tlsfp_labels *labels, tlsfp_label_kind kind, const char *value,
               const tlsfp_label *label)
{
    stored *added = reserve(labels, sizeof *added);
    *added = (stored){
        .value = keep_value(labels, kind, value),
        .name = keep_text(labels, label->name),
        .comment = label->comment != NULL ? keep_text(labels, label->comment) : NULL,
        .number = labels->n_labels++,
        .level = label->level,
    };
    if (labels->tables[kind] == NULL)
        labels->tables[kind] = g_hash_table_new(hash_stored, equal_stored);
    stored *first = g_hash_table_lookup(labels->tables[kind], added);
    if (first != NULL)
        chain(first, added);
    else
        g_hash_table_add(labels->tables[kind], added);
}

bool tlsfp_labels_add(tlsfp_labels *labels, tlsfp_label_kind kind, const char *value,
                      const tlsfp_label *label)
{
    if (!is_value(kind, value, strlen(value)) || label->name[0] == '\0')
        return false;
    add_label(labels, kind, value, label);
    return true;
}

bool tlsfp_labels_have(const tlsfp_labels *labels, tlsfp_label_kind kind)
{
    return labels->tables[kind] != NULL;
}

/** Adds a label that fits, or its level where its name is there already. */
static size_t put(const stored *found, tlsfp_label *out, size_t n, size_t n_out)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(out[i].name, found->name) == 0) {
            out[i].level = MAX(out[i].level, found->level);
            return n;
        }
    if (n < n_out)
        out[n++] = (tlsfp_label){found->name, found->comment, found->level};
    return n;
}

/** The labels of a value and of its raw form, which say the same, in the order in which they came.
 */
static size_t put_both(const stored *one, const stored *other, tlsfp_label *out, size_t n,
                       size_t n_out)
{
    while (one != NULL || other != NULL) {
        const stored **first =
            other == NULL || (one != NULL && one->number < other->number) ? &one : &other;
        n = put(*first, out, n, n_out);
        *first = (*first)->next;
    }
    return n;
}

size_t tlsfp_labels_find(const tlsfp_labels *labels, const char *const values[TLSFP_N_LABEL_KINDS],
                         tlsfp_label *out, size_t n_out)
{
    static const tlsfp_label_kind pairs[][2] = {
        {TLSFP_BY_JA4_RO, TLSFP_BY_JA4_O}, {TLSFP_BY_JA3_R, TLSFP_BY_JA3},
        {TLSFP_BY_JA4_R, TLSFP_BY_JA4},    {TLSFP_BY_STABLE_R, TLSFP_BY_STABLE},
        {TLSFP_BY_JA4_C, TLSFP_BY_JA4_C},  {TLSFP_BY_JA4_B, TLSFP_BY_JA4_B},
        {TLSFP_BY_JA4_A, TLSFP_BY_JA4_A},
    };
    size_t n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        tlsfp_label_kind raw = pairs[i][0], hashed = pairs[i][1];
        n = put_both(raw != hashed ? look_up(labels, raw, values[raw]) : NULL,
                     look_up(labels, hashed, values[hashed]), out, n, n_out);
    }
    return n;
}

static bool is_json(tlsfp_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!g_ascii_isspace((char)text.data[i]))
            return text.data[i] == '[' || text.data[i] == '{';
    return false;
}

void read_list(label_list *list, tlsfp_span text)
{
    static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};
    if (text.len >= sizeof byte_order_mark &&
        memcmp(text.data, byte_order_mark, sizeof byte_order_mark) == 0)
        text = (tlsfp_span){text.data + sizeof byte_order_mark, text.len - sizeof byte_order_mark};
    if (is_json(text))
        read_json(list, text);
    else
        read_csv(list, text);
}

size_t tlsfp_labels_read(tlsfp_labels *labels, const char *file, tlsfp_span text,
                         tlsfp_label_report report, void *data)
{
    label_list list;
    start_list(&list, labels, file, report, data);
    read_list(&list, text);
    return finish_list(&list);
}
