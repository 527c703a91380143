/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Hellos that wait for the ServerHello that answers them. They are handed out in the order
 * in which they came, within bounds: of time, of number and of bytes. */
#ifndef SEARCH_ANSWERS_H
#define SEARCH_ANSWERS_H

#include "find/finder.h"

struct answers;

/**
 * @param memory bytes of hellos that wait.
 * @param found is called for each hello once it is answered, or has waited long enough, and all
 * before it are.
 */
struct answers *answers_new(size_t memory, void (*found)(const found_hello *, void *data),
                            void *data);

/** Frees @p answers, and the hellos that wait; NULL is fine. */
void answers_free(struct answers *answers);

/** Adds a hello, which is copied. @param key of the flow that it came in. */
void answers_wait(struct answers *answers, uint64_t key, const found_hello *hello);

/** Whether a hello of that flow waits. */
bool answers_is_due(const struct answers *answers, uint64_t key);

/** Adds the ServerHello that answers the oldest hello of that flow which waits; false where there
 * is none, or @p message does not parse. @param out_retry whether it asks for another hello. */
bool answers_add(struct answers *answers, uint64_t key, tlsfp_span message,
                 tlsfp_transport transport, bool *out_retry);

/** The hellos of that flow wait no longer. */
void answers_give_up(struct answers *answers, uint64_t key);

/** Nor do those that came long before now. */
void answers_expire(struct answers *answers, int64_t now_ns);

/** Nor does any. */
void answers_end(struct answers *answers);

#endif
