/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The keys of a QUIC client's Initial packets, and how they open one. */
#ifndef TLSFP_QUIC_KEYS_H
#define TLSFP_QUIC_KEYS_H

#include "fingerprint/context.h"

enum {
    GCM_IV_SIZE = 12,
    GCM_TAG_SIZE = 16,
};

typedef struct {
    uint8_t key[AES_KEY_SIZE]; /* RFC 9001 5.1: "quic key" */
    uint8_t iv[GCM_IV_SIZE];   /* "quic iv" */
    uint8_t hp[AES_KEY_SIZE];  /* "quic hp" */
} quic_keys;

/** An Initial packet as it came, RFC 9000 17.2.2. */
typedef struct {
    uint32_t version;
    tlsfp_span dcid;      /* Destination Connection ID */
    tlsfp_span scid;      /* Source Connection ID */
    tlsfp_span header;    /* up to the packet number, which is protected */
    tlsfp_span protected; /* from the packet number to the end of the packet */
} quic_initial;

/** Whether Initial packets of @p version can be opened here. */
bool quic_is_known(uint32_t version);

/** A client's keys, RFC 9001 5.2; the version must be known. */
void quic_derive_keys(tlsfp_context *context, uint32_t version, tlsfp_span dcid, quic_keys *out);

/** Likewise the server's, from the client's first Destination Connection ID. */
void quic_derive_server_keys(tlsfp_context *context, uint32_t version, tlsfp_span dcid,
                             quic_keys *out);

/**
 * Opens @p packet, RFC 9001 5.3 and 5.4.
 * @param expected in: one more than the largest packet number so far, or 0; out: with this packet.
 * @param out its frames, in the context's packet; good until the next call with the same context.
 * @return false where the keys are not those of this packet.
 */
bool quic_open(tlsfp_context *context, const quic_keys *keys, const quic_initial *packet,
               uint64_t *expected, tlsfp_span *out);

#endif
