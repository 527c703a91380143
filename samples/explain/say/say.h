/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Answers on standard output: in words, or as one JSON object a line. */
#ifndef EXPLAIN_SAY_H
#define EXPLAIN_SAY_H

#include "lists.h"
#include "subject.h"

/** Says what a subject's values mean, and whose they are. @return whether a list has the client, or
 * one near to it. */
bool say_subject(const struct subject *subject, const struct lists *lists);
bool say_subject_json(const struct subject *subject, const struct lists *lists);

/**
 * Says how two subjects with shapes differ, and which fingerprints each difference touches.
 * @param only what touches none of these (TLSFP_TOUCHES_...), or only those of which both subjects
 * have the same value, is left out; 0: nothing is.
 * @return whether there is no difference.
 */
bool say_differences(const struct subject *first, const struct subject *second, unsigned only,
                     bool json);

/** TLSFP_TOUCHES_... of "ja4", "ja4_a", "stable" ...; 0 where there is none. */
unsigned touched_by_name(const char *name);

/** Says whether a subject fits a User-Agent. */
tlsfp_claim say_claim(const struct subject *subject, const struct lists *lists,
                      const char *user_agent, bool json);

#endif
