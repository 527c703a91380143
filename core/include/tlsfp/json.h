/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A parsed hello and its fingerprints as JSON, in the shape that tlsfp's programs print: written
 * straight into a buffer, without blanks, keys in the order in which they are listed here.
 */
#ifndef TLSFP_JSON_H
#define TLSFP_JSON_H

#include <tlsfp/fingerprint.h>

G_BEGIN_DECLS

/**
 * Appends what the client sent, an object: lower-case hex strings, in the client's order, GREASE
 * included.
 *
 *     protocol_version      the legacy version, "0303"
 *     cipher_suites         array of values, "1301"
 *     extensions            array of types, "002b", each as often as it was sent
 *     server_name           the name's bytes; null without that extension
 *     ec_point_formats      array of values, "00"
 *     supported_groups      array of values, "001d"
 *     alpn                  array of names' bytes, "6832"
 *     signature_algorithms  array of values, "0403"
 *     supported_versions    array of values, "0304"
 *
 * An array is empty where the extension is absent. Half a value at the end of a list is left out.
 */
TLSFP_API void tlsfp_append_json_tls_data(const tlsfp_client_hello *hello, GString *out);

/** Appends the fingerprints, an object: strings under the keys ja3_r, ja3, ja3n_r, ja3n, ja4_r,
 * ja4, ja4_bc, ja4_ro, ja4_o, stable_r and stable. */
TLSFP_API void tlsfp_append_json_tls_fingerprints(tlsfp_context *context,
                                                  const tlsfp_client_hello *hello, GString *out);

G_END_DECLS

#endif
