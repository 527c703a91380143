/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/addresses.h"

#include <glib.h>

struct address_counts {
    GMutex lock;
    GHashTable *table; /* of char * to number */
    unsigned most;
};

address_counts *addresses_new(unsigned most)
{
    address_counts *counts = g_new0(address_counts, 1);
    g_mutex_init(&counts->lock);
    counts->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    counts->most = most;
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

static unsigned count_of(const address_counts *counts, const char *address)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(counts->table, address));
}

static void set_count(address_counts *counts, const char *address, unsigned count)
{
    if (count > 0)
        g_hash_table_replace(counts->table, g_strdup(address), GUINT_TO_POINTER(count));
    else
        g_hash_table_remove(counts->table, address);
}

bool addresses_add(address_counts *counts, const char *address)
{
    g_mutex_lock(&counts->lock);
    const unsigned count = count_of(counts, address);
    const bool fine = count < counts->most;
    if (fine)
        set_count(counts, address, count + 1);
    g_mutex_unlock(&counts->lock);
    return fine;
}

void addresses_remove(address_counts *counts, const char *address)
{
    g_mutex_lock(&counts->lock);
    set_count(counts, address, count_of(counts, address) - 1);
    g_mutex_unlock(&counts->lock);
}
