/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What every question needs: the census, names for its clients, a time range. */
#ifndef CENSUS_QUESTION_H
#define CENSUS_QUESTION_H

#include "ask/names.h"
#include "options.h"
#include "store/store.h"

struct question {
    store *census;
    struct names *names;
    char *range;                           /**< An SQL condition. */
    int64_t n_hellos, n_addresses, n_days; /**< In that range. */
};

/** @return false with @p error set. question_close() frees it in any case. */
bool question_open(const options *asked, struct question *out, GError **error);
void question_close(struct question *question);

/** Sums over sightings that fit a condition, within the range. */
typedef struct {
    int64_t hellos, addresses, days;
} sums;

bool question_sums(struct question *question, const char *condition, sums *out, GError **error);

/** Prepares a query made by a format; to be freed with sqlite3_finalize(). */
sqlite3_stmt *question_query(struct question *question, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/** The next row; false at the end, or with @p error set. */
bool question_step(struct question *question, sqlite3_stmt *query, GError **error);

/** A column as text, "" for NULL. */
const char *column_text(sqlite3_stmt *query, int column);

#endif
