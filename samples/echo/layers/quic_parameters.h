/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The transport parameters in a QUIC client's hello: RFC 9000 7.4 and 18. */
#ifndef ECHO_QUIC_PARAMETERS_H
#define ECHO_QUIC_PARAMETERS_H

#include <tlsfp/hello.h>

/** The extension's type: RFC 9000 18. */
enum { QUIC_PARAMETERS_EXTENSION = 0x39 };

/** How a parameter's value reads. */
typedef enum {
    QUIC_VALUE_BYTES,
    QUIC_VALUE_NUMBER,   /**< A variable-length integer. */
    QUIC_VALUE_FLAG,     /**< Empty: it is there. */
    QUIC_VALUE_VERSIONS, /**< version_information, RFC 9368 3: the chosen version, those on offer.
                          */
} quic_value;

typedef struct {
    uint64_t id;
    tlsfp_span value;
} quic_parameter;

/** The parameters that a client sent; empty without any. */
tlsfp_span quic_parameters_of(const tlsfp_client_hello *hello);

/** Takes a parameter off @p list; false at the end, or where the rest is none. */
bool quic_next_parameter(tlsfp_span *list, quic_parameter *out);

/** Ids of the form 31 * N + 27 are chosen at random: RFC 9000 18.1. */
bool quic_parameter_is_grease(uint64_t id);

/** "max_idle_timeout" ...; NULL for one that is not known here. */
const char *quic_parameter_name(uint64_t id);

/** How the value of a parameter reads. */
quic_value quic_parameter_kind(uint64_t id);

/** A value that is a number; false where it is none. */
bool quic_parameter_number(const quic_parameter *parameter, uint64_t *out);

/** Versions of the form 0x?a?a?a?a are chosen at random: RFC 9000 15. */
bool quic_version_is_grease(uint32_t version);

/** "1", "2", "draft-29" ...; NULL for others. */
const char *quic_version_name(uint32_t version);

#endif
