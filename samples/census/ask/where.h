/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Which sightings are meant: a time range, and values, patterns and filters. */
#ifndef CENSUS_WHERE_H
#define CENSUS_WHERE_H

#include "store/store.h"

/** Sightings with what they refer to; needs the table naming. */
#define SIGHTINGS                                                                                  \
    "sighting JOIN hello ON hello.id = sighting.hello JOIN client ON client.id = hello.client "    \
    "JOIN server ON server.id = sighting.server JOIN address ON address.id = sighting.address "    \
    "JOIN temp.naming ON naming.client = client.id"

/** The same with what the clients say they are; a client that says several things is in it several
 * times. */
#define SIGHTINGS_SAYING                                                                           \
    SIGHTINGS " LEFT JOIN (SELECT DISTINCT claim.hello AS hello, claim.address AS address, "       \
              "product(agent.text) AS product FROM claim JOIN agent ON agent.id = claim.agent) "   \
              "AS said ON said.hello = sighting.hello AND said.address = sighting.address"
#define SAID "coalesce(said.product, '(no User-Agent seen)')"

/** The SQL for something to group or filter by ("ja4", "sni" ...), or NULL. */
const char *where_column(const char *name);

/** Their names, "ja4, ja4_a, ..."; to be freed with g_free(). */
char *where_columns(void);

/**
 * The condition for a time range: days "2026-01-31", from and to inclusive; NULL: open. @p
 * last_days counts back from the census's last day; NOT_GIVEN: all.
 * @return to be freed with g_free(); NULL with @p error set.
 */
char *where_range(store *census, const char *from, const char *to, int last_days, GError **error);

/**
 * The condition for what a rule hits. Each word is a value (its kind is seen from its form), a
 * pattern for a JA4, or FIELD=PATTERN. Words for the same field: one has to fit; fields: each.
 * @return to be freed with g_free(); NULL with @p error set.
 */
char *where_words(char **words, GError **error);

/** Makes the SQL functions that these conditions use: in_network(address, network). */
bool where_prepare(store *census, GError **error);

#endif
