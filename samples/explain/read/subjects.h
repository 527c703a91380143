/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Reads what is named on the command line: each word gives one subject or several. */
#ifndef EXPLAIN_SUBJECTS_H
#define EXPLAIN_SUBJECTS_H

#include "subject.h"

struct subjects;

#define SUBJECT_ERROR (subject_error_quark())
GQuark subject_error_quark(void);

/** @return without any; owned by the caller, to be freed with subjects_free(). */
struct subjects *subjects_new(void);

/** Frees @p subjects and each of them; NULL is fine. */
void subjects_free(struct subjects *subjects);

size_t subjects_count(const struct subjects *subjects);

/** @return the subject with this number, from 0. */
const struct subject *subjects_get(const struct subjects *subjects, size_t number);

/**
 * Finds out what a word means, and adds the subjects that it gives: a value; a capture, or one
 * frame of it ("FILE:FRAME"); a file with the bytes of a hello or lines of tlsfp --json; "-"; a
 * hello in hex; or a client's name in @p clients.
 * @return false with @p error set.
 */
bool subjects_read(struct subjects *subjects, const char *word, const tlsfp_clients *clients,
                   GError **error);

#endif
