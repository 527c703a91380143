/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What can be printed of a hello, by name. */
#ifndef SEARCH_FIELDS_H
#define SEARCH_FIELDS_H

#include "match/sighting.h"

typedef struct {
    const char *name;
    /** Appends the value, nothing where there is none; text from the wire escaped (tlsfp/escape.h).
     */
    void (*append)(GString *out, sighting *seen);
} field;

/** The field of that name, or NULL. */
const field *field_named(const char *name);

/** The names of all fields, joined by ", "; to be freed by the caller. */
char *field_names(void);

/** Who carries the hello, as a word: "tls", "quic" or "dtls". */
const char *transport_name(tlsfp_transport transport);

/** The address in text, into @p out: @p bytes as endpoints holds them. */
void append_address(GString *out, const endpoints *ends, const uint8_t *bytes);

#endif
