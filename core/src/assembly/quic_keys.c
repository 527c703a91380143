/* SPDX-License-Identifier: BSD-3-Clause */
#include "assembly/quic_keys.h"

#include <string.h>
#include <tlsfp/reader.h>

#include "hello/iana.h"

enum {
    SALT_SIZE = 20,
    HASH_SIZE = 32,          /* SHA-256 */
    SAMPLE_SIZE = 16,        /* RFC 9001 5.4.2 */
    MAX_NUMBER_SIZE = 4,     /* of a packet number, RFC 9000 17.1 */
    MAX_LABEL = 32,          /* "tls13 " and the longest of the labels below, and room */
    LONG_HEADER_MASK = 0x0f, /* the bits of the first byte that are protected, RFC 9001 5.4.1 */
};

/** What makes the keys of a version, or of some that follow each other. */
typedef struct {
    uint32_t first, last;
    uint8_t salt[SALT_SIZE];
    const char *key, *iv, *hp; /* labels */
} version_secrets;

#define LABELS_1 "quic key", "quic iv", "quic hp"       /* RFC 9001 5.1 */
#define LABELS_2 "quicv2 key", "quicv2 iv", "quicv2 hp" /* RFC 9369 3.3.2 */

#define SALT_1 /* RFC 9001 5.2, draft-ietf-quic-tls-33 5.2 */                                      \
    {                                                                                              \
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,  \
            0xad, 0xcc, 0xbb, 0x7f, 0x0a                                                           \
    }
#define SALT_2 /* RFC 9369 3.3.1 */                                                                \
    {                                                                                              \
        0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,  \
            0xcb, 0xf9, 0xbd, 0x2e, 0xd9                                                           \
    }
#define SALT_2_DRAFT /* draft-ietf-quic-v2-01 3.3.1 */                                             \
    {                                                                                              \
        0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06,  \
            0xea, 0x7a, 0xe3, 0xe5, 0xd3                                                           \
    }
#define SALT_DRAFT_29 /* draft-ietf-quic-tls-29 5.2 */                                             \
    {                                                                                              \
        0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11,  \
            0xe0, 0x43, 0x90, 0xa8, 0x99                                                           \
    }
#define SALT_DRAFT_23 /* draft-ietf-quic-tls-23 5.2 */                                             \
    {                                                                                              \
        0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63,  \
            0x65, 0xbe, 0xf9, 0xf5, 0x02                                                           \
    }

static const version_secrets known_versions[] = {
    {QUIC_VERSION_1, QUIC_VERSION_1, SALT_1, LABELS_1},
    {QUIC_VERSION_2, QUIC_VERSION_2, SALT_2, LABELS_2},
    {QUIC_VERSION_2_DRAFT, QUIC_VERSION_2_DRAFT, SALT_2_DRAFT, LABELS_2},
    {QUIC_DRAFT_23, QUIC_DRAFT_28, SALT_DRAFT_23, LABELS_1},
    {QUIC_DRAFT_29, QUIC_DRAFT_32, SALT_DRAFT_29, LABELS_1},
    {QUIC_DRAFT_32 + 1, QUIC_DRAFT_34, SALT_1, LABELS_1},
    {QUIC_MVFST_27, QUIC_MVFST_27, SALT_DRAFT_23, LABELS_1},
    {QUIC_MVFST_EXPERIMENTAL, QUIC_MVFST_EXPERIMENTAL, SALT_DRAFT_23, LABELS_1},
};

static const version_secrets *find_version(uint32_t version)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known_versions); i++)
        if (version >= known_versions[i].first && version <= known_versions[i].last)
            return &known_versions[i];
    return NULL;
}

bool quic_is_known(uint32_t version)
{
    return find_version(version) != NULL;
}

/** HMAC under the key that the handle has; ready for the next one then. */
static void hmac(gcry_md_hd_t handle, const uint8_t *data, size_t len, uint8_t out[HASH_SIZE])
{
    gcry_md_write(handle, data, len);
    memcpy(out, gcry_md_read(handle, GCRY_MD_SHA256), HASH_SIZE);
    gcry_md_reset(handle);
}

/** HKDF-Extract, RFC 5869 2.2. The salt is that of the version, which mostly stays: setting a key
 * costs as much as the HMAC. */
static void extract(tlsfp_context *context, const version_secrets *secrets, tlsfp_span dcid,
                    uint8_t out[HASH_SIZE])
{
    if (context->salt != secrets->salt)
        gcry_md_setkey(context->hmac_salt, secrets->salt, SALT_SIZE);
    context->salt = secrets->salt;
    hmac(context->hmac_salt, dcid.data, dcid.len, out);
}

/** HKDF-Expand-Label with an empty context, RFC 8446 7.1, of the secret that is the HMAC's key; one
 * block of RFC 5869 2.3 is enough. */
static void expand_label(tlsfp_context *context, const char *label, size_t len, uint8_t *out)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[2 + 1 + MAX_LABEL + 1 + 1];
    size_t prefix_len = strlen(prefix), label_len = strlen(label), n = 0;
    info[n++] = 0;
    info[n++] = (uint8_t)len;
    info[n++] = (uint8_t)(prefix_len + label_len);
    memcpy(info + n, prefix, prefix_len);
    memcpy(info + n + prefix_len, label, label_len);
    n += prefix_len + label_len;
    info[n++] = 0; /* no context */
    info[n++] = 1; /* the first block */
    uint8_t block[HASH_SIZE];
    hmac(context->hmac, info, n, block);
    memcpy(out, block, len);
}

/** RFC 9001 5.2: one side's keys, by its label. */
static void derive(tlsfp_context *context, uint32_t version, tlsfp_span dcid, const char *label,
                   quic_keys *out)
{
    const version_secrets *secrets = find_version(version);
    uint8_t initial[HASH_SIZE], secret[HASH_SIZE];
    extract(context, secrets, dcid, initial);
    gcry_md_setkey(context->hmac, initial, HASH_SIZE);
    expand_label(context, label, HASH_SIZE, secret);
    gcry_md_setkey(context->hmac, secret, HASH_SIZE);
    expand_label(context, secrets->key, AES_KEY_SIZE, out->key);
    expand_label(context, secrets->iv, GCM_IV_SIZE, out->iv);
    expand_label(context, secrets->hp, AES_KEY_SIZE, out->hp);
}

void quic_derive_keys(tlsfp_context *context, uint32_t version, tlsfp_span dcid, quic_keys *out)
{
    derive(context, version, dcid, "client in", out);
}

void quic_derive_server_keys(tlsfp_context *context, uint32_t version, tlsfp_span dcid,
                             quic_keys *out)
{
    derive(context, version, dcid, "server in", out);
}

/** RFC 9001 5.4.1: the first byte and the packet number, in the clear. */
typedef struct {
    uint8_t first;
    uint8_t number[MAX_NUMBER_SIZE];
    size_t number_len;
} clear_bytes;

/** Setting a key costs as much as a short packet: the next one mostly has the same. */
static bool set_key(keyed_cipher *cipher, const uint8_t key[AES_KEY_SIZE])
{
    if (cipher->has_key && memcmp(cipher->key, key, AES_KEY_SIZE) == 0)
        return true;
    cipher->has_key = gcry_cipher_setkey(cipher->handle, key, AES_KEY_SIZE) == 0;
    memcpy(cipher->key, key, AES_KEY_SIZE);
    return cipher->has_key;
}

static bool unmask(tlsfp_context *context, const quic_keys *keys, const quic_initial *packet,
                   clear_bytes *out)
{
    tlsfp_span rest = packet->protected, number, sample;
    uint8_t mask[SAMPLE_SIZE];
    if (!take(&rest, MAX_NUMBER_SIZE, &number) || !take(&rest, SAMPLE_SIZE, &sample))
        return false;
    if (!set_key(&context->aes_ecb, keys->hp) ||
        gcry_cipher_encrypt(context->aes_ecb.handle, mask, sizeof mask, sample.data, sample.len) !=
            0)
        return false;
    out->first = (uint8_t)(packet->header.data[0] ^ (mask[0] & LONG_HEADER_MASK));
    out->number_len = 1 + (size_t)(out->first & 3);
    for (size_t i = 0; i < out->number_len; i++)
        out->number[i] = number.data[i] ^ mask[1 + i];
    return true;
}

/** The whole packet number, RFC 9000 A.3. */
static uint64_t whole_number(const clear_bytes *clear, uint64_t expected)
{
    uint64_t window = UINT64_C(1) << 8 * clear->number_len, sent = 0;
    for (size_t i = 0; i < clear->number_len; i++)
        sent = sent << 8 | clear->number[i];
    uint64_t number = (expected & ~(window - 1)) | sent;
    if (number + window / 2 <= expected)
        return number + window;
    if (number > expected + window / 2 && number >= window)
        return number - window;
    return number;
}

/** RFC 9001 5.3. */
static bool set_nonce(tlsfp_context *context, const quic_keys *keys, uint64_t number)
{
    uint8_t nonce[GCM_IV_SIZE];
    memcpy(nonce, keys->iv, sizeof nonce);
    for (size_t i = 1; number != 0; i++, number >>= 8)
        nonce[GCM_IV_SIZE - i] ^= (uint8_t)number;
    return set_key(&context->aes_gcm, keys->key) &&
           gcry_cipher_setiv(context->aes_gcm.handle, nonce, sizeof nonce) == 0;
}

/** The associated data is the header in the clear, in three parts, so that it need not be copied.
 */
static bool authenticate_header(tlsfp_context *context, const quic_initial *packet,
                                const clear_bytes *clear)
{
    return gcry_cipher_authenticate(context->aes_gcm.handle, &clear->first, 1) == 0 &&
           gcry_cipher_authenticate(context->aes_gcm.handle, packet->header.data + 1,
                                    packet->header.len - 1) == 0 &&
           gcry_cipher_authenticate(context->aes_gcm.handle, clear->number, clear->number_len) == 0;
}

bool quic_open(tlsfp_context *context, const quic_keys *keys, const quic_initial *packet,
               uint64_t *expected, tlsfp_span *out)
{
    clear_bytes clear;
    tlsfp_span rest = packet->protected, number, payload, tag;
    if (!unmask(context, keys, packet, &clear) || !take(&rest, clear.number_len, &number) ||
        rest.len < GCM_TAG_SIZE || !take(&rest, rest.len - GCM_TAG_SIZE, &payload) ||
        !take(&rest, GCM_TAG_SIZE, &tag) || payload.len > MAX_DATAGRAM)
        return false;
    uint64_t whole = whole_number(&clear, *expected);
    if (!set_nonce(context, keys, whole) || !authenticate_header(context, packet, &clear) ||
        gcry_cipher_decrypt(context->aes_gcm.handle, context->packet, MAX_DATAGRAM, payload.data,
                            payload.len) != 0 ||
        gcry_cipher_checktag(context->aes_gcm.handle, tag.data, tag.len) != 0)
        return false;
    *expected = MAX(*expected, whole + 1);
    *out = (tlsfp_span){context->packet, payload.len};
    return true;
}
