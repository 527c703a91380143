/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The header that a load balancer puts in front of a connection to say whose it is.
 *
 * https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, versions 1 and 2.
 */
#ifndef ECHO_PROXY_H
#define ECHO_PROXY_H

#include <netinet/in.h>
#include <tlsfp/types.h>

enum {
    PROXY_MAX_HEADER = 4096
}; /**< No longer header is read; those seen have a few hundred bytes. */

/** Whose connection it is. */
typedef struct {
    bool known; /**< False: it is the load balancer's own (LOCAL, UNKNOWN, or no IP). */
    char address[INET6_ADDRSTRLEN];
    uint16_t port;
} proxy_source;

/**
 * Reads the header at the start of @p bytes.
 *
 * @param out_len bytes that the header has.
 * @retval TLSFP_OK @p out and @p out_len are set.
 * @retval TLSFP_MORE all of these bytes belong to a header that goes on after them.
 * @retval TLSFP_NOT_HELLO they start no header.
 * @retval TLSFP_MALFORMED the header contradicts itself.
 * @retval TLSFP_TOO_LARGE the header is longer than PROXY_MAX_HEADER.
 */
tlsfp_status proxy_parse(tlsfp_span bytes, proxy_source *out, size_t *out_len);

#endif
