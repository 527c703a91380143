/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is to be explained: a fingerprint, or a hello wherever it stands. */
#ifndef EXPLAIN_SUBJECT_H
#define EXPLAIN_SUBJECT_H

#include <tlsfp/tlsfp.h>

typedef struct {
    char *title;                        /**< As it was named, and which of several it is. */
    char *values[TLSFP_N_CLIENT_KINDS]; /**< NULL: not known. */
    tlsfp_shape *shape;                 /**< NULL where only hashes are known. */
    unsigned count;                     /**< Hellos of a capture that are alike. */
    bool whole;                         /**< The hello itself is known, and so are these: */
    bool post_quantum, ech, grease, resumption;
} subject;

#define SUBJECT_ERROR (subject_error_quark())
GQuark subject_error_quark(void);

/**
 * Finds out what a word means: a value; a capture, or one frame of it ("FILE:FRAME"); a file with
 * the bytes of a hello or lines of tlsfp --json; "-"; a hello in hex; or a client's name in a list.
 * @param out subjects are appended; an array made by subjects_new().
 * @return false with @p error set.
 */
bool subjects_read(const char *word, tlsfp_clients *clients, GPtrArray *out, GError **error);

/** @return an array that frees its subjects. */
GPtrArray *subjects_new(void);

#endif
