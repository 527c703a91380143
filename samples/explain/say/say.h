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

/** Says how two subjects with shapes differ, and which fingerprints each difference touches.
 * @return whether they are the same. */
bool say_differences(const struct subject *first, const struct subject *second, bool json);

/** Says whether a subject fits a User-Agent. */
tlsfp_claim say_claim(const struct subject *subject, const struct lists *lists,
                      const char *user_agent, bool json);

#endif
