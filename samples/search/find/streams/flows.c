/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/flows.h"

#include <string.h>

#include "find/streams/pieces.h"

enum {
    WAYS = 4,      /* entries that a key may stand in */
    MIN_SETS = 64, /* powers of two */
    MAX_SETS = 16384,
    PER_SET = 4096, /* bytes of half-seen hellos for which there is a set: about as many as fit */
    MAX_FINISHED = 8192, /* a second hello comes soon, or never */
};

/** Halves in the order in which they were put here. */
typedef struct {
    struct half *oldest, *newest;
    size_t len;
} queue;

struct flows {
    struct flow (*sets)[WAYS];
    size_t n_sets;
    uint32_t now; /* counts packets */
    size_t limit, memory;
    uint64_t n_dropped;
    queue waiting, finished;
};

/** The lowest bit of a key is always set, and says nothing. */
static struct flow *set_of(const struct flows *flows, uint64_t key)
{
    return flows->sets[(size_t)(key >> 1) & (flows->n_sets - 1)];
}

struct flows *flows_new(size_t memory)
{
    struct flows *flows = g_new0(struct flows, 1);
    flows->n_sets = MIN_SETS;
    while (flows->n_sets < MAX_SETS && flows->n_sets * PER_SET < memory)
        flows->n_sets *= 2;
    flows->sets = g_malloc0_n(flows->n_sets, sizeof *flows->sets);
    flows->limit = memory;
    return flows;
}

static queue *queue_of(struct flows *flows, const struct half *half)
{
    return half->finished ? &flows->finished : &flows->waiting;
}

static void take_out(queue *from, struct half *half)
{
    if (half->older != NULL)
        half->older->newer = half->newer;
    else
        from->oldest = half->newer;
    if (half->newer != NULL)
        half->newer->older = half->older;
    else
        from->newest = half->older;
    from->len--;
}

static void put_last(queue *to, struct half *half)
{
    half->older = to->newest;
    half->newer = NULL;
    if (to->newest != NULL)
        to->newest->newer = half;
    else
        to->oldest = half;
    to->newest = half;
    to->len++;
}

void flows_drop_half(struct flows *flows, struct flow *flow)
{
    struct half *half = flow->half;
    if (half == NULL)
        return;
    flow->half = NULL;
    if (half->newer != NULL) /* in a flood it goes next, and it was used long ago */
        __builtin_prefetch(half->newer->newer);
    take_out(queue_of(flows, half), half);
    flows->memory -= half->memory;
    tlsfp_stream_free(half->stream);
    pieces_free(half->held);
    pieces_free(half->doubt);
    if (half->frames != NULL)
        g_byte_array_unref(half->frames);
    tlsfp_dtls_free(half->dtls);
    tlsfp_quic_free(half->quic);
    g_free(half);
}

void flows_free(struct flows *flows)
{
    if (flows == NULL)
        return;
    while (flows->finished.oldest != NULL)
        flows_drop_half(flows, flows->finished.oldest->flow);
    while (flows->waiting.oldest != NULL)
        flows_drop_half(flows, flows->waiting.oldest->flow);
    g_free(flows->sets);
    g_free(flows);
}

static bool is_half_seen(const struct flow *entry)
{
    return entry->half != NULL && !entry->half->finished;
}

/** The one that was used longest ago, one without a half-seen hello if there is any. */
static struct flow *choose_victim(const struct flows *flows, struct flow *set)
{
    struct flow *victim = NULL;
    for (int i = 0; i < WAYS; i++) {
        struct flow *entry = &set[i];
        if (entry->key == 0)
            return entry;
        bool better = victim == NULL || (is_half_seen(victim) && !is_half_seen(entry)) ||
                      (is_half_seen(victim) == is_half_seen(entry) &&
                       flows->now - entry->used > flows->now - victim->used);
        if (better)
            victim = entry;
    }
    return victim;
}

static struct flow *find_in(struct flow *set, uint64_t key)
{
    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

struct flow *flows_find(struct flows *flows, uint64_t key)
{
    return find_in(set_of(flows, key), key);
}

struct flow *flows_get(struct flows *flows, uint64_t key, bool *out_new)
{
    struct flow *set = set_of(flows, key), *entry = find_in(set, key);
    flows->now++;
    *out_new = entry == NULL;
    if (entry == NULL) {
        entry = choose_victim(flows, set);
        flows->n_dropped += is_half_seen(entry);
        flows_drop_half(flows, entry);
        *entry = (struct flow){.key = key};
    }
    entry->used = flows->now;
    return entry;
}

struct half *flows_start_half(struct flows *flows, struct flow *flow)
{
    if (flow->half != NULL)
        return flow->half;
    struct half *half = g_new0(struct half, 1);
    half->flow = flow;
    half->memory = sizeof *half;
    flows->memory += half->memory;
    flow->half = half;
    put_last(&flows->waiting, half);
    return half;
}

static size_t weight(const struct half *half)
{
    return sizeof *half + (half->stream != NULL ? tlsfp_stream_memory(half->stream) : 0) +
           (half->held != NULL ? pieces_memory(half->held) : 0) +
           (half->doubt != NULL ? pieces_memory(half->doubt) : 0) +
           (half->frames != NULL ? 2 * (size_t)half->frames->len : 0) +
           (half->dtls != NULL ? tlsfp_dtls_memory(half->dtls) : 0) +
           (half->quic != NULL ? tlsfp_quic_memory(half->quic) : 0);
}

/** Which half to give up while there are too many or they hold too much; NULL for none. */
static struct half *surplus(const struct flows *flows, const struct half *changed)
{
    struct half *finished = flows->finished.oldest, *waiting = flows->waiting.oldest;
    bool too_much = flows->memory > flows->limit;
    if ((too_much || flows->finished.len > MAX_FINISHED) && finished != NULL && finished != changed)
        return finished;
    return too_much && waiting != changed ? waiting : NULL;
}

void flows_weigh(struct flows *flows, struct half *changed, bool finished)
{
    if (changed->finished != finished) {
        take_out(queue_of(flows, changed), changed);
        changed->finished = finished;
        put_last(queue_of(flows, changed), changed);
    }
    flows->memory -= changed->memory;
    changed->memory = weight(changed);
    flows->memory += changed->memory;
    struct half *half;
    while ((half = surplus(flows, changed)) != NULL) {
        flows->n_dropped += !half->finished;
        flows_drop_half(flows, half->flow);
    }
}

uint64_t flows_dropped(const struct flows *flows)
{
    return flows->n_dropped;
}

struct half *flows_oldest(const struct flows *flows)
{
    return flows->waiting.oldest;
}
