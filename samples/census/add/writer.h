/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes a batch in a thread of its own, while the next one is counted. */
#ifndef CENSUS_WRITER_H
#define CENSUS_WRITER_H

#include "add/batch.h"
#include "add/origin.h"

struct writer;

/** @return owned by the caller, to be freed with writer_free(). */
struct writer *writer_new(store *census);

/** Waits for what is being written, and frees @p writer; NULL is fine. */
void writer_free(struct writer *writer);

/**
 * Waits for the batch before, and starts to write @p batch, and how far @p origin was read. Until
 * the next call of one of these, only the writer may use the batch and the database; of @p origin,
 * only origin_advance() may be called.
 * @param commit false: the transaction goes on with the next batch.
 * @return false with @p error set where the batch before failed.
 */
bool writer_start(struct writer *writer, struct batch *batch, struct origin *origin, bool commit,
                  GError **error);

/**
 * Waits for the batch that is being written, if there is one.
 * @return false with @p error set where that failed; its transaction was rolled back.
 */
bool writer_finish(struct writer *writer, GError **error);

/** Waits likewise, and rolls back what is not committed. */
void writer_roll_back(struct writer *writer);

/** Connections that were committed. */
int64_t writer_hellos(const struct writer *writer);

#endif
