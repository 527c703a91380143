/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Where hellos come from, and how much of it is in the census already. A file is its content: the
 * SHA-256 of all of it, or, of NDJSON and streams, which grow, of the part that was added.
 */
#ifndef CENSUS_ORIGIN_H
#define CENSUS_ORIGIN_H

#include <gcrypt.h>

#include "store/store.h"

enum { DIGEST_TEXT_SIZE = 64 + 1 };

typedef enum { ORIGIN_CAPTURE, ORIGIN_NDJSON, ORIGIN_STREAM, ORIGIN_INTERFACE } origin_kind;

struct origin {
    origin_kind kind;
    char *name;
    char uid[DIGEST_TEXT_SIZE];
    int64_t id;          /**< In the database; 0: not there yet. */
    int64_t length;      /**< Bytes that are added, or are about to be. */
    int64_t written;     /**< Bytes that the database says are added. */
    int64_t newest;      /**< The highest id of a source at the time of origin_find(). */
    gcry_md_hd_t digest; /**< Of these bytes. */
    bool known;          /**< Nothing of it is new. */
};

/** For an interface, or a stream without a name: always a new source. */
struct origin origin_new(origin_kind kind, const char *name);

/** Frees what @p origin holds. */
void origin_clear(struct origin *origin);

/**
 * Finds out which source a file is, and how much of it the census has: @p out->length. Leaves the
 * file's position there.
 * @param fd can be read from any place.
 * @param kind ORIGIN_CAPTURE, ORIGIN_NDJSON, or ORIGIN_STREAM with a name.
 * @return false with @p error set.
 */
bool origin_find(store *census, origin_kind kind, const char *name, int fd, struct origin *out,
                 GError **error);

/** How far a source was read. */
typedef struct {
    int64_t length;
    char digest[DIGEST_TEXT_SIZE]; /**< Of these bytes. */
} origin_state;

/** How far @p origin was read up to now. */
origin_state origin_state_of(const struct origin *origin);

/** Counts bytes as added. */
void origin_advance(struct origin *origin, const void *bytes, size_t len);

/**
 * Inserts or updates a source's row, with how far it was read and its number of hellos, in the
 * caller's transaction.
 * @return false with @p error set, also where another program is adding the same source.
 */
bool origin_write(store *census, struct origin *origin, const origin_state *reached, int64_t hellos,
                  GError **error);

/** Records the present length as one at which adding ended. */
bool origin_mark(store *census, const struct origin *origin, GError **error);

/** The longest first line that tells streams apart, in bytes; of a longer one its start. */
enum { FIRST_LINE_MAX = 64 * 1024 };

#endif
