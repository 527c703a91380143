/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/flows.h"

#include <string.h>

#include "find/pieces.h"

enum {
    WAYS = 4,      /* entries that a key may stand in */
    MIN_SETS = 64, /* powers of two */
    MAX_SETS = 16384,
    PER_SET = 4096, /* bytes of half-seen hellos for which there is a set: about as many as fit */
    MAX_FINISHED = 8192, /* a second hello comes soon, or never */
};

/** Halves in the order in which they were put here. */
typedef struct {
    half *oldest, *newest;
    size_t len;
} queue;

struct flows {
    flow (*sets)[WAYS];
    size_t n_sets;
    uint32_t now; /* counts packets */
    size_t limit, memory;
    uint64_t n_dropped;
    queue waiting, finished;
};

/** The lowest bit of a key is always set, and says nothing. */
static flow *set_of(const flows *all, uint64_t key)
{
    return all->sets[(size_t)(key >> 1) & (all->n_sets - 1)];
}

flows *flows_new(size_t memory)
{
    flows *all = g_new0(flows, 1);
    all->n_sets = MIN_SETS;
    while (all->n_sets < MAX_SETS && all->n_sets * PER_SET < memory)
        all->n_sets *= 2;
    all->sets = g_malloc0_n(all->n_sets, sizeof *all->sets);
    all->limit = memory;
    return all;
}

static queue *queue_of(flows *all, const half *one)
{
    return one->finished ? &all->finished : &all->waiting;
}

static void take_out(queue *from, half *one)
{
    if (one->older != NULL)
        one->older->newer = one->newer;
    else
        from->oldest = one->newer;
    if (one->newer != NULL)
        one->newer->older = one->older;
    else
        from->newest = one->older;
    from->len--;
}

static void put_last(queue *to, half *one)
{
    one->older = to->newest;
    one->newer = NULL;
    if (to->newest != NULL)
        to->newest->newer = one;
    else
        to->oldest = one;
    to->newest = one;
    to->len++;
}

void flows_drop_half(flows *all, flow *of)
{
    half *one = of->half;
    if (one == NULL)
        return;
    of->half = NULL;
    if (one->newer != NULL) /* in a flood it goes next, and it was used long ago */
        __builtin_prefetch(one->newer->newer);
    take_out(queue_of(all, one), one);
    all->memory -= one->memory;
    tlsfp_stream_free(one->stream);
    if (one->held != NULL)
        g_array_unref(one->held);
    tlsfp_dtls_free(one->dtls);
    tlsfp_quic_free(one->quic);
    g_free(one);
}

void flows_free(flows *all)
{
    if (all == NULL)
        return;
    while (all->finished.oldest != NULL)
        flows_drop_half(all, all->finished.oldest->flow);
    while (all->waiting.oldest != NULL)
        flows_drop_half(all, all->waiting.oldest->flow);
    g_free(all->sets);
    g_free(all);
}

static bool is_half_seen(const flow *entry)
{
    return entry->half != NULL && !entry->half->finished;
}

/** The one that was used longest ago, one without a half-seen hello if there is any. */
static flow *choose_victim(const flows *all, flow *set)
{
    flow *victim = NULL;
    for (int i = 0; i < WAYS; i++) {
        flow *entry = &set[i];
        if (entry->key == 0)
            return entry;
        bool better = victim == NULL || (is_half_seen(victim) && !is_half_seen(entry)) ||
                      (is_half_seen(victim) == is_half_seen(entry) &&
                       all->now - entry->used > all->now - victim->used);
        if (better)
            victim = entry;
    }
    return victim;
}

static flow *find_in(flow *set, uint64_t key)
{
    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

flow *flows_find(flows *all, uint64_t key)
{
    return find_in(set_of(all, key), key);
}

flow *flows_get(flows *all, uint64_t key, bool *out_new)
{
    flow *set = set_of(all, key), *entry = find_in(set, key);
    all->now++;
    *out_new = entry == NULL;
    if (entry == NULL) {
        entry = choose_victim(all, set);
        all->n_dropped += is_half_seen(entry);
        flows_drop_half(all, entry);
        *entry = (flow){.key = key};
    }
    entry->used = all->now;
    return entry;
}

half *flows_start_half(flows *all, flow *of)
{
    if (of->half != NULL)
        return of->half;
    half *one = g_new0(half, 1);
    one->flow = of;
    one->memory = sizeof *one;
    all->memory += one->memory;
    of->half = one;
    put_last(&all->waiting, one);
    return one;
}

static size_t weight(const half *one)
{
    return sizeof *one + (one->stream != NULL ? tlsfp_stream_memory(one->stream) : 0) +
           (one->held != NULL ? pieces_memory(one->held) : 0) +
           (one->dtls != NULL ? tlsfp_dtls_memory(one->dtls) : 0) +
           (one->quic != NULL ? tlsfp_quic_memory(one->quic) : 0);
}

/** Which half to give up while there are too many or they hold too much; NULL for none. */
static half *surplus(const flows *all, const half *changed)
{
    half *finished = all->finished.oldest, *waiting = all->waiting.oldest;
    bool too_much = all->memory > all->limit;
    if ((too_much || all->finished.len > MAX_FINISHED) && finished != NULL && finished != changed)
        return finished;
    return too_much && waiting != changed ? waiting : NULL;
}

void flows_weigh(flows *all, half *changed, bool finished)
{
    if (changed->finished != finished) {
        take_out(queue_of(all, changed), changed);
        changed->finished = finished;
        put_last(queue_of(all, changed), changed);
    }
    all->memory -= changed->memory;
    changed->memory = weight(changed);
    all->memory += changed->memory;
    half *one;
    while ((one = surplus(all, changed)) != NULL) {
        all->n_dropped += !one->finished;
        flows_drop_half(all, one->flow);
    }
}

uint64_t flows_dropped(const flows *all)
{
    return all->n_dropped;
}

half *flows_oldest(const flows *all)
{
    return all->waiting.oldest;
}
