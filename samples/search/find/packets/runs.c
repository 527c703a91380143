/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/runs.h"

#include <string.h>

#include "find/streams/rbtree.h"

enum { OVERHEAD = 2 * 16 }; /* of two allocations */

typedef struct {
    struct rb_node node; /* first */
    uint32_t offset, len;
    size_t size;   /* of data */
    uint8_t *data; /* owned */
} run;

struct runs {
    struct rb_tree tree;
    run *last; /* which lies behind all others */
    size_t n_bytes, memory;
};

static run *run_at(struct rb_node *node)
{
    return (run *)node;
}

static uint32_t end_of(const run *at)
{
    return at->offset + at->len;
}

struct runs *runs_new(void)
{
    struct runs *runs = g_new0(struct runs, 1);
    runs->memory = sizeof *runs;
    return runs;
}

void runs_free(struct runs *runs)
{
    struct rb_node *first;
    if (runs == NULL)
        return;
    while ((first = rb_first(&runs->tree)) != NULL) {
        run *at = run_at(first);
        rb_erase(&runs->tree, first);
        g_free(at->data);
        g_free(at);
    }
    g_free(runs);
}

static run *make_run(struct runs *runs, uint32_t offset, tlsfp_span bytes)
{
    run *made = g_new0(run, 1);
    made->offset = offset;
    made->len = (uint32_t)bytes.len;
    made->size = bytes.len;
    made->data = g_memdup2(bytes.data, bytes.len);
    runs->n_bytes += bytes.len;
    runs->memory += sizeof *made + OVERHEAD + made->size;
    return made;
}

static void append(struct runs *runs, run *last, tlsfp_span bytes)
{
    size_t len = last->len + bytes.len;
    if (len > last->size) {
        runs->memory -= last->size;
        last->size = MAX(len, 2 * last->size);
        runs->memory += last->size;
        last->data = g_realloc(last->data, last->size);
    }
    memcpy(last->data + last->len, bytes.data, bytes.len);
    last->len = (uint32_t)len;
    runs->n_bytes += bytes.len;
}

/** Adds what ends behind all others. */
static run_added add_last(struct runs *runs, uint32_t offset, tlsfp_span bytes)
{
    run *last = runs->last;
    if (last != NULL && offset < end_of(last))
        return RUN_OVERLAP;
    if (last != NULL && offset == end_of(last)) {
        append(runs, last, bytes);
        return RUN_NEW;
    }
    runs->last = make_run(runs, offset, bytes);
    rb_insert(&runs->tree, &runs->last->node, last != NULL ? &last->node : NULL,
              last != NULL ? &last->node.right : &runs->tree.root);
    return RUN_NEW;
}

run_added runs_add(struct runs *runs, uint32_t offset, tlsfp_span bytes)
{
    uint32_t end = offset + (uint32_t)bytes.len;
    if (runs->last == NULL || end_of(runs->last) < end)
        return add_last(runs, offset, bytes);
    struct rb_node **link = &runs->tree.root, *parent = NULL;
    while (*link != NULL) {
        const run *at = run_at(*link);
        parent = *link;
        if (end <= at->offset)
            link = &parent->left;
        else if (offset >= end_of(at))
            link = &parent->right;
        else
            return offset >= at->offset && end <= end_of(at) ? RUN_AGAIN : RUN_OVERLAP;
    }
    rb_insert(&runs->tree, &make_run(runs, offset, bytes)->node, parent, link);
    return RUN_NEW;
}

size_t runs_bytes(const struct runs *runs)
{
    return runs->n_bytes;
}

void runs_copy(const struct runs *runs, uint8_t *out)
{
    for (struct rb_node *node = rb_first(&runs->tree); node != NULL; node = rb_next(node)) {
        const run *at = run_at(node);
        memcpy(out, at->data, at->len);
        out += at->len;
    }
}

size_t runs_memory(const struct runs *runs)
{
    return runs->memory;
}
