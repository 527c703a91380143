/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A red-black tree, whose nodes lie in what they order. Its shape is that of Linux's (lib/rbtree.c)
 * after the same calls: where segments overlap, the way through the tree decides which bytes a
 * Linux server reads.
 */
#ifndef SEARCH_RBTREE_H
#define SEARCH_RBTREE_H

#include <stdbool.h>

struct rb_node {
    struct rb_node *parent, *left, *right;
    bool red;
};

struct rb_tree {
    struct rb_node *root;
};

/** Puts @p node into an empty place: @p link is root, or @p parent's left or right. */
void rb_insert(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent,
               struct rb_node **link);

/** Takes @p node out. */
void rb_erase(struct rb_tree *tree, struct rb_node *node);

/** Puts @p node in the place of @p old, which is out then. */
void rb_replace(struct rb_tree *tree, struct rb_node *old, struct rb_node *node);

/** The first node; NULL where there is none. */
struct rb_node *rb_first(const struct rb_tree *tree);

/** The node behind @p node, or NULL. */
struct rb_node *rb_next(const struct rb_node *node);

#endif
