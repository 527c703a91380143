/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/finder.h"

#include <string.h>

#include "find/finder_parts.h"

finder *finder_new(const finder_limits *limits, tlsfp_context *context,
                   void (*found)(const found_hello *, void *data), void *data)
{
    finder *search = g_new0(finder, 1);
    search->limits = *limits;
    search->found = found;
    search->data = data;
    search->flows = flows_new(limits->memory);
    search->fragments = fragments_new();
    search->context = context;
    return search;
}

void finder_free(finder *search)
{
    if (search == NULL)
        return;
    flows_free(search->flows);
    fragments_free(search->fragments);
    g_free(search);
}

void finder_watch(finder *search, void (*seen)(const frame *, uint64_t connection, void *data),
                  void *data)
{
    search->seen = seen;
    search->seen_data = data;
}

void finder_add(finder *search, const frame *packet)
{
    search->counts.frames++;
    search->packet = packet;
    search->depth = 0;
    search->fragments_name = 0;
    if (!link_add(search, packet->link_type, packet->bytes) && search->counts.unknown_links++ == 0)
        search->counts.unknown_link_type = packet->link_type;
}

void finder_end(finder *search)
{
    tcp_end(search);
}

finder_counts finder_counted(const finder *search)
{
    finder_counts counts = search->counts;
    counts.dropped = flows_dropped(search->flows);
    return counts;
}

endpoints endpoints_of(const finder *search, const ports *ends)
{
    endpoints out = {
        .version = ends->ip->version,
        .src_port = ends->src_port,
        .dst_port = ends->dst_port,
        .connection = ends->src_hash + ends->dst_hash,
        .fragments = search->fragments_name,
    };
    size_t len = ends->ip->version == 4 ? 4 : 16;
    memcpy(out.src, ends->ip->src, len);
    memcpy(out.dst, ends->ip->dst, len);
    return out;
}

void report(finder *search, const endpoints *ends, tlsfp_span message, tlsfp_transport transport)
{
    tlsfp_client_hello hello;
    if (message.len > search->limits.max_hello ||
        tlsfp_parse(message, transport, &hello) != TLSFP_OK)
        return;
    search->counts.hellos++;
    const found_hello found = {search->packet, ends, &hello};
    search->found(&found, search->data);
}
