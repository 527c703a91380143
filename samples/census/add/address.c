/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/address.h"

#include <arpa/inet.h>
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PSEUDONYM_BYTES = 16, V4_BITS = 32, KEPT_V6_BITS = 64, V6_BITS = 128, MAPPED_AT = 12 };

bool pseudonym_key_read(const char *path, pseudonym_key *out, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    const bool fine = len >= PSEUDONYM_KEY_MIN;
    if (fine) {
        gcry_md_hash_buffer(GCRY_MD_SHA256, out->bytes, text, len);
        out->used = true;
    } else {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s: a key has at least %d bytes: head -c 32 /dev/urandom >%s", path,
                    PSEUDONYM_KEY_MIN, path);
    }
    memset(text, 0, len);
    g_free(text);
    return fine;
}

/** HMAC-SHA-256, cut. */
static void write_keyed(const pseudonym_key *key, const char *text, char *out)
{
    uint8_t digest[32];
    gcry_buffer_t parts[2] = {
        {.data = (void *)key->bytes, .len = sizeof key->bytes},
        {.data = (void *)text, .len = strlen(text)},
    };
    gcry_md_hash_buffers(GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC, digest, parts, 2);
    for (size_t i = 0; i < PSEUDONYM_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

void pseudonym_key_check(const pseudonym_key *key, char out[ADDRESS_SIZE])
{
    write_keyed(key, "tlsfp-census", out);
}

/** The bytes of an address; IPv4 in IPv6 is IPv4. */
static bool read_address(const char *text, network *out)
{
    static const uint8_t mapped[MAPPED_AT] = {[10] = 0xff, [11] = 0xff};
    network read = {{0}, V4_BITS, false};
    if (inet_pton(AF_INET, text, read.bytes) != 1) {
        if (inet_pton(AF_INET6, text, read.bytes) != 1)
            return false;
        read.v6 = memcmp(read.bytes, mapped, sizeof mapped) != 0;
        read.len = read.v6 ? KEPT_V6_BITS : V4_BITS;
        if (!read.v6)
            memmove(read.bytes, read.bytes + MAPPED_AT, 4);
    }
    *out = read;
    return true;
}

static void clear_bits(uint8_t *bytes, unsigned from, unsigned to)
{
    for (unsigned bit = from; bit < to; bit++)
        bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

bool address_text(const char *text, const pseudonym_key *key, char out[ADDRESS_SIZE])
{
    network read;
    char plain[ADDRESS_SIZE];
    if (!read_address(text, &read))
        return false;
    if (read.v6)
        memset(read.bytes + KEPT_V6_BITS / 8, 0, (V6_BITS - KEPT_V6_BITS) / 8);
    if (inet_ntop(read.v6 ? AF_INET6 : AF_INET, read.bytes, plain, sizeof plain - 4) == NULL)
        return false;
    if (read.v6)
        strcat(plain, "/64");
    if (key == NULL || !key->used) {
        strcpy(out, plain);
        return true;
    }
    out[0] = '~';
    write_keyed(key, plain, out + 1);
    return true;
}

bool network_read(const char *text, network *out)
{
    network read;
    char *address = g_strdup(text);
    char *slash = strchr(address, '/');
    bool fine = true;
    if (slash != NULL)
        *slash = '\0';
    fine = read_address(address, &read);
    if (fine && slash != NULL) {
        char *end;
        const unsigned long len = strtoul(slash + 1, &end, 10);
        fine = g_ascii_isdigit(slash[1]) && *end == '\0' && len <= (read.v6 ? V6_BITS : V4_BITS);
        read.len = read.v6 ? MIN((unsigned)len, KEPT_V6_BITS) : (unsigned)len;
    }
    g_free(address);
    if (!fine)
        return false;
    clear_bits(read.bytes, read.len, read.v6 ? V6_BITS : V4_BITS);
    *out = read;
    return true;
}

bool network_has(const network *net, const char *address)
{
    network read;
    char plain[ADDRESS_SIZE];
    if (strlen(address) >= sizeof plain)
        return false;
    strcpy(plain, address);
    char *slash = strchr(plain, '/');
    if (slash != NULL)
        *slash = '\0';
    if (!read_address(plain, &read) || read.v6 != net->v6)
        return false;
    clear_bits(read.bytes, net->len, net->v6 ? V6_BITS : V4_BITS);
    return memcmp(read.bytes, net->bytes, net->v6 ? 16 : 4) == 0;
}
