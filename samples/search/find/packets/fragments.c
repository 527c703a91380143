/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/fragments.h"

#include "find/streams/pieces.h"

enum {
    MAX_PACKETS = 64,     /* half-seen ones */
    MAX_PAYLOAD = 0xffff, /* of an IP packet */
};

typedef struct {
    uint64_t key;
    GArray *pieces; /* NULL for an unused entry */
    size_t n_bytes;
    size_t len;       /* of the payload; 0 until the last fragment came */
    uint64_t started; /* when, in struct fragments */
} half_packet;

struct fragments {
    half_packet packets[MAX_PACKETS];
    uint64_t now;
    uint8_t *whole; /* the payload handed out last */
};

struct fragments *fragments_new(void)
{
    struct fragments *fragments = g_new0(struct fragments, 1);
    fragments->whole = g_malloc(MAX_PAYLOAD);
    return fragments;
}

static void forget(half_packet *packet)
{
    if (packet->pieces != NULL)
        g_array_unref(packet->pieces);
    *packet = (half_packet){0};
}

void fragments_free(struct fragments *fragments)
{
    if (fragments == NULL)
        return;
    for (int i = 0; i < MAX_PACKETS; i++)
        forget(&fragments->packets[i]);
    g_free(fragments->whole);
    g_free(fragments);
}

/** The entry of that packet, or else one for it: unused, or the one that waits longest. */
static half_packet *get(struct fragments *fragments, uint64_t key)
{
    half_packet *oldest = &fragments->packets[0];
    for (int i = 0; i < MAX_PACKETS; i++) {
        half_packet *packet = &fragments->packets[i];
        if (packet->pieces != NULL && packet->key == key)
            return packet;
        if (packet->started < oldest->started)
            oldest = packet;
    }
    forget(oldest);
    *oldest = (half_packet){.key = key, .pieces = pieces_new(), .started = ++fragments->now};
    return oldest;
}

bool fragments_add(struct fragments *fragments, const fragment *part, tlsfp_span payload,
                   tlsfp_span *out)
{
    if (part->offset + payload.len > MAX_PAYLOAD || payload.len == 0)
        return false;
    half_packet *packet = get(fragments, part->key);
    packet->n_bytes += pieces_add(packet->pieces, part->offset, payload);
    if (!part->more)
        packet->len = part->offset + payload.len;
    if (packet->len == 0 || packet->n_bytes < packet->len)
        return false;
    size_t n = pieces_peek(packet->pieces, 0, fragments->whole, packet->len);
    bool whole = n == packet->len;
    forget(packet);
    *out = (tlsfp_span){fragments->whole, n};
    return whole;
}
