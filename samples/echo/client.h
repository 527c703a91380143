/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What the server knows of a client. The transport (TLS over TCP, or QUIC) fills it in; answers and
 * the log read it, and know nothing of the transport.
 *
 * A transport sets the address when the connection opens, calls client_set_hello() once when the
 * ClientHello is known, sets what was negotiated when the handshake ends, and calls client_clear()
 * at the end of the connection.
 */
#ifndef ECHO_CLIENT_H
#define ECHO_CLIENT_H

#include <netinet/in.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/labels.h>

/** Room for the headers of a SYN: IPv6 with an extension header, TCP with options. */
enum { CLIENT_MAX_SYN = 160 };

/** Zeros are a client of which nothing is known yet. */
typedef struct {
    char address[INET6_ADDRSTRLEN];
    uint16_t port;

    /* TCP: the headers of its SYN, if they are known. */
    uint8_t syn[CLIENT_MAX_SYN];
    uint8_t n_syn;

    /* QUIC. */
    uint32_t quic_version; /**< Of the connection; 0 without QUIC. */
    bool quic_retry;       /**< The client had to show that its address is its own. */

    /* Negotiated. The strings belong to the transport. */
    const char *version; /**< "TLSv1.3". */
    const char *cipher;  /**< IANA's name. */
    const char *group;   /**< OpenSSL's name; NULL without key exchange. */
    const char *alpn;    /**< "h2", "http/1.1" or NULL. */
    bool retried;        /**< The server sent a HelloRetryRequest. */
    bool resumed;        /**< The client resumed a session. */

    /* The hello, and what was computed from it: client_set_hello(). */
    tlsfp_span message;       /**< The first ClientHello message; empty without TLS. */
    uint16_t record_version;  /**< Of the record in which the message began, e.g. 0x0301. */
    bool parsed;              /**< The fields below are set. */
    tlsfp_client_hello hello; /**< Views into the message. */
    char ja4[TLSFP_JA4_SIZE]; /**< Empty where the message was not parsed; likewise ja3. */
    char ja3[TLSFP_JA3_SIZE];
    tlsfp_label *names; /**< From the lists of names, the most specific first; owned. */
    size_t n_names;
    bool named; /**< There are lists of names, whether or not they name this client. */
} client_info;

/**
 * Parses the hello, computes its fingerprints and looks its names up: the only place that does.
 * A message that is malformed leaves client_info::parsed false.
 *
 * @param message must stay until client_clear().
 * @param labels NULL where there are no lists of names.
 */
void client_set_hello(client_info *client, tlsfp_span message, tlsfp_transport transport,
                      tlsfp_context *context, const tlsfp_labels *labels);

/** Whether the client offered data before the handshake ends, RFC 8446 4.2.10; it is never taken.
 */
bool client_offers_early_data(const client_info *client);

/** The highest level of the client's names; TLSFP_LEVEL_NONE without names. */
tlsfp_level client_level(const client_info *client);

/** Frees what @p client owns. */
void client_clear(client_info *client);

#endif
