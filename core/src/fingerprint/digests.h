/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Hashes of texts, and those made before: hellos are many, the lists in them few. A text that is
 * known costs a comparison; what a new one costs beyond its hash is a copy of it.
 *
 * A text is known by all of its bytes. Which texts push each other out a client may choose; it
 * gains nothing but that they are hashed again.
 */
#ifndef TLSFP_DIGESTS_H
#define TLSFP_DIGESTS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    DIGEST_NONE,
    DIGEST_JA3, /* MD5, 32 digits */
    DIGEST_JA4, /* SHA-256, its first 12 digits */
} digest_kind;

enum {
    DIGEST_MAX = 32,
    KNOWN_TEXTS = 256,
    KNOWN_MAX = 346, /* characters; longer texts are hashed each time */
    KNOWN_MIN = 32,  /* likewise shorter ones */
};

typedef struct {
    uint16_t len;
    uint8_t kind; /* digest_kind */
    char digits[DIGEST_MAX];
    char text[KNOWN_MAX];
} known_text;

/** Zeroed at first, but for the checksum. */
typedef struct {
    GChecksum *md5;
    known_text known[KNOWN_TEXTS];
} digests;

/** Writes the digits of the hash of the text from @p text to @p end; returns the place behind. */
char *write_digest(digests *made, digest_kind kind, const char *text, const char *end, char *at);

#endif
