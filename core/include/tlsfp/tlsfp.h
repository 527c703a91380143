/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * All of tlsfp: handshake bytes in, fingerprints out.
 *
 *     bytes (TCP, UDP)  ->  tlsfp_stream, tlsfp_dtls, tlsfp_quic  ->  one handshake message
 *                       ->  tlsfp_parse()  ->  tlsfp_ja3(), tlsfp_ja4()
 */
#ifndef TLSFP_TLSFP_H
#define TLSFP_TLSFP_H

#include <tlsfp/claim.h>
#include <tlsfp/dtls.h>
#include <tlsfp/escape.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/hash.h>
#include <tlsfp/hello.h>
#include <tlsfp/json.h>
#include <tlsfp/labels.h>
#include <tlsfp/names.h>
#include <tlsfp/nearest.h>
#include <tlsfp/quic.h>
#include <tlsfp/stream.h>
#include <tlsfp/traits.h>
#include <tlsfp/types.h>

#endif
