/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Text set spill in a temporary file, which has no name any more and goes with the program.
 */
#ifndef SEARCH_SPILL_H
#define SEARCH_SPILL_H

#include <tlsfp/types.h>

typedef struct spill_file spill_file;

/** @return without a file yet; owned by the caller, to be freed with spill_free(). */
spill_file *spill_new(void);

/** Frees @p spill and its file; NULL is fine. */
void spill_free(spill_file *spill);

/**
 * Appends text; the first one makes the file, in TMPDIR or /tmp.
 * @param out_at where it stands.
 * @return false, with errno set, where it could not be written.
 */
bool spill_put(spill_file *spill, const char *text, size_t len, uint64_t *out_at);

/** Reads what stands at @p at into @p out; false, with errno set, where that fails. */
bool spill_get(const spill_file *spill, uint64_t at, char *out, size_t len);

#endif
