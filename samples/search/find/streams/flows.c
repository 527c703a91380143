/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/flows.h"

#include <string.h>

#include "find/packets/addresses.h"
#include "find/streams/copies.h"
#include "find/streams/pieces.h"

enum {
    WAYS = 8,      /* entries that a key may stand in */
    MIN_SETS = 32, /* powers of two */
    MAX_SETS = 8192,
    PER_SET = 8192, /* bytes of half-seen hellos for which there is a set: about as many as fit */
    CACHE_LINE = 64,
    WAY_AT = 46,   /* bits of a key that say where in its set it is looked for first, */
    TAG_AT = 50,   /* and those in its tag */
    SLOT_BITS = 17 /* of an entry; its tag is above */
};

G_STATIC_ASSERT(sizeof(struct flow) <= CACHE_LINE);
G_STATIC_ASSERT(WAYS * 2 * sizeof(uint32_t) == CACHE_LINE);
G_STATIC_ASSERT(WAYS *MAX_SETS < 1 << SLOT_BITS);

/** A cache line of entries: where the flow stands, counted from 1, and a tag, which tells most
 * other keys apart; 0 for one that was never used. */
typedef struct {
    uint32_t entries[WAYS];
    uint32_t used[WAYS]; /* when each was used last, in packets */
} flow_set;

/** A flow in a cache line of its own. */
typedef union {
    struct flow flow;
    uint8_t line[CACHE_LINE];
} slot;

/** Halves in the order in which they were put here. */
typedef struct {
    struct half *oldest, *newest;
    size_t len;
} queue;

struct flows {
    flow_set *sets;
    size_t n_sets;
    void *allocated; /* sets and slots */
    slot *slots;     /* in the order of their first use: flows at one time lie close together */
    size_t n_slots;
    uint32_t now; /* counts packets */
    size_t limit, memory;
    uint64_t n_made, n_dropped;
    queue waiting, finished;
    const uint64_t *place; /* or NULL */
};

/** Both directions of a connection are in one set. */
static flow_set *set_of(const struct flows *flows, uint64_t key)
{
    return &flows->sets[(size_t)(key >> KEY_BITS) & (flows->n_sets - 1)];
}

/** Zeroed pages that nothing was written to take no memory. */
static void allocate(struct flows *flows)
{
    const size_t per_set = sizeof(flow_set) + WAYS * sizeof(slot);
    flows->allocated = g_malloc0(flows->n_sets * per_set + CACHE_LINE);
    uintptr_t start = (uintptr_t)flows->allocated;
    flows->sets = (flow_set *)((start + CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1));
    flows->slots = (slot *)(flows->sets + flows->n_sets);
}

struct flows *flows_new(size_t memory)
{
    struct flows *flows = g_new0(struct flows, 1);
    flows->n_sets = MIN_SETS;
    while (flows->n_sets < MAX_SETS && flows->n_sets * PER_SET < memory)
        flows->n_sets *= 2;
    allocate(flows);
    flows->limit = memory;
    return flows;
}

void flows_note_places(struct flows *flows, const uint64_t *place)
{
    flows->place = place;
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

static void put_last(const struct flows *flows, queue *to, struct half *half)
{
    half->place = flows->place != NULL ? *flows->place : 0;
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
    copies_free(half->copies);
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
    g_free(flows->allocated);
    g_free(flows);
}

static bool is_half_seen(const struct flow *flow)
{
    return flow->half != NULL && !flow->half->finished;
}

static inline struct flow *flow_at(const struct flows *flows, uint32_t entry)
{
    return &flows->slots[(entry & ((1 << SLOT_BITS) - 1)) - 1].flow;
}

/** With the direction, which is all that tells the two flows of a connection apart. */
static inline uint32_t tag_of(uint64_t key)
{
    return (uint32_t)(key >> TAG_AT << 1 | (key & KEY_REVERSE));
}

/** Where a key is looked for first, and the other direction's beside it. */
static inline size_t first_way(uint64_t key)
{
    return (size_t)(key >> WAY_AT ^ key) & (WAYS - 1);
}

/** The flow of an entry, if it is that key's. */
static inline struct flow *match(const struct flows *flows, uint32_t entry, uint64_t key)
{
    if (entry >> SLOT_BITS != tag_of(key) || entry == 0)
        return NULL;
    struct flow *flow = flow_at(flows, entry);
    return flow->key == key ? flow : NULL;
}

/** Of the ways in a set of bits, the one that was used longest ago. */
static size_t oldest_of(const struct flows *flows, const flow_set *set, unsigned ways)
{
    size_t oldest = 0;
    uint32_t most = 0;
    for (size_t way = 0; way < WAYS; way++) {
        uint32_t age = flows->now - set->used[way];
        if ((ways >> way & 1) != 0 && age >= most) {
            oldest = way;
            most = age;
        }
    }
    return oldest;
}

/** Of a full set, the flow that was used longest ago, one without a half-seen hello if there is
 * any. Flows are looked at one by one, as each is in a cache line of its own. */
static size_t choose_victim(const struct flows *flows, const flow_set *set)
{
    const unsigned all = (1u << WAYS) - 1;
    for (unsigned left = all; left != 0;) {
        size_t way = oldest_of(flows, set, left);
        if (!is_half_seen(flow_at(flows, set->entries[way])))
            return way;
        left &= ~(1u << way);
    }
    return oldest_of(flows, set, all);
}

/** An entry for a key: an unused one, if there is any. */
static size_t choose_way(const struct flows *flows, const flow_set *set, uint64_t key)
{
    if (set->entries[first_way(key)] == 0)
        return first_way(key);
    for (size_t way = 0; way < WAYS; way++)
        if (set->entries[way] == 0)
            return way;
    return choose_victim(flows, set);
}

/** Puts a new flow in a way. */
static struct flow *put_in(struct flows *flows, flow_set *set, size_t way, uint64_t key)
{
    uint32_t *entry = &set->entries[way];
    if (*entry == 0)
        *entry = (uint32_t)++flows->n_slots;
    struct flow *flow = flow_at(flows, *entry);
    flows->n_made++;
    flows->n_dropped += is_half_seen(flow);
    flows_drop_half(flows, flow);
    *flow = (struct flow){.key = key};
    *entry = (*entry & ((1 << SLOT_BITS) - 1)) | tag_of(key) << SLOT_BITS;
    return flow;
}

/** The flow with that key, and its way; or NULL. */
static inline struct flow *find_in(const struct flows *flows, const flow_set *set, uint64_t key,
                                   size_t *out_way)
{
    struct flow *flow = match(flows, set->entries[ *out_way = first_way(key)], key);
    for (size_t way = 0; way < WAYS && flow == NULL; way++)
        flow = match(flows, set->entries[ *out_way = way], key);
    return flow;
}

struct flow *flows_find(struct flows *flows, uint64_t key)
{
    size_t way;
    return find_in(flows, set_of(flows, key), key, &way);
}

struct flow *flows_get(struct flows *flows, uint64_t key, bool *out_new)
{
    size_t way;
    flow_set *set = set_of(flows, key);
    struct flow *flow = find_in(flows, set, key, &way);
    flows->now++;
    *out_new = flow == NULL;
    if (flow == NULL) {
        way = choose_way(flows, set, key);
        flow = put_in(flows, set, way, key);
    }
    set->used[way] = flows->now;
    return flow;
}

void flows_fetch_set(const struct flows *flows, uint64_t key)
{
    __builtin_prefetch(set_of(flows, key));
}

void flows_fetch(const struct flows *flows, uint64_t key)
{
    const flow_set *set = set_of(flows, key);
    size_t way = first_way(key);
    if (set->entries[way] >> SLOT_BITS != tag_of(key)) {
        for (way = 0; way < WAYS && set->entries[way] >> SLOT_BITS != tag_of(key);)
            way++;
        if (way == WAYS)
            way = oldest_of(flows, set, (1u << WAYS) - 1);
    }
    uint32_t entry = set->entries[way];
    if (entry != 0)
        __builtin_prefetch(flow_at(flows, entry), 1);
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
    put_last(flows, &flows->waiting, half);
    return half;
}

static size_t weight(const struct half *half)
{
    return sizeof *half + (half->stream != NULL ? tlsfp_stream_memory(half->stream) : 0) +
           (half->held != NULL ? pieces_memory(half->held) : 0) +
           (half->copies != NULL ? copies_memory(half->copies) : 0) +
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
    if ((too_much || flows->finished.len > flows->n_sets) && finished != NULL && finished != changed)
        return finished;
    return too_much && waiting != changed ? waiting : NULL;
}

void flows_weigh(struct flows *flows, struct half *changed, bool finished)
{
    if (changed->finished != finished) {
        take_out(queue_of(flows, changed), changed);
        changed->finished = finished;
        put_last(flows, queue_of(flows, changed), changed);
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

uint64_t flows_made(const struct flows *flows)
{
    return flows->n_made;
}

uint64_t flows_dropped(const struct flows *flows)
{
    return flows->n_dropped;
}

struct half *flows_oldest(const struct flows *flows)
{
    return flows->waiting.oldest;
}
