/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is known of a subject, in words and in JSON. */
#ifndef EXPLAIN_SAY_H
#define EXPLAIN_SAY_H

#include <jansson.h>

#include "subject.h"

/** The lists that subjects are compared with. */
typedef struct {
    tlsfp_labels *labels;
    tlsfp_clients *clients;
} lists;

/** Prints a subject. @return whether a list knows it, or a client near to it. */
bool say_subject(const subject *about, const lists *known);

/** The same in JSON: a new reference. */
json_t *say_json(const subject *about, const lists *known, bool *out_known);

/** Appends a difference, and which fingerprints it touches. */
void say_difference(const tlsfp_difference *difference, GString *out);

/** "ja4", "ja4_c" ...: those that a difference touches, a new reference. */
json_t *touched_json(const tlsfp_difference *difference);

#endif
