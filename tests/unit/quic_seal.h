/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Seals QUIC Initial packets, RFC 9001 5 and RFC 9369 3: what core's quic_keys.c opens, written
 * apart from it. libgcrypt must have been started, as tlsfp_context_new() does.
 */
#ifndef TLSFP_QUIC_SEAL_H
#define TLSFP_QUIC_SEAL_H

#include <gcrypt.h>
#include <string.h>

#include "writer.h"

enum {
    SEAL_VERSION_1 = 0x00000001,
    SEAL_VERSION_2 = 0x6b3343cf,
    SEAL_SECRET_SIZE = 32,
    SEAL_TAG_SIZE = 16,
};

/** What an Initial packet says, and whose keys seal it. */
typedef struct {
    uint32_t version;
    tlsfp_span key_dcid; /* the connection ID that the keys follow from */
    tlsfp_span dcid, scid, token;
    uint32_t number;
    size_t number_len; /* 1 to 4 */
    bool from_server;
} seal_packet;

static inline tlsfp_span seal_salt(uint32_t version)
{
    if (version == SEAL_VERSION_2) /* RFC 9369 3.3.1 */
        return SPAN("\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93"
                    "\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9");
    if (version >= 0xff00001d && version <= 0xff000020) /* draft-ietf-quic-tls-29 5.2 */
        return SPAN("\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97"
                    "\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99");
    if ((version >= 0xff000017 && version <= 0xff00001c) || version >> 12 == 0xfaceb)
        return SPAN("\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7" /* draft-ietf-quic-tls-23 5.2 */
                    "\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02");
    return SPAN("\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17" /* RFC 9001 5.2 */
                "\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a");
}

static inline void seal_hmac(tlsfp_span key, tlsfp_span data, uint8_t out[SEAL_SECRET_SIZE])
{
    gcry_md_hd_t md;
    g_assert_cmpuint(gcry_md_open(&md, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC), ==, 0);
    g_assert_cmpuint(gcry_md_setkey(md, key.data, key.len), ==, 0);
    gcry_md_write(md, data.data, data.len);
    memcpy(out, gcry_md_read(md, 0), SEAL_SECRET_SIZE);
    gcry_md_close(md);
}

/** HKDF-Expand-Label, RFC 8446 7.1. */
static inline void seal_expand(const uint8_t secret[SEAL_SECRET_SIZE], const char *label,
                               size_t len, uint8_t *out)
{
    GByteArray *info = g_byte_array_new();
    uint8_t block[SEAL_SECRET_SIZE];
    put_integer(info, 2, len);
    put_integer(info, 1, strlen("tls13 ") + strlen(label));
    put_span(info, SPAN("tls13 "));
    put_span(info, (tlsfp_span){(const uint8_t *)label, strlen(label)});
    put_integer(info, 1, 0); /* context */
    put_integer(info, 1, 1); /* first block */
    seal_hmac((tlsfp_span){secret, SEAL_SECRET_SIZE}, span_of(info), block);
    memcpy(out, block, len);
    g_byte_array_unref(info);
}

static inline void seal_mask(const uint8_t hp[16], const uint8_t *sample, uint8_t mask[16])
{
    gcry_cipher_hd_t aes;
    g_assert_cmpuint(gcry_cipher_open(&aes, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_ECB, 0), ==, 0);
    g_assert_cmpuint(gcry_cipher_setkey(aes, hp, 16), ==, 0);
    g_assert_cmpuint(gcry_cipher_encrypt(aes, mask, 16, sample, 16), ==, 0);
    gcry_cipher_close(aes);
}

/** Encrypts the @p len bytes at @p text in place; the tag goes behind them. */
static inline void seal_aead(const uint8_t key[16], const uint8_t nonce[12], tlsfp_span header,
                             uint8_t *text, size_t len)
{
    gcry_cipher_hd_t aes;
    g_assert_cmpuint(gcry_cipher_open(&aes, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_GCM, 0), ==, 0);
    g_assert_cmpuint(gcry_cipher_setkey(aes, key, 16), ==, 0);
    g_assert_cmpuint(gcry_cipher_setiv(aes, nonce, 12), ==, 0);
    g_assert_cmpuint(gcry_cipher_authenticate(aes, header.data, header.len), ==, 0);
    g_assert_cmpuint(gcry_cipher_encrypt(aes, text, len, NULL, 0), ==, 0);
    g_assert_cmpuint(gcry_cipher_gettag(aes, text + len, SEAL_TAG_SIZE), ==, 0);
    gcry_cipher_close(aes);
}

/** RFC 9000 17.2.2, up to the packet number and with it; in the clear. */
static inline void seal_put_header(GByteArray *out, const seal_packet *packet, size_t frames_len)
{
    unsigned type = packet->version == SEAL_VERSION_2 ? 1 : 0; /* RFC 9369 3.2 */
    put_integer(out, 1, 0xc0 | type << 4 | (packet->number_len - 1));
    put_integer(out, 4, packet->version);
    put_integer(out, 1, packet->dcid.len);
    put_span(out, packet->dcid);
    put_integer(out, 1, packet->scid.len);
    put_span(out, packet->scid);
    put_varint(out, packet->token.len < 64 ? 1 : 2, packet->token.len);
    put_span(out, packet->token);
    size_t len = packet->number_len + frames_len + SEAL_TAG_SIZE;
    put_varint(out, len < 1 << 14 ? 2 : 4, len);
    put_integer(out, packet->number_len, packet->number);
}

/** Appends the sealed packet that holds @p frames; they and the packet number are at least 4 bytes
 * together. */
static inline void seal_put(GByteArray *out, const seal_packet *packet, tlsfp_span frames)
{
    bool second = packet->version == SEAL_VERSION_2;
    uint8_t initial[SEAL_SECRET_SIZE], secret[SEAL_SECRET_SIZE], key[16], nonce[12], hp[16];
    seal_hmac(seal_salt(packet->version), packet->key_dcid, initial);
    seal_expand(initial, packet->from_server ? "server in" : "client in", sizeof secret, secret);
    seal_expand(secret, second ? "quicv2 key" : "quic key", sizeof key, key);
    seal_expand(secret, second ? "quicv2 iv" : "quic iv", sizeof nonce, nonce);
    seal_expand(secret, second ? "quicv2 hp" : "quic hp", sizeof hp, hp);
    for (size_t i = 0; i < 4; i++)
        nonce[11 - i] ^= (uint8_t)(packet->number >> 8 * i);

    GByteArray *sealed = g_byte_array_new();
    seal_put_header(sealed, packet, frames.len);
    size_t header_len = sealed->len, number_at = header_len - packet->number_len;
    put_span(sealed, frames);
    put_times(sealed, SEAL_TAG_SIZE, 0);
    g_assert_cmpuint(packet->number_len + frames.len, >=, 4);
    seal_aead(key, nonce, slice(span_of(sealed), 0, header_len), sealed->data + header_len,
              frames.len);

    uint8_t mask[16];
    seal_mask(hp, sealed->data + number_at + 4, mask);
    sealed->data[0] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < packet->number_len; i++)
        sealed->data[number_at + i] ^= mask[1 + i];
    put_span(out, span_of(sealed));
    g_byte_array_unref(sealed);
}

#endif
