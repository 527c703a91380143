/* SPDX-License-Identifier: BSD-3-Clause */
#include "add/hello.h"

#include <gcrypt.h>
#include <string.h>

/** A digest of some of the values, NULs between them. */
static void digest_kinds(const fingerprints *found, const tlsfp_kind *kinds, size_t n,
                         GString *room, uint8_t out[DIGEST_SIZE])
{
    uint8_t digest[32];
    g_string_truncate(room, 0);
    for (size_t i = 0; i < n; i++) {
        const tlsfp_span value = found->values[kinds[i]];
        g_string_append_c(room, value.data != NULL ? '=' : '-');
        if (value.data == NULL)
            continue;
        g_string_append_len(room, (const char *)value.data, (gssize)value.len);
        g_string_append_c(room, '\0');
    }
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, room->str, room->len);
    memcpy(out, digest, DIGEST_SIZE);
}

const char *hello_read(tlsfp_span object, fingerprints *found, GString *room, hello_entry *out)
{
    static const tlsfp_kind of_hello[] = {TLSFP_KIND_JA4,      TLSFP_KIND_JA4_R, TLSFP_KIND_STABLE,
                                          TLSFP_KIND_STABLE_R, TLSFP_KIND_JA3,   TLSFP_KIND_JA3_R,
                                          TLSFP_KIND_JA4_O,    TLSFP_KIND_JA4_RO};
    static const tlsfp_kind of_client[] = {TLSFP_KIND_JA4,    TLSFP_KIND_JA4_R,
                                           TLSFP_KIND_STABLE, TLSFP_KIND_STABLE_R,
                                           TLSFP_KIND_JA3N,   TLSFP_KIND_JA3N_R};
    const char *why = fingerprints_read(object, found);
    if (why != NULL)
        return why;
    digest_kinds(found, of_hello, G_N_ELEMENTS(of_hello), room, out->digest);
    digest_kinds(found, of_client, G_N_ELEMENTS(of_client), room, out->client);
    out->places = fingerprints_places(found, object);
    return NULL;
}
