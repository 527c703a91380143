/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Which groups the server exchanges keys in, and a bound on the costly ones.
 *
 * A client chooses the group. With P-256 or X448 a handshake costs the server 1.2 to 1.4 times what
 * it costs with X25519, with P-384 or P-521 1.6 to 4 times, with finite fields of 2048, 3072 and
 * 8192 bits 3, 7 and 130 times (`tests/bench/echo --only choices`). Costly handshakes are counted
 * together: when a worker has done many, a client that wants another is left with the cheap groups,
 * until time has passed.
 */
#ifndef ECHO_KEY_EXCHANGE_H
#define ECHO_KEY_EXCHANGE_H

#include <openssl/ssl.h>
#include <tlsfp/hello.h>

/** What --groups comes to; starts as zeros. */
typedef struct {
    char *cheap; /**< The cheap ones in OpenSSL's syntax; NULL where there are none. */
    bool costly; /**< There are costly ones, too. */
    bool finite; /**< There are finite fields: TLS 1.2's DHE is on. */
} key_groups;

/**
 * Sets the groups of @p tls.
 * @param list as SSL_CTX_set1_groups_list() takes it; NULL for the default: X25519, P-256, X448,
 * the hybrids that this OpenSSL has, P-384, P-521.
 * @param out to be cleared with key_groups_clear().
 * @return false where OpenSSL refuses the list; key_groups_refusal() says why.
 */
bool key_groups_set(SSL_CTX *tls, const char *list, key_groups *out);

/** Why OpenSSL refuses a list, for people; to be freed with g_free(). Changes the groups of @p tls.
 */
char *key_groups_refusal(SSL_CTX *tls, const char *list);

/** Frees what @p groups holds. */
void key_groups_clear(key_groups *groups);

/** Costly handshakes that may still be done; starts as zeros. */
typedef struct {
    double left;
    int64_t at; /**< When left was true, in microseconds. */
} costly_budget;

/** Takes one handshake off a budget of @p per_second; false where there is none left. */
bool costly_budget_take(costly_budget *budget, unsigned per_second, int64_t now);

/** Whether the server, with these groups, may choose a costly one for this hello. */
bool key_groups_may_cost(const key_groups *groups, const tlsfp_client_hello *hello);

/** Leaves a handshake, before it reads the hello, with the cheap groups. */
void key_groups_limit(const key_groups *groups, SSL *ssl);

#endif
