/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a context holds, for the files that compute with it. */
#ifndef TLSFP_CONTEXT_H
#define TLSFP_CONTEXT_H

#include <gcrypt.h>
#include <tlsfp/fingerprint.h>

#include "fingerprint/digests.h"

enum {
    MAX_VALUES = 0xffff / 2,     /* 2-byte values in a list with a 2-byte length */
    MAX_EXTENSIONS = 0xffff / 4, /* empty extensions in a block */
    /* The longest text is a JA3: version, three lists of up to five digits and a separator, formats
       of up to three. */
    MAX_TEXT = 32 + 6 * (2 * MAX_VALUES + MAX_EXTENSIONS) + 4 * 0xff,
    AES_KEY_SIZE = 16,     /* AES-128 */
    MAX_DATAGRAM = 0xffff, /* a UDP payload is shorter, RFC 768 */
};

/** A value as JA3 writes it, once it has been written. */
typedef struct {
    char text[7]; /* at most five digits and '-'; padded so that every copy has the same size */
    uint8_t len;  /* 0 before that */
} decimal;

/** Where lists are sorted. */
typedef struct {
    uint16_t spare[MAX_VALUES];
    uint64_t present[0x10000 / 64];       /* a bit for each value; none is set between two calls */
    uint64_t occupied[0x10000 / 64 / 64]; /* a bit for each word of present that is not 0 */
} sort_room;

/** A hello's lists without GREASE, from which all of its values are written. */
typedef struct {
    size_t n_ciphers, n_types;
    uint16_t ciphers[MAX_VALUES], types[MAX_EXTENSIONS]; /* as sent */
    bool has_sorted;
    uint16_t sorted_types[MAX_EXTENSIONS];
} hello_lists;

/** A cipher, and the key that it has now. */
typedef struct {
    gcry_cipher_hd_t handle;
    bool has_key;
    uint8_t key[AES_KEY_SIZE];
} keyed_cipher;

struct tlsfp_context {
    digests digests;
    gcry_md_hd_t hmac;      /* SHA-256, for QUIC's HKDF */
    gcry_md_hd_t hmac_salt; /* likewise, its key is */
    const uint8_t *salt;    /* of a version; NULL before the first one */
    keyed_cipher aes_ecb;   /* QUIC header protection */
    keyed_cipher aes_gcm;   /* QUIC packet protection */
    uint16_t values[MAX_VALUES];
    hello_lists lists;
    sort_room room;
    decimal decimals[0x10000];
    char text[MAX_TEXT];
    uint8_t packet[MAX_DATAGRAM];
};

#endif
