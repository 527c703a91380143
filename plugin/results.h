/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The fingerprints of one hello, computed from its bytes. They are kept until the file is
 * closed. */
#ifndef TLSFP_RESULTS_H
#define TLSFP_RESULTS_H

#include "compat.h"
#include "fields.h"

#include <tlsfp/tlsfp.h>

/** What the plugin keeps with a packet. */
enum {
    KEY_RESULTS,         /**< wmem_array_t of result *. */
    KEY_QUIC_CONNECTION, /**< See connections.h. */
};

enum {
    MAX_LISTED = 1000
}; /**< Values of a list that are kept to be shown; no client sends more. */

/** Some values as they were sent. */
typedef struct {
    const uint16_t *values;
    unsigned n_kept; /**< At most MAX_LISTED. */
    unsigned n_sent;
} value_list;

/** What is shown of a ClientHello besides its fingerprints. */
typedef struct {
    tlsfp_transport transport;
    const char *server_name; /**< As text, escaped; NULL where the client names none. */
    value_list lists[N_LISTS];
    bool flags[N_FLAGS];
} hello_details;

/** What one hello gave. Everything lives as long as the capture file is open. */
typedef struct {
    const char *title;   /**< "JA4", "JA3S", or why there is no fingerprint. */
    const char *summary; /**< The value to go with the title; NULL for a malformed hello. */
    const char *values[TLSFP_N_KINDS]; /**< NULL where the hello has none. */
    hello_details *details;            /**< NULL but for a ClientHello. */
    bool is_retry_request;             /**< A ServerHello that asks for another ClientHello. */
    bool is_repeat; /**< A ClientHello that its connection had before, byte for byte. */
    bool is_ssl2;   /**< A ClientHello in SSL 2.0 framing, of which nothing is known. */
} result;

/** Allocates what all packets share; to be called once. */
void results_start(void);

/** Frees what results_start() allocated. */
void results_stop(void);

/**
 * Computes the fingerprints of a handshake message.
 *
 * @param out is set where there is something to show: a hello, or a malformed ClientHello, which
 * has no values.
 * @return whether it is set; a message that is no hello, or not whole, has no result.
 */
bool results_of(tlsfp_span message, tlsfp_transport transport, result *out);

#endif
