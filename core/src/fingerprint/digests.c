/* SPDX-License-Identifier: BSD-3-Clause */
#include "fingerprint/digests.h"

#include <gcrypt.h>
#include <string.h>

#include "fingerprint/text.h"

static const size_t n_digits[] = {[DIGEST_JA3] = 32, [DIGEST_JA4] = 12};

static void hash_text(digests *made, digest_kind kind, const char *text, size_t len, char *at)
{
    uint8_t digest[32];
    gsize md5_len = sizeof digest;
    if (kind == DIGEST_JA4) {
        gcry_md_hash_buffer(GCRY_MD_SHA256, digest, text, len);
    } else {
        g_checksum_reset(made->md5);
        g_checksum_update(made->md5, (const guchar *)text, (gssize)len);
        g_checksum_get_digest(made->md5, digest, &md5_len);
    }
    write_hex(at, digest, n_digits[kind] / 2);
}

/** Five words of the text, spread over it, tell lists apart well enough. */
static known_text *place_of(digests *made, digest_kind kind, const char *text, size_t len)
{
    const size_t at[] = {0, len / 4, len / 2, len / 4 * 3, len - sizeof(uint64_t)};
    uint64_t hash = len * 4 + kind;
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
        uint64_t word;
        memcpy(&word, text + at[i], sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return &made->known[hash % KNOWN_TEXTS];
}

char *write_digest(digests *made, digest_kind kind, const char *text, const char *end, char *at)
{
    const size_t len = (size_t)(end - text);
    if (len < KNOWN_MIN || len > KNOWN_MAX) {
        hash_text(made, kind, text, len, at);
        return at + n_digits[kind];
    }
    known_text *known = place_of(made, kind, text, len);
    if (known->kind != kind || known->len != len || memcmp(known->text, text, len) != 0) {
        hash_text(made, kind, text, len, known->digits);
        memcpy(known->text, text, len);
        known->len = (uint16_t)len;
        known->kind = (uint8_t)kind;
    }
    memcpy(at, known->digits, n_digits[kind]);
    return at + n_digits[kind];
}
