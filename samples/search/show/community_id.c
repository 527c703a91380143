/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/community_id.h"

#include <string.h>

enum { ADDRESS_SIZE = 16, SHA1_SIZE = 20 };

/** The lower address comes first, of equal ones the lower port. */
static bool is_in_order(const endpoints *ends, size_t len)
{
    int order = memcmp(ends->src, ends->dst, len);
    return order < 0 || (order == 0 && ends->src_port <= ends->dst_port);
}

static void add_port(GChecksum *hash, uint16_t port)
{
    const uint8_t bytes[] = {(uint8_t)(port >> 8), (uint8_t)port};
    g_checksum_update(hash, bytes, sizeof bytes);
}

void append_community_id(GString *out, const endpoints *ends)
{
    gssize len = ends->version == 4 ? 4 : ADDRESS_SIZE;
    bool in_order = is_in_order(ends, (size_t)len);
    const uint8_t seed[2] = {0}, protocol[2] = {ends->protocol, 0}; /* and padding */
    uint8_t digest[SHA1_SIZE];
    gsize digest_len = sizeof digest;
    GChecksum *hash = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(hash, seed, sizeof seed);
    g_checksum_update(hash, in_order ? ends->src : ends->dst, len);
    g_checksum_update(hash, in_order ? ends->dst : ends->src, len);
    g_checksum_update(hash, protocol, sizeof protocol);
    add_port(hash, in_order ? ends->src_port : ends->dst_port);
    add_port(hash, in_order ? ends->dst_port : ends->src_port);
    g_checksum_get_digest(hash, digest, &digest_len);
    char *text = g_base64_encode(digest, digest_len);
    g_string_append(out, "1:");
    g_string_append(out, text);
    g_free(text);
    g_checksum_free(hash);
}
