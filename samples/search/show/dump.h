/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes frames of any link types into one pcapng file: draft-ietf-opsawg-pcapng. */
#ifndef SEARCH_DUMP_H
#define SEARCH_DUMP_H

#include "read/frame.h"

typedef struct dump dump;

#define DUMP_ERROR (dump_error_quark())
GQuark dump_error_quark(void);

/**
 * Makes the file, or empties it.
 * @return owned by the caller, to be given to dump_close(); NULL with @p error set, whose message
 * names the file.
 */
dump *dump_open(const char *path, GError **error);

/** Appends a frame, with its time; its number is its place in the new file. */
void dump_add(dump *opened, const frame *packet);

/**
 * Writes what is still to be written, and frees @p opened.
 * @return false with @p error set where any of it could not be written.
 */
bool dump_close(dump *opened, GError **error);

#endif
