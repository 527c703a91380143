/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a connection shows of its client's HTTP; http/ fills it in, answers read it. */
#ifndef ECHO_HTTP_FACTS_H
#define ECHO_HTTP_FACTS_H

#include "layers/http2_frames.h"

/** Starts as zeros. */
typedef struct {
    unsigned version;     /**< 1, 2 or 3. */
    http2_frames frames;  /**< HTTP/2. */
    GByteArray *settings; /**< HTTP/3: as http3_next_setting() reads them; NULL else. */
    GString *first;       /**< HTTP/2 and 3: the fields of the first request, or NULL. */
} http_facts;

/** Frees what @p facts holds. */
void http_facts_clear(http_facts *facts);

/* A request's fields, those with a colon in front included: a GString of names and values, each
   with a NUL behind it. */

/** Adds a field to @p fields, which is made where it is NULL. */
void fields_add(GString **fields, tlsfp_span name, tlsfp_span value);

/** Takes a field off a list of fields; false at the end. */
bool fields_next(tlsfp_span *list, const char **out_name, const char **out_value);

/** The list for fields_next(); empty for NULL. */
tlsfp_span fields_list(const GString *fields);

/** Appends the first letters of the pseudo-header fields in their order, "m,a,s,p". */
void fields_append_pseudo_order(const GString *fields, GString *out);

#endif
