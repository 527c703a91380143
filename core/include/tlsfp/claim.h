/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Whether a hello fits what its client says it is, in the User-Agent of a request.
 *
 * A family of clients is known where the list has real ones of it, at least one with a User-Agent
 * that names the same product. What comes and goes with a connection, or with what is asked for, is
 * not compared: server_name, ALPN, padding, session_ticket, pre_shared_key, early_data, cookie, key
 * shares; and the order of extensions only with clients that keep one (they have a JA3), and whose
 * next version keeps one, too.
 */
#ifndef TLSFP_CLAIM_H
#define TLSFP_CLAIM_H

#include <tlsfp/nearest.h>

G_BEGIN_DECLS

typedef enum {
    TLSFP_CLAIM_FITS,         /**< A known client of that family and version, or where the list has
                                 none of that version, of the nearest one, sends the same. */
    TLSFP_CLAIM_DOES_NOT_FIT, /**< The list has versions below and above the one claimed, or that
                                 one, and none of them sends this. */
    TLSFP_CLAIM_UNKNOWN,      /**< The family is not in the list, or not in this version; or it uses
                                 whatever TLS library the system has. */
} tlsfp_claim;

/**
 * Compares a hello with the known clients that its User-Agent names. Its cost grows with the number
 * of clients in that family; several threads may call it at a time.
 *
 * @param user_agent what a stranger sent; any bytes.
 * @param out_why one sentence is appended: UTF-8 without control characters.
 */
TLSFP_API tlsfp_claim tlsfp_claim_judge(const tlsfp_clients *clients, const char *user_agent,
                                        const tlsfp_shape *shape, GString *out_why);

/** "fits", "does not fit" or "unknown". */
TLSFP_API const char *tlsfp_claim_name(tlsfp_claim claim);

/** Appends the product that a User-Agent names, with its major version: "Chrome/131", "curl/7";
 * nothing where it names none. ASCII, at most 75 characters. */
TLSFP_API void tlsfp_claim_product(const char *user_agent, GString *out);

G_END_DECLS

#endif
