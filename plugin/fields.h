/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The fields that a hello's subtree holds, in the order in which they stand there. */
#ifndef TLSFP_FIELDS_H
#define TLSFP_FIELDS_H

typedef enum {
    FIELD_JA4,
    FIELD_JA4_A,
    FIELD_JA4_B,
    FIELD_JA4_C,
    FIELD_JA4_R,
    FIELD_JA4_O,
    FIELD_JA4_RO,
    FIELD_STABLE,
    FIELD_STABLE_R,
    FIELD_JA3,
    FIELD_JA3_R,
    FIELD_JA3S,
    FIELD_JA3S_R,
    N_FIELDS
} field;

#endif
