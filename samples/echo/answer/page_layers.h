/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The page's sections on known clients, HTTP, TCP and QUIC. Nothing where there is nothing
 * to tell. */
#ifndef ECHO_PAGE_LAYERS_H
#define ECHO_PAGE_LAYERS_H

#include "answer/page_parts.h"

/** The nearest known client, what differs, and whether the User-Agent fits. */
void page_put_known(GString *out, const page_subject *subject);

/** The version of HTTP, the fingerprint of its settings, the order of the fields. */
void page_put_http(GString *out, const page_subject *subject);

/** TCP's SYN, or QUIC's transport parameters. */
void page_put_transport(GString *out, const page_subject *subject);

/** How a value of the hello differs from the nearest known client's: a note for its row, or NULL.
 */
const char *page_difference(const page_subject *subject, tlsfp_part part, uint16_t value);

#endif
