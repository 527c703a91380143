/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/keeper.h"

#include <string.h>

#include "show/id_set.h"

enum {
    MAX_CONNECTIONS = 8,           /* that one packet is of: tunnels in tunnels */
    MAX_WINDOW = 16 * 1024 * 1024, /* bytes of packets that wait */
};

/** The connections of the packet at hand: their ids, hashed by the key. */
typedef struct {
    size_t n;
    uint64_t ids[MAX_CONNECTIONS];
} connections;

typedef struct waiting waiting;

/** A packet's place among those of one connection. */
typedef struct {
    uint64_t id;
    waiting
        *before; /* of the same connection; gone where its serial number is lower than the head's */
    uint64_t before_serial;
} place;

struct waiting {
    frame packet; /* its bytes stand behind the places */
    uint64_t serial;
    bool written;
    size_t n;
    place places[];
};

struct packet_keeper {
    dump_file *to;
    tlsfp_hash_key key;
    id_set *wanted;
    bool once, at_once;
    size_t window, n_bytes; /* in the queue, entries included */
    uint64_t n_queued;
    GQueue queue;        /* of waiting */
    GHashTable *newest;  /* with at_once: id -> waiting, the last of the connection; or NULL */
    connections at_hand; /* of the packet that is added next */
};

packet_keeper *keeper_new(dump_file *to, const tlsfp_hash_key *key, const keeper_options *options)
{
    packet_keeper *keeper = g_new0(packet_keeper, 1);
    size_t for_window = options->once ? MIN(options->memory / 2, MAX_WINDOW) : 0;
    keeper->to = to;
    keeper->once = options->once;
    keeper->at_once = options->at_once;
    keeper->window = for_window;
    keeper->key = *key;
    keeper->wanted = id_set_new(options->memory - for_window);
    if (options->at_once)
        keeper->newest = g_hash_table_new(g_int64_hash, g_int64_equal); /* ids are hashed already */
    g_queue_init(&keeper->queue);
    return keeper;
}

void keeper_free(packet_keeper *keeper)
{
    if (keeper == NULL)
        return;
    g_queue_clear_full(&keeper->queue, g_free);
    if (keeper->newest != NULL)
        g_hash_table_unref(keeper->newest);
    id_set_free(keeper->wanted);
    g_free(keeper);
}

static uint64_t hashed(const packet_keeper *keeper, uint64_t connection)
{
    return tlsfp_hash_words(&keeper->key, &connection, 1);
}

static const place *place_of(const waiting *entry, uint64_t id)
{
    for (size_t i = 0; i < entry->n; i++)
        if (entry->places[i].id == id)
            return &entry->places[i];
    return NULL;
}

/** Writes what waits of a connection, in order. */
static void write_waiting(packet_keeper *keeper, uint64_t id)
{
    const waiting *head = g_queue_peek_head(&keeper->queue);
    GPtrArray *found = g_ptr_array_new();
    waiting *entry = g_hash_table_lookup(keeper->newest, &id);
    while (entry != NULL) {
        const place *at = place_of(entry, id);
        g_ptr_array_add(found, entry);
        entry = at->before_serial >= head->serial ? at->before : NULL;
    }
    for (guint i = found->len; i > 0; i--) {
        entry = g_ptr_array_index(found, i - 1);
        if (!entry->written)
            dump_add(keeper->to, &entry->packet);
        entry->written = true;
    }
    g_hash_table_remove(keeper->newest, &id);
    g_ptr_array_free(found, TRUE);
}

void keeper_want(packet_keeper *keeper, uint64_t connection)
{
    uint64_t id = hashed(keeper, connection);
    if (id_set_holds(keeper->wanted, id))
        return;
    id_set_add(keeper->wanted, id);
    if (keeper->at_once)
        write_waiting(keeper, id);
}

void keeper_see(const frame *packet, uint64_t connection, void *data)
{
    (void)packet;
    packet_keeper *keeper = data;
    connections *at_hand = &keeper->at_hand;
    if (at_hand->n < MAX_CONNECTIONS)
        at_hand->ids[at_hand->n++] = hashed(keeper, connection);
}

static bool is_wanted(const packet_keeper *keeper, uint64_t id)
{
    return id_set_holds(keeper->wanted, id);
}

static bool is_any_wanted(const packet_keeper *keeper)
{
    for (size_t i = 0; i < keeper->at_hand.n; i++)
        if (is_wanted(keeper, keeper->at_hand.ids[i]))
            return true;
    return false;
}

/** What an entry takes, with what the allocator, the queue and the table take for it. */
static size_t weight(size_t n, const frame *packet)
{
    enum { BESIDE = 2 * sizeof(void *) + sizeof(GList) + 64 };
    return sizeof(waiting) + n * sizeof(place) + packet->bytes.len + BESIDE;
}

/** Puts the entry behind the others of its connections. */
static void enter(packet_keeper *keeper, waiting *entry)
{
    for (size_t i = 0; i < entry->n; i++) {
        place *at = &entry->places[i];
        waiting *before = g_hash_table_lookup(keeper->newest, &at->id);
        if (before == entry) /* the same connection twice */
            continue;
        at->before = before;
        at->before_serial = before != NULL ? before->serial : 0;
        g_hash_table_replace(keeper->newest, &at->id, entry);
    }
}

static void let_wait(packet_keeper *keeper, const frame *packet)
{
    size_t n = keeper->at_hand.n;
    waiting *entry = g_malloc0(sizeof *entry + n * sizeof(place) + packet->bytes.len);
    uint8_t *bytes = (uint8_t *)&entry->places[n];
    if (packet->bytes.len > 0)
        memcpy(bytes, packet->bytes.data, packet->bytes.len);
    entry->packet = *packet;
    entry->packet.bytes.data = bytes;
    entry->serial = ++keeper->n_queued;
    entry->n = n;
    for (size_t i = 0; i < n; i++)
        entry->places[i].id = keeper->at_hand.ids[i];
    keeper->n_bytes += weight(n, packet);
    g_queue_push_tail(&keeper->queue, entry);
    if (keeper->newest != NULL)
        enter(keeper, entry);
}

static bool was_wanted(const packet_keeper *keeper, const waiting *entry)
{
    for (size_t i = 0; i < entry->n; i++)
        if (is_wanted(keeper, entry->places[i].id))
            return true;
    return false;
}

static void leave(packet_keeper *keeper, waiting *entry)
{
    for (size_t i = 0; i < entry->n; i++)
        if (g_hash_table_lookup(keeper->newest, &entry->places[i].id) == entry)
            g_hash_table_remove(keeper->newest, &entry->places[i].id);
}

/** Decides on the packets that have waited longest, until no more than @p size bytes wait. */
static void decide(packet_keeper *keeper, size_t size)
{
    while (keeper->n_bytes > size) {
        waiting *entry = g_queue_pop_head(&keeper->queue);
        if (keeper->newest != NULL)
            leave(keeper, entry);
        if (!entry->written && was_wanted(keeper, entry))
            dump_add(keeper->to, &entry->packet);
        keeper->n_bytes -= weight(entry->n, &entry->packet);
        g_free(entry);
    }
}

void keeper_add(packet_keeper *keeper, const frame *packet)
{
    if (keeper->at_hand.n == 0)
        return;
    bool decided = !keeper->once || keeper->at_once;
    if (decided && is_any_wanted(keeper)) {
        dump_add(keeper->to, packet);
    } else if (keeper->once) {
        let_wait(keeper, packet);
        decide(keeper, keeper->window);
    }
    keeper->at_hand.n = 0;
}

void keeper_end(packet_keeper *keeper)
{
    decide(keeper, 0);
}

uint64_t keeper_forgotten(const packet_keeper *keeper)
{
    return id_set_forgotten(keeper->wanted);
}
