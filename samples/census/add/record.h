/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a line of NDJSON says: of tlsfp --json, or of tlsfp-echo --log json. */
#ifndef CENSUS_RECORD_H
#define CENSUS_RECORD_H

#include <tlsfp/fingerprint.h>

#include "add/address.h"

/** Buffers, reused from line to line. */
typedef struct {
    GString *text, *server, *agent;
} record_room;

/** A connection, or a request. */
typedef struct {
    int64_t time_ns;
    char address[ADDRESS_SIZE];
    tlsfp_span fingerprints; /**< JSON, an object that fingerprints_read() takes. */
    bool mixed;         /**< The object has other members as well, as the echo server's lines do. */
    const char *server; /**< "" without one. */
    const char *agent;  /**< Of a request, else NULL. */
} record;

typedef enum {
    RECORD_FINE,
    RECORD_NOTHING, /**< Nothing to count: an empty line, a failure without a hello. */
    RECORD_BROKEN,
} record_result;

/**
 * Reads a line.
 * @param out borrows from @p line and @p room.
 * @param out_why of a broken line, what is wrong with it; a constant.
 */
record_result record_read(tlsfp_span line, const pseudonym_key *key, record_room *room, record *out,
                          const char **out_why);

/** A hello's fingerprints; without data where they are not known. */
typedef struct {
    tlsfp_span values[TLSFP_N_CLIENT_KINDS]; /* views into the object, or into the buffers below */
    GString *ja3n, *ja3n_r;                  /* computed where the object lacks them */
} fingerprints;

/** @return without any; to be cleared with fingerprints_clear(). */
fingerprints fingerprints_new(void);
void fingerprints_clear(fingerprints *found);

/**
 * Reads the fingerprints in a JSON object; makes ja3n of ja3_r where there is none.
 * @return NULL, or what is wrong; a constant.
 */
const char *fingerprints_read(tlsfp_span object, fingerprints *out);

/** Where an object has its values; length 0: nowhere. */
typedef struct {
    struct {
        uint32_t at, len;
    } values[TLSFP_N_CLIENT_KINDS];
} fingerprint_places;

/** Where the values are that fingerprints_read() found in @p object. */
fingerprint_places fingerprints_places(const fingerprints *found, tlsfp_span object);

/** The fingerprints of a copy of an object that was read. */
void fingerprints_at(tlsfp_span object, const fingerprint_places *places, fingerprints *out);

#endif
