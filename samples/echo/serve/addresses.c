/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/addresses.h"

#include <glib.h>

struct addresses {
    GMutex lock;
    GHashTable *counts; /* of char * to number */
    unsigned most;
};

addresses *addresses_new(unsigned most)
{
    addresses *all = g_new0(addresses, 1);
    g_mutex_init(&all->lock);
    all->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    all->most = most;
    return all;
}

void addresses_free(addresses *all)
{
    if (all == NULL)
        return;
    g_hash_table_unref(all->counts);
    g_mutex_clear(&all->lock);
    g_free(all);
}

static unsigned count_of(const addresses *all, const char *address)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(all->counts, address));
}

static void set_count(addresses *all, const char *address, unsigned count)
{
    if (count > 0)
        g_hash_table_replace(all->counts, g_strdup(address), GUINT_TO_POINTER(count));
    else
        g_hash_table_remove(all->counts, address);
}

bool addresses_add(addresses *all, const char *address)
{
    g_mutex_lock(&all->lock);
    const unsigned count = count_of(all, address);
    const bool fine = count < all->most;
    if (fine)
        set_count(all, address, count + 1);
    g_mutex_unlock(&all->lock);
    return fine;
}

void addresses_remove(addresses *all, const char *address)
{
    g_mutex_lock(&all->lock);
    set_count(all, address, count_of(all, address) - 1);
    g_mutex_unlock(&all->lock);
}
