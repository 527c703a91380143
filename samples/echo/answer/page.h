/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The page for people: one HTML document that works without scripts. */
#ifndef ECHO_PAGE_H
#define ECHO_PAGE_H

#include "client.h"

/**
 * @param client whose hello was parsed.
 * @param host the server as the client calls it; from the wire.
 * @return the page; to be released with g_bytes_unref().
 */
GBytes *page_html(const client_info *client, const char *host, tlsfp_context *context);

/** The Content-Security-Policy that allows the page's own style and script only; static. */
const char *page_policy(void);

#endif
