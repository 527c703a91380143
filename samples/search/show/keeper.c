/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/keeper.h"

#include <string.h>

enum { MAX_CONNECTIONS = 8 }; /* that one packet is of: tunnels in tunnels */

typedef struct {
    size_t n;
    uint64_t ids[MAX_CONNECTIONS];
} connections;

typedef struct {
    frame packet; /* its bytes stand behind the entry */
    connections of;
} waiting;

struct packet_keeper {
    dump_file *to;
    size_t window, n_bytes; /* in the queue, entries included */
    GHashTable *wanted;     /* a set of uint64_t */
    GQueue queue;           /* of waiting */
    connections at_hand;    /* of the packet that is added next */
};

packet_keeper *keeper_new(dump_file *to, size_t window)
{
    packet_keeper *keeper = g_new0(packet_keeper, 1);
    keeper->to = to;
    keeper->window = window;
    keeper->wanted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_queue_init(&keeper->queue);
    return keeper;
}

void keeper_free(packet_keeper *keeper)
{
    if (keeper == NULL)
        return;
    g_queue_clear_full(&keeper->queue, g_free);
    g_hash_table_unref(keeper->wanted);
    g_free(keeper);
}

void keeper_want(packet_keeper *keeper, uint64_t connection)
{
    if (!g_hash_table_contains(keeper->wanted, &connection))
        g_hash_table_add(keeper->wanted, g_memdup2(&connection, sizeof connection));
}

void keeper_see(const frame *packet, uint64_t connection, void *data)
{
    (void)packet;
    connections *at_hand = &((packet_keeper *)data)->at_hand;
    if (at_hand->n < MAX_CONNECTIONS)
        at_hand->ids[at_hand->n++] = connection;
}

static bool is_wanted(const packet_keeper *keeper, const connections *of)
{
    for (size_t i = 0; i < of->n; i++)
        if (g_hash_table_contains(keeper->wanted, &of->ids[i]))
            return true;
    return false;
}

static size_t size_of(const frame *packet)
{
    return sizeof(waiting) + packet->bytes.len;
}

static void let_wait(packet_keeper *keeper, const frame *packet)
{
    waiting *entry = g_malloc(size_of(packet));
    uint8_t *bytes = (uint8_t *)(entry + 1);
    if (packet->bytes.len > 0)
        memcpy(bytes, packet->bytes.data, packet->bytes.len);
    entry->packet = *packet;
    entry->packet.bytes.data = bytes;
    entry->of = keeper->at_hand;
    keeper->n_bytes += size_of(packet);
    g_queue_push_tail(&keeper->queue, entry);
}

/** Decides on the packets that have waited longest, until no more than @p size bytes wait. */
static void decide(packet_keeper *keeper, size_t size)
{
    while (keeper->n_bytes > size) {
        waiting *entry = g_queue_pop_head(&keeper->queue);
        if (is_wanted(keeper, &entry->of))
            dump_add(keeper->to, &entry->packet);
        keeper->n_bytes -= size_of(&entry->packet);
        g_free(entry);
    }
}

void keeper_add(packet_keeper *keeper, const frame *packet)
{
    if (keeper->at_hand.n == 0)
        return;
    if (keeper->window > 0) {
        let_wait(keeper, packet);
        decide(keeper, keeper->window);
    } else if (is_wanted(keeper, &keeper->at_hand)) {
        dump_add(keeper->to, packet);
    }
    keeper->at_hand.n = 0;
}

void keeper_end(packet_keeper *keeper)
{
    decide(keeper, 0);
}
