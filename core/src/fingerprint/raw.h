/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Fingerprints of raw forms that are known: no list is read or sorted again. */
#ifndef TLSFP_RAW_H
#define TLSFP_RAW_H

#include <tlsfp/fingerprint.h>

/** The MD5 of ja3_r, ja3n_r or ja3s_r. */
void ja3_of_raw(tlsfp_context *context, tlsfp_span raw, char out[TLSFP_JA3_SIZE]);

/** The hashed form of ja4_r, ja4_ro or stable_r. @p part_b: that of another form with the same
 * cipher suites in the same order, or NULL. */
void ja4_of_raw(tlsfp_span raw, const char *part_b, char out[TLSFP_JA4_SIZE]);

#endif
