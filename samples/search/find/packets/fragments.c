/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/fragments.h"

#include <tlsfp/reader.h>

#include "find/packets/runs.h"

enum {
    MAX_PACKETS = 64,     /* half-seen ones */
    MAX_PAYLOAD = 0xffff, /* of an IP packet */
    UNIT = 8,             /* of a fragment's length, but for the last one's */
    NOT_ECT = 1 << 0,     /* ECN-capable transport was not said */
};

typedef struct {
    uint64_t key;
    struct runs *runs; /* NULL for an unused entry */
    uint32_t len;      /* of the payload, as far as is known; whole where has_last is set */
    uint32_t longest;
    bool has_last;
    uint8_t protocol;
    uint8_t ecn;      /* a bit for each value that was seen */
    uint64_t started; /* when, in packets */
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
    if (packet->runs == NULL)
        return;
    fragments->memory -= runs_memory(packet->runs);
    runs_free(packet->runs);
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
        if (packet->runs != NULL && packet != spared &&
            (found == NULL || packet->started < found->started))
            found = packet;
    }
    return found;
}

static half_packet *unused(struct fragments *fragments)
{
    for (int i = 0; i < MAX_PACKETS; i++)
        if (fragments->packets[i].runs == NULL)
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
        if (fragments->packets[i].runs != NULL && fragments->packets[i].key == key)
            return &fragments->packets[i];
    half_packet *packet = unused(fragments);
    if (packet == NULL)
        packet = drop(fragments, longest_waiting(fragments, NULL));
    *packet = (half_packet){.key = key, .runs = runs_new(), .started = ++fragments->now};
    fragments->memory += runs_memory(packet->runs);
    return packet;
}

/** Whether the fragment agrees with others about where the packet ends. */
static bool fits_end(half_packet *packet, const fragment *part, uint32_t end)
{
    bool is_behind = end > packet->len;
    if (end == part->offset || (is_behind && packet->has_last))
        return false;
    if (part->more) {
        packet->len = is_behind ? end : packet->len;
        return true;
    }
    if (end < packet->len)
        return false;
    packet->has_last = true;
    packet->len = end;
    return true;
}

/** Notes what the fragment says of its packet. */
static void note(half_packet *packet, const fragment *part)
{
    packet->ecn |= (uint8_t)(1 << part->ecn);
    if (part->offset > 0)
        return;
    packet->protocol = part->protocol;
    packet->longest = part->longest;
}

/** Adds a fragment. With RUN_OVERLAP the packet is to be dropped. */
static run_added add_part(struct fragments *fragments, half_packet *packet, const fragment *part,
                          tlsfp_span payload)
{
    if (!fits_end(packet, part, part->offset + (uint32_t)payload.len))
        return RUN_OVERLAP;
    fragments->memory -= runs_memory(packet->runs);
    run_added added = runs_add(packet->runs, part->offset, payload);
    fragments->memory += runs_memory(packet->runs);
    if (added == RUN_NEW)
        note(packet, part);
    half_packet *other;
    while (fragments->memory > fragments->limit &&
           (other = longest_waiting(fragments, packet)) != NULL)
        (void)drop(fragments, other);
    return added;
}

/** RFC 3168 5.3: whether the fragments agree about ECN, and the packet is not too long. */
static bool is_sound(const half_packet *packet)
{
    bool agrees = !(packet->ecn & NOT_ECT) || packet->ecn == NOT_ECT;
    return agrees && packet->len <= packet->longest;
}

/** What all but the last fragment lack to a multiple of 8: IPv4 cuts it off, IPv6 refuses the
 * fragment. IPv6 refuses those that lie too far behind, too. */
static bool round_down(const fragment *part, tlsfp_span *payload)
{
    if (part->version == 6 && part->offset + payload->len > MAX_PAYLOAD)
        return false;
    size_t odd = part->more ? payload->len % UNIT : 0;
    cut(payload, payload->len - odd);
    return odd == 0 || part->version == 4;
}

bool fragments_add(struct fragments *fragments, const fragment *part, tlsfp_span payload,
                   reassembled *out)
{
    if (!round_down(part, &payload))
        return false;
    half_packet *packet = get(fragments, part->key);
    run_added added = add_part(fragments, packet, part, payload);
    if (added == RUN_OVERLAP)
        forget(fragments, packet);
    if (added != RUN_NEW || !packet->has_last || runs_bytes(packet->runs) < packet->len)
        return false;
    bool whole = is_sound(packet);
    if (fragments->whole == NULL)
        fragments->whole = g_malloc(MAX_PAYLOAD);
    if (whole) {
        runs_copy(packet->runs, fragments->whole);
        *out = (reassembled){{fragments->whole, packet->len}, packet->protocol};
    }
    forget(fragments, packet);
    return whole;
}

uint64_t fragments_dropped(const struct fragments *fragments)
{
    return fragments->n_dropped;
}
