/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/ahead.h"

#include "find/packets/plain.h"

/** Frames between the fetch of what says where a flow is, and its use, and the fetch of the flow.
 */
enum { SET_AHEAD = 12, FLOW_AHEAD = 6 };

enum {
    MANY = 256, /* frames at most that are glanced at before the first of them is looked into */
    OFTEN = 16, /* a new flow in so many frames is worth it */
};

/** Most frames are plain TCP. */
static glance glance_at(const struct finder *finder, const frame *packet)
{
    enum { MIN_TCP = 20 };
    plain_packet plain;
    if (packet->link_type != LINK_ETHERNET || !plain_parse(packet->bytes, &plain) ||
        plain.protocol != PROTOCOL_TCP || plain.payload.len < MIN_TCP)
        return (glance){.key = KEY_UNKNOWN};
    if (tcp_is_silent(plain.payload, 0))
        return (glance){.key = KEY_NONE};
    const ports ends = {&plain.ip, get_u16(plain.payload, 0), get_u16(plain.payload, 2)};
    return (glance){
        .key = flow_key(&finder->factors, &ends, PROTOCOL_TCP),
        .version = plain.ip.version,
        .addresses_at = (uint16_t)(plain.ip.src - packet->bytes.data),
        .payload_at = (uint16_t)(plain.payload.data - packet->bytes.data),
        .payload_len = (uint32_t)plain.payload.len,
    };
}

void finder_glance(const struct finder *finder, const frame *frames, size_t n, glance *out)
{
    bool each = finder->limits.checksums || finder->seen != NULL || finder->answers != NULL;
    for (size_t i = 0; i < n; i++)
        out[i] = each ? (glance){.key = KEY_UNKNOWN} : glance_at(finder, &frames[i]);
}

/** Whether a frame is of a flow that the finder looks into. */
static inline bool has_flow(const struct finder *finder, uint64_t key)
{
    return key > KEY_NONE && is_in_share(finder, connection_of(key));
}

static void add_known(struct finder *finder, const frame *packet, const glance *seen)
{
    const uint8_t *bytes = packet->bytes.data, *src = bytes + seen->addresses_at;
    const addresses ip = {seen->version, src, src + (seen->version == 4 ? 4 : 16)};
    finder->packet = packet;
    finder->place = packet->number << PLACE_BITS;
    finder->depth = 1;
    finder->fragments_name = 0;
    tcp_add_known(finder, &ip, (tlsfp_span){bytes + seen->payload_at, seen->payload_len},
                  seen->key);
}

/** Fetches what frames behind frame @p i need; the bytes, where another thread has read them. */
static inline void fetch(const struct finder *finder, const frame *frames, const glance *seen,
                         size_t i, size_t n)
{
    enum { LINE = 64, N_LINES = 10 };
    size_t far = i + SET_AHEAD, near = i + FLOW_AHEAD;
    if (far < n && has_flow(finder, seen[far].key))
        flows_fetch_set(finder->flows, seen[far].key);
    if (near >= n || !has_flow(finder, seen[near].key))
        return;
    flows_fetch(finder->flows, seen[near].key);
    if (finder->limits.n_shares <= 1)
        return;
    const uint8_t *bytes = frames[near].bytes.data;
    size_t len = MIN(frames[near].bytes.len, (size_t)LINE * N_LINES);
    for (size_t at = 0; at < len; at += LINE)
        __builtin_prefetch(bytes + at);
}

void finder_add_seen(struct finder *finder, const frame *frames, const glance *seen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fetch(finder, frames, seen, i, n);
        if (seen[i].key == KEY_UNKNOWN) {
            finder_add(finder, &frames[i]);
            continue;
        }
        finder->counts.frames++;
        if (has_flow(finder, seen[i].key))
            add_known(finder, &frames[i], &seen[i]);
    }
}

static void add_some(struct finder *finder, const frame *frames, size_t n)
{
    glance seen[MANY];
    uint64_t before = flows_made(finder->flows);
    if (finder->looks_ahead) {
        finder_glance(finder, frames, n, seen);
        finder_add_seen(finder, frames, seen, n);
    } else {
        for (size_t i = 0; i < n; i++)
            finder_add(finder, &frames[i]);
    }
    finder->looks_ahead = (flows_made(finder->flows) - before) * OFTEN > n;
}

void finder_add_all(struct finder *finder, const frame *frames, size_t n)
{
    for (size_t i = 0; i < n; i += MANY)
        add_some(finder, frames + i, MIN(n - i, (size_t)MANY));
}
