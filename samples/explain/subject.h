/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is to be explained: a hello, or what is known of one. */
#ifndef EXPLAIN_SUBJECT_H
#define EXPLAIN_SUBJECT_H

#include <tlsfp/tlsfp.h>

struct subject {
    char *title;                        /**< As it was named, and which of several it is. */
    char *values[TLSFP_N_CLIENT_KINDS]; /**< NULL: not known. */
    tlsfp_shape *shape;                 /**< NULL where only hashes are known. */
    char *known_from;                   /**< Of a hash: the client of the list whose raw form gives
                                           it; else NULL. */
    unsigned count;                     /**< Hellos of this client in the same source. */
    bool whole;                         /**< The hello itself is known, and so are its traits: */
    bool post_quantum, ech, grease, resumption;
};

/** @return a subject without values; owned by the caller, to be freed with subject_free(). */
struct subject *subject_new(const char *title);

/** Frees @p subject; NULL is fine. */
void subject_free(struct subject *subject);

/** Takes all values of a hello; the hello is not needed afterwards. */
void subject_take_hello(struct subject *subject, tlsfp_context *context,
                        const tlsfp_client_hello *hello);

/** Sets what follows from the values: the parts of a JA4, the shape from raw forms. */
void subject_complete(struct subject *subject);

#endif
