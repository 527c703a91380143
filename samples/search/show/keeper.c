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

struct keeper {
    dump *to;
    size_t window, n_bytes; /* in the queue, entries included */
    GHashTable *wanted;     /* a set of uint64_t */
    GQueue queue;           /* of waiting */
    connections at_hand;    /* of the packet that is added next */
};

keeper *keeper_new(dump *to, size_t window)
{
    keeper *packets = g_new0(keeper, 1);
    packets->to = to;
    packets->window = window;
    packets->wanted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_queue_init(&packets->queue);
    return packets;
}

void keeper_free(keeper *packets)
{
    if (packets == NULL)
        return;
    g_queue_clear_full(&packets->queue, g_free);
    g_hash_table_unref(packets->wanted);
    g_free(packets);
}

void keeper_want(keeper *packets, uint64_t connection)
{
    if (!g_hash_table_contains(packets->wanted, &connection))
        g_hash_table_add(packets->wanted, g_memdup2(&connection, sizeof connection));
}

void keeper_see(const frame *packet, uint64_t connection, void *data)
{
    (void)packet;
    connections *at_hand = &((keeper *)data)->at_hand;
    if (at_hand->n < MAX_CONNECTIONS)
        at_hand->ids[at_hand->n++] = connection;
}

static bool is_wanted(const keeper *packets, const connections *of)
{
    for (size_t i = 0; i < of->n; i++)
        if (g_hash_table_contains(packets->wanted, &of->ids[i]))
            return true;
    return false;
}

static size_t size_of(const frame *packet)
{
    return sizeof(waiting) + packet->bytes.len;
}

static void let_wait(keeper *packets, const frame *packet)
{
    waiting *entry = g_malloc(size_of(packet));
    uint8_t *bytes = (uint8_t *)(entry + 1);
    if (packet->bytes.len > 0)
        memcpy(bytes, packet->bytes.data, packet->bytes.len);
    entry->packet = *packet;
    entry->packet.bytes.data = bytes;
    entry->of = packets->at_hand;
    packets->n_bytes += size_of(packet);
    g_queue_push_tail(&packets->queue, entry);
}

/** Decides on the packets that have waited longest, until no more than @p size bytes wait. */
static void decide(keeper *packets, size_t size)
{
    while (packets->n_bytes > size) {
        waiting *entry = g_queue_pop_head(&packets->queue);
        if (is_wanted(packets, &entry->of))
            dump_add(packets->to, &entry->packet);
        packets->n_bytes -= size_of(&entry->packet);
        g_free(entry);
    }
}

void keeper_add(keeper *packets, const frame *packet)
{
    if (packets->at_hand.n == 0)
        return;
    if (packets->window > 0) {
        let_wait(packets, packet);
        decide(packets, packets->window);
    } else if (is_wanted(packets, &packets->at_hand)) {
        dump_add(packets->to, packet);
    }
    packets->at_hand.n = 0;
}

void keeper_end(keeper *packets)
{
    decide(packets, 0);
}
