/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the command line asks for. */
#ifndef ECHO_OPTIONS_H
#define ECHO_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tlsfp/labels.h>

typedef enum { LOG_NONE, LOG_TEXT, LOG_JSON } log_format;

/** What one connection, and all of them, may take. Times are in microseconds. */
typedef struct {
    unsigned max_connections; /**< Of all workers together. */
    unsigned max_per_address; /**< Connections of one client address. */
    size_t max_head;          /**< Bytes of a request's head. */
    size_t max_hello;         /**< Bytes of a ClientHello message. */
    int64_t handshake_time;   /**< From the connection to the end of the handshake. */
    int64_t head_time;        /**< From a request's first byte to the end of its head. */
    int64_t idle_time;        /**< Without a request, or with an answer that nobody takes. */
} echo_limits;

typedef struct {
    char **hosts;         /**< Addresses or names to listen on; NULL: the loopback addresses. */
    uint16_t port;        /**< 0: any that is free. */
    char *cert;           /**< PEM file, or NULL: one is made. */
    char *key;            /**< PEM file, or NULL: it is in cert. */
    int tls_min;          /**< As OpenSSL has it: TLS1_2_VERSION and so on. */
    int tls_max;          /**< Likewise. */
    char *groups;         /**< For key exchange, as OpenSSL lists them, or NULL. */
    unsigned n_workers;   /**< Threads that serve. */
    log_format log;       /**< What goes to standard output. */
    bool proxy_protocol;  /**< Each connection begins with a PROXY header. */
    bool tickets;         /**< Clients may resume sessions. */
    tlsfp_labels *labels; /**< Lists of clients' names, or NULL. */
    echo_limits limits;
} echo_options;

/**
 * Reads the command line. Prints help or the version, and ends the program, where that is asked
 * for.
 * @return owned by the caller, to be freed with options_free(); NULL with @p error set, whose
 * message names the option.
 */
echo_options *options_parse(int argc, char **argv, GError **error);

/** Frees @p asked; NULL is fine. */
void options_free(echo_options *options);

#endif
