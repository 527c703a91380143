/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/dealt.h"

#include "find/parts.h"

void finder_deal(struct finder *finder, void (*deal)(const dealt_datagram *, void *data),
                 void *data)
{
    finder->deal = deal;
    finder->deal_data = data;
}

void deal_datagram(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    const endpoints found = endpoints_of(finder, ends);
    const dealt_datagram dealt = {finder->packet, &found, datagram, finder->depth};
    finder->deal(&dealt, finder->deal_data);
}

void finder_take(struct finder *finder, const dealt_datagram *dealt)
{
    const endpoints *found = dealt->ends;
    const addresses ip = {found->version, found->src, found->dst};
    const ports ends = {&ip, found->src_port, found->dst_port};
    finder->packet = dealt->frame;
    finder->protocol = found->protocol;
    finder->depth = dealt->depth;
    finder->fragments_name = found->fragments;
    finder->tags = found->tags;
    datagram_add(finder, &ends, dealt->bytes);
}
