/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the command line asks for. */
#ifndef ECHO_OPTIONS_H
#define ECHO_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tlsfp/labels.h>

#include "answer/findings.h"

typedef enum { LOG_NONE, LOG_TEXT, LOG_JSON } log_format;

/** Limits of connections. Times are in microseconds. */
typedef struct {
    unsigned max_connections; /**< In all workers. */
    unsigned max_per_address; /**< From one client address. */
    unsigned prefix_bits;     /**< Of an IPv6 address that count for max_per_address. */
    unsigned costly_rate;     /**< Handshakes a second in costly groups, in each worker. */
    size_t max_head;          /**< Longest request head, in bytes. */
    size_t max_hello;         /**< Longest ClientHello message, in bytes. */
    int64_t handshake_time;   /**< From accept to the end of the handshake. */
    int64_t head_time;        /**< From the first byte of a request's head to its end. */
    int64_t idle_time; /**< Without a request, or with an answer that the client does not read. */
} echo_limits;

typedef struct {
    char **hosts;         /**< Addresses or names to listen on; NULL: the loopback addresses. */
    uint16_t port;        /**< 0: any free one. */
    bool quic;            /**< Serve HTTP/3, too. */
    uint16_t quic_port;   /**< Of UDP; 0: that of TCP. */
    char *cert;           /**< PEM file; NULL: a self-signed certificate. */
    char *key;            /**< PEM file; NULL: the key is in cert. */
    int tls_min;          /**< OpenSSL's constant, e.g. TLS1_2_VERSION. */
    int tls_max;          /**< Likewise. */
    char *groups;         /**< Key exchange groups in OpenSSL's syntax, or NULL. */
    unsigned n_workers;   /**< Threads. */
    log_format log;       /**< What goes to standard output. */
    bool proxy_protocol;  /**< Connections begin with a PROXY header. */
    bool tickets;         /**< Clients may resume sessions. */
    tlsfp_labels *labels; /**< Names of clients, or NULL. */
    known_clients *known; /**< Of the same lists. */
    bool cors;            /**< Scripts of other sites may read JSON. */
    bool json_only;       /**< No pages. */
    char *unix_path;      /**< Listen there in place of TCP; or NULL. */
    bool inetd;           /**< Standard input is the socket to listen on. */
    echo_limits limits;
} echo_options;

/**
 * Reads the command line. --help and --version print and end the program.
 * @return owned by the caller, to be freed with options_free(); NULL with @p error set, whose
 * message names the option.
 */
echo_options *options_parse(int argc, char **argv, GError **error);

/** Frees @p options; NULL is fine. */
void options_free(echo_options *options);

#endif
