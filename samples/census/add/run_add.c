/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census add. */
#include <stdio.h>
#include <string.h>

#include "add/feed.h"
#include "add/pseudonyms.h"
#include "options.h"

static void summarise(const feed_counts *counts, bool quiet)
{
    if (quiet)
        return;
    fprintf(stderr, "%" G_GINT64_FORMAT " connections added", counts->hellos);
    if (counts->requests > 0)
        fprintf(stderr, ", %" G_GINT64_FORMAT " requests", counts->requests);
    if (counts->known_files > 0)
        fprintf(stderr, "; of %u files %u had nothing new", counts->files, counts->known_files);
    if (counts->other_files > 0)
        fprintf(stderr, "; %u other files passed over", counts->other_files);
    if (counts->broken > 0)
        fprintf(stderr, "; %" G_GINT64_FORMAT " lines passed over", counts->broken);
    fputc('\n', stderr);
}

/** Drops the addresses of earlier days; their counts stay. */
static bool forget(store *census, int days, GError **error)
{
    const char *const tables[][2] = {{"sighting", "server"}, {"claim", "agent"}};
    const gint64 today = g_get_real_time() / G_USEC_PER_SEC / 86400;
    bool fine = store_begin(census, error);
    for (size_t i = 0; fine && i < G_N_ELEMENTS(tables); i++) {
        const char *table = tables[i][0], *other = tables[i][1];
        char *sql = g_strdup_printf(
            "INSERT INTO %s (source, day, hello, address, %s, n, first, last) "
            "SELECT source, day, hello, 0, %s, sum(n), min(first), max(last) FROM %s "
            "WHERE address <> 0 AND day < %" G_GINT64_FORMAT " GROUP BY source, day, hello, %s "
            "ON CONFLICT DO UPDATE SET n = n + excluded.n, first = min(first, excluded.first), "
            "last = max(last, excluded.last);"
            "DELETE FROM %s WHERE address <> 0 AND day < %" G_GINT64_FORMAT,
            table, other, other, table, today - days, other, table, today - days);
        fine = store_run(census, sql, error);
        g_free(sql);
    }
    fine = fine && store_run(census,
                             "DELETE FROM address WHERE id <> 0 AND id NOT IN "
                             "(SELECT address FROM sighting UNION SELECT address FROM claim)",
                             error);
    if (!fine) {
        store_rollback(census);
        return false;
    }
    /* The log holds old pages until it is emptied. */
    return store_commit(census, error) &&
           store_run(census, "PRAGMA wal_checkpoint(TRUNCATE)", error);
}

static bool feed_all(const options *asked, struct feed *feed, GError **error)
{
    if (asked->interface != NULL)
        return feed_interface(feed, error);
    bool fine = true;
    for (size_t i = 0; fine && asked->words[i] != NULL; i++)
        fine = feed_path(feed, asked->words[i], error);
    return fine;
}

int run_add(const options *asked, GError **error)
{
    feed_options how = {
        .stream = asked->source,
        .interface = asked->interface,
        .filter = asked->filter,
        .user = asked->user,
        .quiet = asked->quiet,
    };
    store *census = store_open(asked->db, STORE_CREATE, error);
    if (census == NULL)
        return STATUS_TROUBLE;
    feed_counts counts = {0};
    bool fine = pseudonyms_agree(census, asked->pseudonyms, true, &how.key, error);
    if (fine) {
        struct feed *feed = feed_new(census, &how);
        fine = feed_all(asked, feed, error);
        counts = feed_counted(feed);
        feed_free(feed);
        summarise(&counts, asked->quiet && fine);
    }
    if (fine && asked->forget != NOT_GIVEN)
        fine = forget(census, asked->forget, error);
    store_close(census);
    return fine && counts.failed_files == 0 && counts.broken == 0 ? STATUS_FOUND : STATUS_TROUBLE;
}
