/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What values in a ClientHello are called: the IANA registries "TLS Parameters" and "TLS
 * ExtensionType Values", and what browsers send besides.
 *
 * Each function returns a static string, "GREASE" for the values of RFC 8701, and NULL for a value
 * without a name.
 */
#ifndef ECHO_NAMES_H
#define ECHO_NAMES_H

#include <stdint.h>

const char *name_of_cipher_suite(uint16_t value);
const char *name_of_extension(uint16_t value);
const char *name_of_group(uint16_t value);
const char *name_of_signature_algorithm(uint16_t value);
const char *name_of_version(uint16_t value);

/** Never GREASE. */
const char *name_of_point_format(uint8_t value);

#endif
