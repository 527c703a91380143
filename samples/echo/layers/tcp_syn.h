/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The SYN with which a client opened its TCP connection, and its known textual forms. */
#ifndef ECHO_TCP_SYN_H
#define ECHO_TCP_SYN_H

#include <tlsfp/types.h>

/* RFC 9293 3.2, RFC 7323, RFC 2018 */
enum {
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_MSS = 2,
    TCP_OPTION_SCALE = 3,
    TCP_OPTION_SACK_PERMITTED = 4,
    TCP_OPTION_SACK = 5,
    TCP_OPTION_TIMESTAMPS = 8,
};

enum { TCP_MAX_OPTIONS = 40 }; /**< The bytes that options may take: RFC 9293 3.1. */

/** Oddities, in the order in which p0f lists them (README, "TCP signatures"). */
enum {
    QUIRK_DF = 1 << 0,
    QUIRK_ID_SET = 1 << 1,  /**< Together with DF. */
    QUIRK_ID_ZERO = 1 << 2, /**< Without DF. */
    QUIRK_ECN = 1 << 3,
    QUIRK_RESERVED = 1 << 4, /**< The bit of IPv4 that must be zero. */
    QUIRK_FLOW = 1 << 5,
    QUIRK_SEQUENCE_ZERO = 1 << 6,
    QUIRK_ACK_SET = 1 << 7,  /**< The number, without the flag. */
    QUIRK_ACK_ZERO = 1 << 8, /**< The other way round. */
    QUIRK_URGENT_SET = 1 << 9,
    QUIRK_URGENT_FLAG = 1 << 10,
    QUIRK_PUSH = 1 << 11,
    QUIRK_TIME_ZERO = 1 << 12,
    QUIRK_ECHO_SET = 1 << 13,
    QUIRK_AFTER_END = 1 << 14, /**< Something other than zeros after the last option. */
    QUIRK_SCALE_LARGE = 1 << 15,
    QUIRK_OPTIONS_BAD = 1 << 16,
};

typedef struct {
    uint8_t ip_version; /**< 4 or 6. */
    uint8_t ttl;        /**< Or hop limit, as it arrived. */
    unsigned ip_options_len;
    unsigned headers_len; /**< IP and TCP, options included. */
    bool has_payload;
    uint16_t id;   /**< IPv4. */
    uint32_t flow; /**< IPv6. */
    uint16_t source_port, destination_port;
    uint32_t sequence;
    uint16_t window;
    uint8_t kinds[TCP_MAX_OPTIONS]; /**< Of the options, in order. */
    unsigned n_kinds;
    unsigned n_padding; /**< Bytes after the option that ends the list. */
    bool has_mss, has_scale, has_timestamps;
    uint16_t mss;
    uint8_t scale;
    uint32_t timestamp;
    unsigned quirks;
} tcp_syn;

/** @param headers IP and TCP, as Linux's TCP_SAVED_SYN gives them. @return false where they are
 * none. */
bool tcp_syn_parse(tlsfp_span headers, tcp_syn *out);

/** "mss", "sok" ...; NULL for others: p0f's names. */
const char *tcp_option_name(uint8_t kind);

/** Appends the signature that p0f 3 prints as raw_sig. */
void tcp_syn_append_p0f(const tcp_syn *syn, GString *out);

/** Appends window:options:mss:scale; "MuonFP TCP Fingerprint Format", draft 0.9. */
void tcp_syn_append_muonfp(const tcp_syn *syn, GString *out);

#endif
