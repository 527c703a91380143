/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Records on their way into a census: counted in memory, written in one transaction. */
#ifndef CENSUS_BATCH_H
#define CENSUS_BATCH_H

#include "add/record.h"
#include "store/store.h"

struct batch;

/** @return an empty batch; owned by the caller, to be freed with batch_free(). */
struct batch *batch_new(void);

/** Frees @p batch; NULL is fine. */
void batch_free(struct batch *batch);

/** Adds a record. @return NULL, or what is wrong with its fingerprints; a constant. */
const char *batch_add(struct batch *batch, const record *added);

/** Whether it should be written before more records are added. */
bool batch_is_full(const struct batch *batch);

/** Connections that are not written yet. */
int64_t batch_hellos(const struct batch *batch);

/** Whether nothing has been added since it was written. */
bool batch_is_empty(const struct batch *batch);

/** Writes everything, as coming from @p source, in the caller's transaction, and empties the batch.
 */
bool batch_write(struct batch *batch, store *census, int64_t source, GError **error);

/** Empties it. */
void batch_drop(struct batch *batch);

#endif
