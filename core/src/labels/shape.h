/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is inside a shape. */
#ifndef TLSFP_SHAPE_H
#define TLSFP_SHAPE_H

#include <tlsfp/nearest.h>

/** A part's values. */
typedef struct {
    GArray *values; /* of uint16_t; NULL where the part is not known */
    bool ordered;
} shape_part;

/** What an extension holds. */
typedef struct {
    uint16_t type;
    tlsfp_span bytes; /* owned */
} shape_body;

struct tlsfp_shape {
    shape_part parts[TLSFP_N_PARTS];
    GArray *bodies; /* of shape_body; NULL where they are not known */
};

/** First and last byte of the first protocol, as JA4 has them; 0 without any. */
uint16_t shape_alpn_ends(tlsfp_span list);

/* The part TLSFP_PART_BODIES. */
GArray *bodies_new(void);
void bodies_free(GArray *bodies);
/** Copies the body of an extension, unless it is passed over, or was sent before. */
void bodies_add(GArray *bodies, uint16_t type, tlsfp_span body);
void bodies_compare(const GArray *first, const GArray *second, GArray *out);
void bodies_append_text(const tlsfp_difference *difference, GString *out);
unsigned bodies_touch(const tlsfp_difference *difference);

/** Whether an extension comes and goes with a client's connections or what it asks for: the stable
 * value leaves it out, or JA4 has it in part a only. */
bool shape_is_passing(uint16_t extension);

#endif
