/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/finder.h"

#include <string.h>

#include "find/parts.h"
#include "find/streams/side.h"

enum { FRAGMENTS_SHARE = 4 }; /* one part in four of the memory */

struct finder *finder_new(const finder_limits *limits, tlsfp_context *context,
                          void (*found)(const found_hello *, void *data), void *data)
{
    struct finder *finder = g_new0(struct finder, 1);
    finder->limits = *limits;
    finder->found = found;
    finder->data = data;
    finder->flows = flows_new(limits->memory - limits->memory / FRAGMENTS_SHARE);
    finder->fragments = fragments_new(limits->memory / FRAGMENTS_SHARE);
    finder->context = context;
    return finder;
}

void finder_free(struct finder *finder)
{
    if (finder == NULL)
        return;
    flows_free(finder->flows);
    fragments_free(finder->fragments);
    g_free(finder);
}

void finder_watch(struct finder *finder,
                  void (*seen)(const frame *, uint64_t connection, void *data), void *data)
{
    finder->seen = seen;
    finder->seen_data = data;
}

void finder_add(struct finder *finder, const frame *packet)
{
    finder->counts.frames++;
    finder->packet = packet;
    finder->depth = 0;
    finder->fragments_name = 0;
    if (!link_add(finder, packet->link_type, packet->bytes) && finder->counts.unknown_links++ == 0)
        finder->counts.unknown_link_type = packet->link_type;
}

void finder_end(struct finder *finder)
{
    tcp_end(finder);
}

finder_counts finder_counted(const struct finder *finder)
{
    finder_counts counts = finder->counts;
    counts.dropped = flows_dropped(finder->flows) + fragments_dropped(finder->fragments);
    return counts;
}

endpoints endpoints_of(const struct finder *finder, const ports *ends)
{
    endpoints out = {
        .version = ends->ip->version,
        .src_port = ends->src_port,
        .dst_port = ends->dst_port,
        .connection = ends->src_hash + ends->dst_hash,
        .fragments = finder->fragments_name,
    };
    size_t len = ends->ip->version == 4 ? 4 : 16;
    memcpy(out.src, ends->ip->src, len);
    memcpy(out.dst, ends->ip->dst, len);
    return out;
}

void report_once(struct finder *finder, struct flow *flow, const endpoints *ends,
                 tlsfp_span message, tlsfp_transport transport)
{
    uint32_t hash = (uint32_t)tlsfp_hash(&finder->limits.key, message) | 1;
    if (hash == flow->told[0] || hash == flow->told[1])
        return;
    flow->told[1] = flow->told[0];
    flow->told[0] = hash;
    report(finder, ends, message, transport);
}

void report(struct finder *finder, const endpoints *ends, tlsfp_span message,
            tlsfp_transport transport)
{
    tlsfp_client_hello hello;
    if (message.len > finder->limits.max_hello) {
        finder->counts.too_long++;
        return;
    }
    if (tlsfp_parse(message, transport, &hello) != TLSFP_OK)
        return;
    finder->counts.hellos++;
    const found_hello found = {finder->packet, ends, &hello};
    finder->found(&found, finder->data);
}
