/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What fills the {{names}} in page.html; everything from the wire is escaped here. */
#ifndef ECHO_PAGE_PARTS_H
#define ECHO_PAGE_PARTS_H

#include "client.h"

/** What the page is about. */
typedef struct {
    const client_info *client;
    const char *host;
    tlsfp_context *context;
} page_subject;

/** Appends the part of this name; nothing, and false, where there is none. */
bool page_append_part(GString *out, tlsfp_span name, const page_subject *subject);

/** Appends @p text, from the wire, for HTML: escaped, with U+FFFD for what is no UTF-8. */
void page_append_text(GString *out, tlsfp_span text);

#endif
