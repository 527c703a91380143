/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The PROXY protocol's header, in which a load balancer names the client of a connection.
 *
 * https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, versions 1 and 2.
 */
#ifndef ECHO_PROXY_H
#define ECHO_PROXY_H

#include <netinet/in.h>
#include <tlsfp/types.h>

enum {
    PROXY_MAX_HEADER = 4096
}; /**< Longest header to read, in bytes; common ones have a few hundred. */

/** The client as the header names it. */
typedef struct {
    bool known; /**< False: no address (LOCAL, UNKNOWN, or no IP). */
    char address[INET6_ADDRSTRLEN];
    uint16_t port;
} proxy_source;

/**
 * Reads the header at the start of @p bytes.
 *
 * @param out_len length of the header, in bytes.
 * @retval TLSFP_OK @p out and @p out_len are set.
 * @retval TLSFP_MORE the header is incomplete.
 * @retval TLSFP_NOT_HELLO not a PROXY header.
 * @retval TLSFP_MALFORMED the header is malformed.
 * @retval TLSFP_TOO_LARGE the header is longer than PROXY_MAX_HEADER.
 */
tlsfp_status proxy_parse(tlsfp_span bytes, proxy_source *out, size_t *out_len);

#endif
