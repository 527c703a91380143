/* SPDX-License-Identifier: BSD-3-Clause */
/* Cormen, Leiserson, Rivest, Stein: Introduction to Algorithms, chapter 13. */
#include "find/streams/rbtree.h"

#include <stddef.h>

/** Puts @p node, which may be NULL, where @p old hangs. */
static void hang(struct rb_tree *tree, struct rb_node *old, struct rb_node *node)
{
    struct rb_node *parent = old->parent;
    if (parent == NULL)
        tree->root = node;
    else if (parent->left == old)
        parent->left = node;
    else
        parent->right = node;
    if (node != NULL)
        node->parent = parent;
}

static void rotate_left(struct rb_tree *tree, struct rb_node *node)
{
    struct rb_node *up = node->right;
    node->right = up->left;
    if (up->left != NULL)
        up->left->parent = node;
    hang(tree, node, up);
    up->left = node;
    node->parent = up;
}

static void rotate_right(struct rb_tree *tree, struct rb_node *node)
{
    struct rb_node *up = node->left;
    node->left = up->right;
    if (up->right != NULL)
        up->right->parent = node;
    hang(tree, node, up);
    up->right = node;
    node->parent = up;
}

static bool is_red(const struct rb_node *node)
{
    return node != NULL && node->red;
}

/** A red node must not hang under a red one. */
static struct rb_node *mend_left(struct rb_tree *tree, struct rb_node *node)
{
    struct rb_node *parent = node->parent, *grandparent = parent->parent,
                   *uncle = grandparent->right;
    if (is_red(uncle)) {
        parent->red = uncle->red = false;
        grandparent->red = true;
        return grandparent;
    }
    if (node == parent->right) {
        rotate_left(tree, parent);
        parent = node;
    }
    parent->red = false;
    grandparent->red = true;
    rotate_right(tree, grandparent);
    return grandparent;
}

static struct rb_node *mend_right(struct rb_tree *tree, struct rb_node *node)
{
    struct rb_node *parent = node->parent, *grandparent = parent->parent,
                   *uncle = grandparent->left;
    if (is_red(uncle)) {
        parent->red = uncle->red = false;
        grandparent->red = true;
        return grandparent;
    }
    if (node == parent->left) {
        rotate_right(tree, parent);
        parent = node;
    }
    parent->red = false;
    grandparent->red = true;
    rotate_left(tree, grandparent);
    return grandparent;
}

void rb_insert(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent,
               struct rb_node **link)
{
    *node = (struct rb_node){.parent = parent, .red = true};
    *link = node;
    while (is_red(node->parent))
        node = node->parent == node->parent->parent->left ? mend_left(tree, node)
                                                          : mend_right(tree, node);
    tree->root->red = false;
}

/** The subtree at @p node, which hangs left under @p parent, is one black node short. */
static struct rb_node *refill_left(struct rb_tree *tree, struct rb_node *parent)
{
    struct rb_node *sibling = parent->right;
    if (sibling->red) {
        sibling->red = false;
        parent->red = true;
        rotate_left(tree, parent);
        sibling = parent->right;
    }
    if (!is_red(sibling->left) && !is_red(sibling->right)) {
        sibling->red = true;
        return parent;
    }
    if (!is_red(sibling->right)) {
        sibling->left->red = false;
        sibling->red = true;
        rotate_right(tree, sibling);
        sibling = parent->right;
    }
    sibling->red = parent->red;
    parent->red = sibling->right->red = false;
    rotate_left(tree, parent);
    return NULL;
}

static struct rb_node *refill_right(struct rb_tree *tree, struct rb_node *parent)
{
    struct rb_node *sibling = parent->left;
    if (sibling->red) {
        sibling->red = false;
        parent->red = true;
        rotate_right(tree, parent);
        sibling = parent->left;
    }
    if (!is_red(sibling->left) && !is_red(sibling->right)) {
        sibling->red = true;
        return parent;
    }
    if (!is_red(sibling->left)) {
        sibling->right->red = false;
        sibling->red = true;
        rotate_left(tree, sibling);
        sibling = parent->left;
    }
    sibling->red = parent->red;
    parent->red = sibling->left->red = false;
    rotate_right(tree, parent);
    return NULL;
}

/** A black node is gone above @p node (may be NULL), which hangs under @p parent. */
static void refill(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent)
{
    while (parent != NULL && !is_red(node)) {
        node = node == parent->left ? refill_left(tree, parent) : refill_right(tree, parent);
        if (node == NULL)
            return;
        parent = node->parent;
    }
    if (node != NULL)
        node->red = false;
}

void rb_replace(struct rb_tree *tree, struct rb_node *old, struct rb_node *node)
{
    *node = *old;
    hang(tree, old, node);
    if (node->left != NULL)
        node->left->parent = node;
    if (node->right != NULL)
        node->right->parent = node;
}

/** Takes out a node that has at most one child. */
static void erase_simple(struct rb_tree *tree, struct rb_node *node)
{
    struct rb_node *child = node->left != NULL ? node->left : node->right, *parent = node->parent;
    hang(tree, node, child);
    if (!node->red)
        refill(tree, child, parent);
}

void rb_erase(struct rb_tree *tree, struct rb_node *node)
{
    if (node->left == NULL || node->right == NULL) {
        erase_simple(tree, node);
        return;
    }
    struct rb_node *next = rb_next(node);
    erase_simple(tree, next);
    rb_replace(tree, node, next);
}

struct rb_node *rb_first(const struct rb_tree *tree)
{
    struct rb_node *node = tree->root;
    while (node != NULL && node->left != NULL)
        node = node->left;
    return node;
}

struct rb_node *rb_next(const struct rb_node *node)
{
    if (node->right != NULL) {
        struct rb_node *next = node->right;
        while (next->left != NULL)
            next = next->left;
        return next;
    }
    while (node->parent != NULL && node == node->parent->right)
        node = node->parent;
    return node->parent;
}
