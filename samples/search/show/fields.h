/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What can be printed of a hello, by name. */
#ifndef SEARCH_FIELDS_H
#define SEARCH_FIELDS_H

#include <netinet/in.h>

#include "match/sighting.h"

typedef struct {
    const char *name; /**< NULL for a kind of fingerprint, which has a name. */
    /** Appends the value, nothing where there is none; text from the wire escaped
     * (tlsfp/escape.h). NULL for a kind. */
    void (*append)(GString *out, sighting *seen);
    tlsfp_kind kind; /**< TLSFP_N_KINDS for what is no fingerprint. */
} search_field;

/** The field of that name, which may lack its "tlsfp."; or NULL. */
const search_field *field_named(const char *name);

/** Whether the value comes from lists of names. */
bool field_needs_names(const search_field *field);

/** Whether it comes from the server's answer. */
bool field_needs_answers(const search_field *field);

/** The server's name that the client asked for, cut to the longest that a name can be; without
 * data where there is none. */
tlsfp_span shown_name(const tlsfp_client_hello *hello);

/** Takes the next protocol off a list as tlsfp_next_protocol() does, up to as many as a client may
 * well offer. @param n how many were taken before. */
bool next_shown_protocol(tlsfp_span *list, unsigned *n, tlsfp_span *out);

/** The names of all fields, joined by ", "; to be freed by the caller. */
char *field_names(void);

/** Appends the field's name. */
void append_field_name(GString *out, const search_field *field);

/** Appends the field's value. */
void append_field(GString *out, const search_field *field, sighting *seen);

enum { ADDRESS_MAX = INET6_ADDRSTRLEN }; /**< Characters of the longest address, and NUL. */

/** Writes an address in text: @p bytes as endpoints holds them. @return the place behind it, which
 * may be overwritten. */
char *write_address(char *at, const endpoints *ends, const uint8_t *bytes);

#endif
