/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/labels.h>

enum {
    BLOCK_SIZE = 64 * 1024,
    MAX_OF_VALUE = 64, /* labels of one value */
};

/** A label as it is kept. */
typedef struct stored stored;
struct stored {
    const char *value; /* of what it is the label; the tables find it by this and its hash */
    uint64_t hash;
    const char *name;
    const char *comment;
    stored *next;  /* the same value's next label */
    size_t number; /* in which order labels came */
    tlsfp_level level;
    bool lesser; /* counts where nothing more specific has a label */
};

struct tlsfp_labels {
    tlsfp_hash_key key;
    GHashTable *tables[TLSFP_N_CLIENT_KINDS]; /* sets of stored; NULL without any */
    GPtrArray *blocks;                        /* where labels and their texts are kept */
    char *room;                               /* in the last block */
    size_t n_room;
    size_t n_labels;
};

const char *tlsfp_level_name(tlsfp_level level)
{
    static const char *const names[] = {"none", "note", "warn"};
    return names[level];
}

tlsfp_labels *tlsfp_labels_new(const tlsfp_hash_key *key)
{
    tlsfp_labels *labels = g_new0(tlsfp_labels, 1);
    labels->key = *key;
    labels->blocks = g_ptr_array_new_with_free_func(g_free);
    return labels;
}

void tlsfp_labels_free(tlsfp_labels *labels)
{
    if (labels == NULL)
        return;
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
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

static char *keep_value(tlsfp_labels *labels, tlsfp_kind kind, const char *value)
{
    char *kept = keep(labels, value);
    tlsfp_kind_fold(kind, kept);
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
    return (guint)((const stored *)label)->hash;
}

static gboolean equal_stored(gconstpointer a, gconstpointer b)
{
    return strcmp(((const stored *)a)->value, ((const stored *)b)->value) == 0;
}

static uint64_t hash_value(const tlsfp_labels *labels, const char *value)
{
    return tlsfp_hash(&labels->key, (tlsfp_span){(const uint8_t *)value, strlen(value)});
}

static const stored *look_up(const tlsfp_labels *labels, tlsfp_kind kind, const char *value)
{
    if (value == NULL || labels->tables[kind] == NULL)
        return NULL;
    const stored wanted = {.value = value, .hash = hash_value(labels, value)};
    return g_hash_table_lookup(labels->tables[kind], &wanted);
}

static bool says_the_same(const stored *label, const stored *other)
{
    return label->level == other->level && label->lesser == other->lesser &&
           strcmp(label->name, other->name) == 0;
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

static void add_label(tlsfp_labels *labels, tlsfp_kind kind, const char *value,
                      const tlsfp_label *label, bool lesser)
{
    stored *added = reserve(labels, sizeof *added);
    *added = (stored){
        .value = keep_value(labels, kind, value),
        .name = keep_text(labels, label->name),
        .comment = label->comment != NULL ? keep_text(labels, label->comment) : NULL,
        .number = labels->n_labels++,
        .level = label->level,
        .lesser = lesser,
    };
    added->hash = hash_value(labels, added->value);
    if (labels->tables[kind] == NULL)
        labels->tables[kind] = g_hash_table_new(hash_stored, equal_stored);
    stored *first = g_hash_table_lookup(labels->tables[kind], added);
    if (first != NULL)
        chain(first, added);
    else
        g_hash_table_add(labels->tables[kind], added);
}

bool labels_add(tlsfp_labels *labels, tlsfp_kind kind, const char *value, const tlsfp_label *label,
                bool lesser)
{
    if (kind >= TLSFP_N_CLIENT_KINDS || !tlsfp_kind_fits(kind, value) || label->name[0] == '\0')
        return false;
    add_label(labels, kind, value, label, lesser);
    return true;
}

bool tlsfp_labels_add(tlsfp_labels *labels, tlsfp_kind kind, const char *value,
                      const tlsfp_label *label)
{
    return labels_add(labels, kind, value, label, false);
}

bool tlsfp_labels_have(const tlsfp_labels *labels, tlsfp_kind kind)
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
static size_t put_both(const stored *hashed, const stored *raw, bool lesser, tlsfp_label *out,
                       size_t n, size_t n_out)
{
    while (hashed != NULL || raw != NULL) {
        const stored **first =
            raw == NULL || (hashed != NULL && hashed->number < raw->number) ? &hashed : &raw;
        if (lesser || !(*first)->lesser)
            n = put(*first, out, n, n_out);
        *first = (*first)->next;
    }
    return n;
}

/** Whether the hello's JA4 has a label. */
static bool knows_ja4(const tlsfp_labels *labels, const char *const values[TLSFP_N_CLIENT_KINDS])
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA4, TLSFP_KIND_JA4_R, TLSFP_KIND_JA4_O,
                                       TLSFP_KIND_JA4_RO};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (look_up(labels, kinds[i], values[kinds[i]]) != NULL)
            return true;
    return false;
}

size_t tlsfp_labels_find(const tlsfp_labels *labels, const char *const values[TLSFP_N_CLIENT_KINDS],
                         tlsfp_label *out, size_t n_out)
{
    enum { AFTER_JA4 = 4 };
    static const tlsfp_kind pairs[][2] = {
        {TLSFP_KIND_JA4_RO, TLSFP_KIND_JA4_O},    {TLSFP_KIND_JA3_R, TLSFP_KIND_JA3},
        {TLSFP_KIND_JA3N_R, TLSFP_KIND_JA3N},     {TLSFP_KIND_JA4_R, TLSFP_KIND_JA4},
        {TLSFP_KIND_STABLE_R, TLSFP_KIND_STABLE}, {TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_BC},
        {TLSFP_KIND_JA4_C, TLSFP_KIND_JA4_C},     {TLSFP_KIND_JA4_B, TLSFP_KIND_JA4_B},
        {TLSFP_KIND_JA4_A, TLSFP_KIND_JA4_A},
    };
    bool exact = knows_ja4(labels, values);
    size_t n = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        tlsfp_kind raw = pairs[i][0], hashed = pairs[i][1];
        bool lesser = i < AFTER_JA4 ? !exact : n == 0;
        n = put_both(raw != hashed ? look_up(labels, raw, values[raw]) : NULL,
                     look_up(labels, hashed, values[hashed]), lesser, out, n, n_out);
    }
    return n;
}

tlsfp_level tlsfp_labels_level(const tlsfp_label *found, size_t n)
{
    tlsfp_level level = TLSFP_LEVEL_NONE;
    for (size_t i = 0; i < n; i++)
        level = MAX(level, found[i].level);
    return level;
}
