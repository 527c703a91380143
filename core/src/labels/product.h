/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The product that a User-Agent names, and the versions that a list gives of a client. */
#ifndef TLSFP_PRODUCT_H
#define TLSFP_PRODUCT_H

#include <glib.h>
#include <stdbool.h>

enum { PRODUCT_SIZE = 64 };

/** "Chrome", 131, of "Mozilla/5.0 (...) Chrome/131.0.0.0 Safari/537.36". */
typedef struct {
    char name[PRODUCT_SIZE]; /* a token of RFC 9110 5.6.2, cut where it is longer; may be empty */
    unsigned major;
    bool has_version;
} named_product;

/** The product that @p agent claims to be: the browser where it names one, else the first product
 * that is not Mozilla; empty where it names none. */
named_product product_of(const char *agent);

/** The name under which products with one engine and one TLS library are known: "Chrome" of
 * "HeadlessChrome". */
const char *product_alias(const char *name);

/** First and last major version in "78–79", "0.20230511–1.20260831" or "3.0". */
typedef struct {
    unsigned first, last;
} version_range;

/** @return false where @p text is NULL or does not begin with a version. */
bool version_range_read(const char *text, version_range *out);

#endif
