/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The page for people: one HTML document that works without scripts. */
#ifndef ECHO_PAGE_H
#define ECHO_PAGE_H

#include "answer/findings.h"
#include "http/request.h"

/**
 * @param found of a client whose hello was parsed.
 * @param request for the page.
 * @param host the server as the client calls it; from the wire.
 * @return the page; to be released with g_bytes_unref().
 */
GBytes *page_html(findings *found, const http_request *request, const char *host);

/** The Content-Security-Policy that allows the page's own style and script only; static. */
const char *page_policy(void);

#endif
