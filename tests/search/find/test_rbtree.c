/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/rbtree.h"

#include <glib.h>

enum { N = 96 };

typedef struct {
    struct rb_node node;
    int key;
    bool is_in;
} entry;

static int key_of(const struct rb_node *node)
{
    return ((const entry *)node)->key;
}

static void put(struct rb_tree *tree, entry *added, int key)
{
    struct rb_node **link = &tree->root, *parent = NULL;
    while (*link != NULL) {
        parent = *link;
        link = key < key_of(parent) ? &parent->left : &parent->right;
    }
    added->key = key;
    added->is_in = true;
    rb_insert(tree, &added->node, parent, link);
}

/** Checks colours and links below @p node; returns how many black nodes lie on each way down. */
static int check_below(const struct rb_node *node, const struct rb_node *parent)
{
    if (node == NULL)
        return 1;
    g_assert_true(node->parent == parent);
    g_assert_false(node->red && (parent == NULL || parent->red));
    int left = check_below(node->left, node), right = check_below(node->right, node);
    g_assert_cmpint(left, ==, right);
    return left + !node->red;
}

/** Checks the whole tree against which entries are in it. */
static void check(const struct rb_tree *tree, const entry *entries, int n)
{
    (void)check_below(tree->root, NULL);
    const struct rb_node *node = rb_first(tree);
    for (int key = 0; key < n; key++) {
        if (!entries[key].is_in)
            continue;
        g_assert_true(node == &entries[key].node);
        node = rb_next(node);
    }
    g_assert_null(node);
}

/** The tree as "key(left right)", red keys with a star. */
static void write_shape(const struct rb_node *node, GString *out)
{
    if (node == NULL) {
        g_string_append_c(out, '-');
        return;
    }
    g_string_append_printf(out, "%d%s", key_of(node), node->red ? "*" : "");
    if (node->left == NULL && node->right == NULL)
        return;
    g_string_append_c(out, '(');
    write_shape(node->left, out);
    g_string_append_c(out, ' ');
    write_shape(node->right, out);
    g_string_append_c(out, ')');
}

static void assert_shape(const struct rb_tree *tree, const char *expected)
{
    GString *shape = g_string_new(NULL);
    write_shape(tree->root, shape);
    g_assert_cmpstr(shape->str, ==, expected);
    g_string_free(shape, TRUE);
}

static void test_empty(void)
{
    struct rb_tree tree = {NULL};
    g_assert_null(rb_first(&tree));
    entry only;
    put(&tree, &only, 1);
    assert_shape(&tree, "1");
    rb_erase(&tree, &only.node);
    g_assert_null(rb_first(&tree));
    g_assert_null(tree.root);
}

typedef struct {
    const char *name;
    int put[12];  /* keys, 0 at the end */
    int erase[4]; /* keys, 0 at the end */
    const char *shape;
} shape_case;

/** Textbook shapes: Cormen and others, chapter 13. Linux's lib/rbtree.c gives the same. */
static const shape_case shape_cases[] = {
    {"two", {1, 2}, {0}, "1(- 2*)"},
    {"ascending", {1, 2, 3, 4, 5, 6, 7, 8}, {0}, "4(2*(1 3) 6*(5 7(- 8*)))"},
    {"descending", {8, 7, 6, 5, 4, 3, 2, 1}, {0}, "5(3*(2(1* -) 4) 7*(6 8))"},
    {"left-right", {3, 1, 2}, {0}, "2(1* 3*)"},
    {"right-left", {1, 3, 2}, {0}, "2(1* 3*)"},
    {"recolour", {2, 1, 3, 4}, {0}, "2(1 3(- 4*))"},
    {"erase-red-leaf", {2, 1, 3}, {1}, "2(- 3*)"},
    {"erase-root", {2, 1, 3}, {2}, "3(1* -)"},
    {"erase-one-child", {2, 1, 3, 4}, {3}, "2(1 4)"},
    {"sibling-red-right", {1, 2, 3, 4, 5, 6}, {1}, "4(2(- 3*) 5(- 6*))"},
    {"sibling-red-left", {6, 5, 4, 3, 2, 1}, {6}, "3(2(1* -) 5(4* -))"},
    {"nephew-near-left", {2, 1, 4, 3}, {1}, "3(2 4)"},
    {"nephew-near-right", {3, 1, 4, 2}, {4}, "2(1 3)"},
    {"nephew-far-left", {2, 1, 3, 4}, {1}, "3(2 4)"},
    {"nephew-far-right", {3, 2, 4, 1}, {4}, "2(1 3)"},
    {"nephews-black", {2, 1, 3, 4}, {4, 1}, "2(- 3*)"},
    {"next-deep-below", {4, 2, 6, 1, 3, 5, 7}, {4}, "5(2(1* 3*) 6(- 7*))"},
};

static void test_shape(const void *data)
{
    const shape_case *row = data;
    struct rb_tree tree = {NULL};
    entry entries[N] = {0};
    for (const int *key = row->put; *key != 0; key++)
        put(&tree, &entries[*key], *key);
    for (const int *key = row->erase; *key != 0; key++) {
        rb_erase(&tree, &entries[*key].node);
        entries[*key].is_in = false;
    }
    assert_shape(&tree, row->shape);
    check(&tree, entries, N);
}

static void shuffle(GRand *random, int *keys)
{
    for (int i = N - 1; i > 0; i--) {
        int other = g_rand_int_range(random, 0, i + 1), key = keys[i];
        keys[i] = keys[other];
        keys[other] = key;
    }
}

static void test_random(void)
{
    GRand *random = g_rand_new_with_seed(3);
    int keys[N];
    for (int i = 0; i < N; i++)
        keys[i] = i;
    for (int round = 0; round < 60; round++) {
        struct rb_tree tree = {NULL};
        entry entries[N] = {0};
        shuffle(random, keys);
        for (int i = 0; i < N; i++) {
            put(&tree, &entries[keys[i]], keys[i]);
            check(&tree, entries, N);
        }
        shuffle(random, keys);
        for (int i = 0; i < N; i++) {
            rb_erase(&tree, &entries[keys[i]].node);
            entries[keys[i]].is_in = false;
            check(&tree, entries, N);
        }
    }
    g_rand_free(random);
}

/** Each node of a tree in turn gives way to another. */
static void test_replace(void)
{
    struct rb_tree tree = {NULL};
    entry entries[N] = {0}, others[N] = {0};
    for (int key = 0; key < N; key++)
        put(&tree, &entries[key], key);
    GString *before = g_string_new(NULL);
    write_shape(tree.root, before);
    for (int key = 0; key < N; key++) {
        others[key].key = key;
        others[key].is_in = true;
        rb_replace(&tree, &entries[key].node, &others[key].node);
    }
    assert_shape(&tree, before->str);
    check(&tree, others, N);
    g_string_free(before, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rbtree/empty", test_empty);
    for (size_t i = 0; i < G_N_ELEMENTS(shape_cases); i++) {
        char *path = g_strdup_printf("/rbtree/shape/%s", shape_cases[i].name);
        g_test_add_data_func(path, &shape_cases[i], test_shape);
        g_free(path);
    }
    g_test_add_func("/rbtree/random", test_random);
    g_test_add_func("/rbtree/replace", test_replace);
    return g_test_run();
}
