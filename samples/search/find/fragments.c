/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/fragments.h"

#include "find/pieces.h"

enum {
    MAX_PACKETS = 64,     /* half-seen ones */
    MAX_PAYLOAD = 0xffff, /* of an IP packet */
};

typedef struct {
    uint64_t key;
    GArray *pieces; /* NULL for an unused entry */
    size_t n_bytes;
    size_t len;       /* of the payload; 0 until the last fragment came */
    uint64_t started; /* when, in fragments */
} half_packet;

struct fragments {
    half_packet packets[MAX_PACKETS];
    uint64_t now;
    uint8_t *whole; /* the payload handed out last */
};

fragments *fragments_new(void)
{
    fragments *all = g_new0(fragments, 1);
    all->whole = g_malloc(MAX_PAYLOAD);
    return all;
}

static void forget(half_packet *packet)
{
    if (packet->pieces != NULL)
        g_array_unref(packet->pieces);
    *packet = (half_packet){0};
}

void fragments_free(fragments *all)
{
    if (all == NULL)
        return;
    for (int i = 0; i < MAX_PACKETS; i++)
        forget(&all->packets[i]);
    g_free(all->whole);
    g_free(all);
}

/** The entry of that packet, or else one for it: unused, or the one that waits longest. */
static half_packet *get(fragments *all, uint64_t key)
{
    half_packet *oldest = &all->packets[0];
    for (int i = 0; i < MAX_PACKETS; i++) {
        half_packet *packet = &all->packets[i];
        if (packet->pieces != NULL && packet->key == key)
            return packet;
        if (packet->started < oldest->started)
            oldest = packet;
    }
    forget(oldest);
    *oldest = (half_packet){.key = key, .pieces = pieces_new(), .started = ++all->now};
    return oldest;
}

bool fragments_add(fragments *all, const fragment *part, tlsfp_span payload, tlsfp_span *out)
{
    if (part->offset + payload.len > MAX_PAYLOAD || payload.len == 0)
        return false;
    half_packet *packet = get(all, part->key);
    packet->n_bytes += pieces_add(packet->pieces, part->offset, payload);
    if (!part->more)
        packet->len = part->offset + payload.len;
    if (packet->len == 0 || packet->n_bytes < packet->len)
        return false;
    size_t n = pieces_peek(packet->pieces, 0, all->whole, packet->len);
    bool whole = n == packet->len;
    forget(packet);
    *out = (tlsfp_span){all->whole, n};
    return whole;
}
