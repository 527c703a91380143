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

struct tlsfp_shape {
    shape_part parts[TLSFP_N_PARTS];
};

/** Whether an extension comes and goes with a client's connections or what it asks for: the stable
 * value leaves it out, or JA4 has it in part a only. */
bool shape_is_passing(uint16_t extension);

/** The name of a value of this part, or NULL. */
const char *difference_value_name(tlsfp_part part, uint16_t value);

#endif
