/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Fills the {{names}} in page.html, and escapes everything from the wire. */
#ifndef ECHO_PAGE_PARTS_H
#define ECHO_PAGE_PARTS_H

#include "answer/findings.h"
#include "http/request.h"

/** What a page shows. */
typedef struct {
    const client_info *client;
    findings *found; /**< Of the client. */
    const http_request *request;
    const char *host;
} page_subject;

/** Appends the part with this name; false where there is none. */
bool page_append_part(GString *out, tlsfp_span name, const page_subject *subject);

/** Appends @p text from the wire, escaped as tlsfp/escape.h has it, and for HTML. */
void page_append_text(GString *out, tlsfp_span text);

#endif
