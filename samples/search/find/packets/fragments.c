/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/fragments.h"

#include "find/streams/pieces.h"

enum {
    MAX_PACKETS = 64,     /* half-seen ones */
    MAX_PAYLOAD = 0xffff, /* of an IP packet */
};

typedef struct {
    uint64_t key;
    struct pieces *pieces; /* NULL for an unused entry */
    size_t len;            /* of the payload; 0 until the last fragment came */
    uint64_t started;      /* when, in packets */
} half_packet;

struct fragments {
    half_packet packets[MAX_PACKETS];
    size_t limit, memory;
    uint64_t now;
    uint64_t n_dropped;
    uint8_t *whole; /* the payload handed out last */
};

struct fragments *fragments_new(size_t memory)
{
    struct fragments *fragments = g_new0(struct fragments, 1);
    fragments->limit = memory;
    return fragments;
}

static void forget(struct fragments *fragments, half_packet *packet)
{
    if (packet->pieces == NULL)
        return;
    fragments->memory -= pieces_memory(packet->pieces);
    pieces_free(packet->pieces);
    *packet = (half_packet){0};
}

void fragments_free(struct fragments *fragments)
{
    if (fragments == NULL)
        return;
    for (int i = 0; i < MAX_PACKETS; i++)
        forget(fragments, &fragments->packets[i]);
    g_free(fragments->whole);
    g_free(fragments);
}

/** The packet that waits longest, but for @p spared; NULL where there is no other. */
static half_packet *longest_waiting(struct fragments *fragments, const half_packet *spared)
{
    half_packet *found = NULL;
    for (int i = 0; i < MAX_PACKETS; i++) {
        half_packet *packet = &fragments->packets[i];
        if (packet->pieces != NULL && packet != spared &&
            (found == NULL || packet->started < found->started))
            found = packet;
    }
    return found;
}

static half_packet *unused(struct fragments *fragments)
{
    for (int i = 0; i < MAX_PACKETS; i++)
        if (fragments->packets[i].pieces == NULL)
            return &fragments->packets[i];
    return NULL;
}

static half_packet *drop(struct fragments *fragments, half_packet *packet)
{
    fragments->n_dropped++;
    forget(fragments, packet);
    return packet;
}

/** The entry of that packet, or else a new one for it. */
static half_packet *get(struct fragments *fragments, uint64_t key)
{
    for (int i = 0; i < MAX_PACKETS; i++)
        if (fragments->packets[i].pieces != NULL && fragments->packets[i].key == key)
            return &fragments->packets[i];
    half_packet *packet = unused(fragments);
    if (packet == NULL)
        packet = drop(fragments, longest_waiting(fragments, NULL));
    *packet = (half_packet){.key = key, .pieces = pieces_new(), .started = ++fragments->now};
    fragments->memory += pieces_memory(packet->pieces);
    return packet;
}

/** Adds a piece. False where it overlaps others: Linux drops the whole packet then, RFC 5722 3, but
 * for a piece of which all has come (inet_frag_queue_insert()). */
static bool add_piece(struct fragments *fragments, half_packet *packet, uint32_t offset,
                      tlsfp_span payload)
{
    const size_t before = pieces_bytes(packet->pieces);
    fragments->memory -= pieces_memory(packet->pieces);
    pieces_fill(packet->pieces, offset, payload);
    fragments->memory += pieces_memory(packet->pieces);
    const size_t added = pieces_bytes(packet->pieces) - before;
    half_packet *other;
    while (fragments->memory > fragments->limit &&
           (other = longest_waiting(fragments, packet)) != NULL)
        (void)drop(fragments, other);
    return added == 0 || added == payload.len;
}

bool fragments_add(struct fragments *fragments, const fragment *part, tlsfp_span payload,
                   tlsfp_span *out)
{
    if (part->offset + payload.len > MAX_PAYLOAD || payload.len == 0)
        return false;
    half_packet *packet = get(fragments, part->key);
    if (!add_piece(fragments, packet, part->offset, payload)) {
        forget(fragments, packet);
        return false;
    }
    if (!part->more)
        packet->len = part->offset + payload.len;
    if (packet->len == 0 || pieces_bytes(packet->pieces) < packet->len)
        return false;
    if (fragments->whole == NULL)
        fragments->whole = g_malloc(MAX_PAYLOAD);
    size_t n = pieces_peek(packet->pieces, 0, fragments->whole, packet->len);
    bool whole = n == packet->len;
    forget(fragments, packet);
    *out = (tlsfp_span){fragments->whole, n};
    return whole;
}

uint64_t fragments_dropped(const struct fragments *fragments)
{
    return fragments->n_dropped;
}
