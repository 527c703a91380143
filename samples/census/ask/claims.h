/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a User-Agent says a client is, in short. */
#ifndef CENSUS_CLAIMS_H
#define CENSUS_CLAIMS_H

#include <glib.h>

/**
 * The product and its major version: "Chrome/131" of a whole User-Agent of Chrome, "curl/7",
 * "Firefox/128"; "(none)" of an empty one. To be freed with g_free().
 */
char *claim_product(const char *agent);

#endif
