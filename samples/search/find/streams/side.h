/* SPDX-License-Identifier: BSD-3-Clause */
/** @file One side of a TCP connection, for tcp.c (which segments count), order.c (segments into
 * order) and tls.c (ordered bytes to hellos). */
#ifndef SEARCH_SIDE_H
#define SEARCH_SIDE_H

#include "find/parts.h"

/** Who sends the bytes at hand. */
struct side {
    struct finder *finder;
    struct flow *flow;
    struct flow *peer;     /**< The other direction, or NULL where it is not known. */
    const ports *ports;    /**< Of the packet at hand, or NULL, and then */
    const endpoints *ends; /**< as kept with held segments. */
};

/** The side's endpoints. */
endpoints side_ends(const struct side *side);

/** Looks for hellos in the bytes that are next in the connection. */
void tls_add(const struct side *side, tlsfp_span bytes);

/** Whether the bytes start a record, and a hello from the other side waits for an answer. */
bool tls_may_answer(const struct side *side, tlsfp_span bytes);

/** Whether bytes start with a hello, or with the ServerHello that one waits for. */
bool tls_starts(const struct side *side, tlsfp_span bytes);

/** As tls_add(), for what other packets carry. */
void tls_add_inside(const struct side *side, tlsfp_span bytes);

/** Some bytes are missing: what was half-seen cannot go on. */
void tls_break(const struct side *side);

/** Whether a hello is half-seen. */
static inline bool tls_is_open(const struct flow *flow)
{
    return flow->half != NULL && flow->half->stream != NULL;
}

/** Reports a hello unless the flow has just told of the same bytes. */
void report_once(struct finder *finder, struct flow *flow, const endpoints *ends,
                 tlsfp_span message, tlsfp_transport transport);

#endif
