/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The fingerprints of one packet: computed when it is first seen, and kept until the file is
 * closed. */
#ifndef TLSFP_RESULTS_H
#define TLSFP_RESULTS_H

#include "compat.h"
#include "fields.h"

#include <tlsfp/tlsfp.h>

/** What one hello gave. Everything lives as long as the capture file is open. */
typedef struct {
    const char *title;   /**< "JA4", "JA3S", or why there is no fingerprint. */
    const char *summary; /**< The value to go with the title; NULL for a malformed hello. */
    const char *values[N_FIELDS]; /**< NULL where the hello has none. */
} result;

/** Makes room for what is shared by all packets; to be called once. */
void results_start(void);

/** Gives back what results_start() took. */
void results_stop(void);

/**
 * Computes the fingerprints of a handshake message and adds them to @p results, an array of result.
 *
 * A message that is no hello, or not whole, adds nothing; a malformed ClientHello adds a result
 * without values.
 *
 * @param results lives in file scope.
 */
void results_add(wmem_array_t *results, tlsfp_span message, tlsfp_transport transport);

#endif
