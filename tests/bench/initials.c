/* SPDX-License-Identifier: BSD-3-Clause */
#include "initials.h"

#include <gcrypt.h>
#include <glib.h>
#include <string.h>

enum {
    SECRET_SIZE = 32,
    KEY_SIZE = 16,
    IV_SIZE = 12,
    TAG_SIZE = 16,
    HEADER_SIZE = 1 + 4 + 1 + DCID_SIZE + 1 + 1 + 2, /* no source connection ID, no token */
    NUMBER_AT = HEADER_SIZE,
    FRAMES_AT = HEADER_SIZE + 1,
    FRAMES_SIZE = DATAGRAM_SIZE - FRAMES_AT - TAG_SIZE,
    CRYPTO_HEADER_SIZE = 5,
    SAMPLE_AT = NUMBER_AT + 4, /* RFC 9001 5.4.2 */
    SAMPLE_SIZE = 16,
    FRAME_CRYPTO = 6,
};

G_STATIC_ASSERT(CRYPTO_HEADER_SIZE + MAX_CRYPTO == FRAMES_SIZE);

static struct {
    gcry_md_hd_t extract, expand; /* HMAC-SHA-256 */
    gcry_cipher_hd_t aead, mask;
    uint8_t dcid[DCID_SIZE], iv[IV_SIZE];
} keys;

static void check(gcry_error_t error)
{
    if (error != 0)
        g_error("libgcrypt: %s", gcry_strerror(error));
}

void initials_start(void)
{
    static const uint8_t salt[] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                   0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
    gcry_check_version(NULL);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    check(gcry_md_open(&keys.extract, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC));
    check(gcry_md_open(&keys.expand, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC));
    check(gcry_md_setkey(keys.extract, salt, sizeof salt)); /* RFC 9001 5.2 */
    check(gcry_cipher_open(&keys.aead, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_GCM, 0));
    check(gcry_cipher_open(&keys.mask, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_ECB, 0));
}

/** HKDF-Expand-Label, RFC 8446 7.1, from the secret that keys.expand has. */
static void expand_label(const char *label, uint8_t len, uint8_t *out)
{
    uint8_t full_len = (uint8_t)(strlen("tls13 ") + strlen(label));
    gcry_md_reset(keys.expand);
    gcry_md_write(keys.expand, (const uint8_t[]){0, len, full_len}, 3);
    gcry_md_write(keys.expand, "tls13 ", strlen("tls13 "));
    gcry_md_write(keys.expand, label, strlen(label));
    gcry_md_write(keys.expand, (const uint8_t[]){0, 1}, 2); /* no context; the first block */
    memcpy(out, gcry_md_read(keys.expand, GCRY_MD_SHA256), len);
}

void initials_key(const uint8_t dcid[DCID_SIZE])
{
    uint8_t secret[SECRET_SIZE], key[KEY_SIZE];
    memcpy(keys.dcid, dcid, DCID_SIZE);
    gcry_md_reset(keys.extract);
    gcry_md_write(keys.extract, dcid, DCID_SIZE);
    check(gcry_md_setkey(keys.expand, gcry_md_read(keys.extract, GCRY_MD_SHA256), SECRET_SIZE));
    expand_label("client in", SECRET_SIZE, secret);
    check(gcry_md_setkey(keys.expand, secret, SECRET_SIZE));
    expand_label("quic key", KEY_SIZE, key);
    check(gcry_cipher_setkey(keys.aead, key, KEY_SIZE));
    expand_label("quic hp", KEY_SIZE, key);
    check(gcry_cipher_setkey(keys.mask, key, KEY_SIZE));
    expand_label("quic iv", IV_SIZE, keys.iv);
}

void initials_head(const uint8_t dcid[DCID_SIZE], uint8_t out[DATAGRAM_SIZE])
{
    const size_t len = DATAGRAM_SIZE - HEADER_SIZE;
    const uint8_t behind[] = {0, 0, (uint8_t)(0x40 | len >> 8), (uint8_t)len};
    memcpy(out, (const uint8_t[]){0xc0, 0, 0, 0, 1, DCID_SIZE}, 6);
    memcpy(out + 6, dcid, DCID_SIZE);
    memcpy(out + 6 + DCID_SIZE, behind, sizeof behind);
}

/** RFC 9000 19.6, two bytes for offset and length each. */
static void put_crypto(const uint8_t *crypto, size_t offset, size_t len, uint8_t *out)
{
    g_assert(len <= MAX_CRYPTO && offset < 1 << 14);
    const uint8_t header[] = {FRAME_CRYPTO, (uint8_t)(0x40 | offset >> 8), (uint8_t)offset,
                              (uint8_t)(0x40 | len >> 8), (uint8_t)len};
    memcpy(out, header, CRYPTO_HEADER_SIZE);
    memcpy(out + CRYPTO_HEADER_SIZE, crypto, len);
    memset(out + CRYPTO_HEADER_SIZE + len, 0, MAX_CRYPTO - len);
}

void initials_seal(uint8_t number, const uint8_t *crypto, size_t offset, size_t len,
                   uint8_t out[DATAGRAM_SIZE])
{
    uint8_t nonce[IV_SIZE], mask[SAMPLE_SIZE];
    initials_head(keys.dcid, out);
    out[NUMBER_AT] = number;
    put_crypto(crypto, offset, len, out + FRAMES_AT);
    memcpy(nonce, keys.iv, IV_SIZE);
    nonce[IV_SIZE - 1] ^= number;
    check(gcry_cipher_setiv(keys.aead, nonce, IV_SIZE));
    check(gcry_cipher_authenticate(keys.aead, out, FRAMES_AT));
    check(gcry_cipher_encrypt(keys.aead, out + FRAMES_AT, FRAMES_SIZE, NULL, 0));
    check(gcry_cipher_gettag(keys.aead, out + FRAMES_AT + FRAMES_SIZE, TAG_SIZE));
    check(gcry_cipher_encrypt(keys.mask, mask, SAMPLE_SIZE, out + SAMPLE_AT, SAMPLE_SIZE));
    out[0] ^= mask[0] & 0x0f; /* RFC 9001 5.4.1 */
    out[NUMBER_AT] ^= mask[1];
}
