/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/addresses.h"

#include <arpa/inet.h>
#include <glib.h>
#include <string.h>
#include <tlsfp/hash.h>

enum { ADDRESS_BITS = 128 };

/** An IPv6 prefix; IPv4 addresses are mapped (RFC 4291 2.5.5.2). */
typedef struct {
    uint64_t words[2]; /* in the order of the wire */
    const tlsfp_hash_key *hash_key;
} prefix;

struct address_counts {
    GMutex lock;
    tlsfp_hash_key hash_key;
    GHashTable *table; /* of prefix * to number */
    unsigned most;
    unsigned bits; /* of IPv6 addresses */
};

static guint hash_prefix(gconstpointer key)
{
    const prefix *at = key;
    return (guint)tlsfp_hash_words(at->hash_key, at->words, G_N_ELEMENTS(at->words));
}

static gboolean same_prefix(gconstpointer a, gconstpointer b)
{
    return memcmp(((const prefix *)a)->words, ((const prefix *)b)->words,
                  sizeof((const prefix *)a)->words) == 0;
}

address_counts *addresses_new(unsigned most, unsigned bits)
{
    address_counts *counts = g_new0(address_counts, 1);
    g_mutex_init(&counts->lock);
    tlsfp_hash_key_draw(&counts->hash_key);
    counts->table = g_hash_table_new_full(hash_prefix, same_prefix, g_free, NULL);
    counts->most = most;
    counts->bits = bits;
    return counts;
}

void addresses_free(address_counts *counts)
{
    if (counts == NULL)
        return;
    g_hash_table_unref(counts->table);
    g_mutex_clear(&counts->lock);
    g_free(counts);
}

static void cut_bits(uint8_t address[sizeof(struct in6_addr)], unsigned bits)
{
    for (unsigned i = bits; i < ADDRESS_BITS; i++)
        address[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

static prefix prefix_of(const address_counts *counts, const char *address)
{
    struct in6_addr found = {0};
    if (inet_pton(AF_INET6, address, &found) == 1) {
        if (!IN6_IS_ADDR_V4MAPPED(&found))
            cut_bits(found.s6_addr, counts->bits);
    } else {
        found.s6_addr[10] = found.s6_addr[11] = 0xff;
        inet_pton(AF_INET, address, found.s6_addr + 12);
    }
    prefix key = {.hash_key = &counts->hash_key};
    memcpy(key.words, &found, sizeof key.words);
    return key;
}

static unsigned count_of(const address_counts *counts, const prefix *key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(counts->table, key));
}

static void set_count(address_counts *counts, const prefix *key, unsigned count)
{
    if (count > 0)
        g_hash_table_replace(counts->table, g_memdup2(key, sizeof *key), GUINT_TO_POINTER(count));
    else
        g_hash_table_remove(counts->table, key);
}

bool addresses_add(address_counts *counts, const char *address)
{
    const prefix key = prefix_of(counts, address);
    g_mutex_lock(&counts->lock);
    const unsigned count = count_of(counts, &key);
    const bool fine = count < counts->most;
    if (fine)
        set_count(counts, &key, count + 1);
    g_mutex_unlock(&counts->lock);
    return fine;
}

void addresses_remove(address_counts *counts, const char *address)
{
    const prefix key = prefix_of(counts, address);
    g_mutex_lock(&counts->lock);
    set_count(counts, &key, count_of(counts, &key) - 1);
    g_mutex_unlock(&counts->lock);
}
