/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file The fingerprints of one packet: computed when it is first seen, and kept until the file is
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

/** What there is to a ClientHello besides its fingerprints. */
typedef struct {
    tlsfp_transport transport;
    const char *server_name; /**< As text, escaped; NULL where the client names none. */
    value_list lists[N_LISTS];
    bool flags[N_FLAGS];
} hello_details;

typedef struct client_labels client_labels; /* client_names.h */

/** What one hello gave. Everything lives as long as the capture file is open. */
typedef struct {
    const char *title;   /**< "JA4", "JA3S", or why there is no fingerprint. */
    const char *summary; /**< The value to go with the title; NULL for a malformed hello. */
    const char *values[N_FIELDS]; /**< NULL where the hello has none. */
    hello_details *details;       /**< NULL but for a ClientHello. */
    bool is_retry_request;        /**< A ServerHello that asks for another ClientHello. */
    unsigned names_generation;    /**< Which of its names are known: client_names.h keeps these. */
    client_labels *names;
    const char *trouble; /**< With the lists of names, told by one hello of a file; or NULL. */
} result;

/** Makes room for what is shared by all packets; to be called once. */
void results_start(void);

/** Gives back what results_start() took. */
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
