/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes frames of any link types into one pcapng file: draft-ietf-opsawg-pcapng. */
#ifndef SEARCH_DUMP_H
#define SEARCH_DUMP_H

#include "captures.h"

typedef struct dump_file dump_file;

#define DUMP_ERROR (dump_error_quark())
GQuark dump_error_quark(void);

/**
 * Creates or empties the file. @param per_packet whether to write each packet at once, without a
 * buffer.
 * @return owned by the caller, to be given to dump_close(); NULL with @p error set, whose message
 * names the file.
 */
dump_file *dump_open(const char *path, bool per_packet, GError **error);

/** Appends a frame, with its time; its number is its place in the new file. */
void dump_add(dump_file *dump, const frame *packet);

/**
 * Writes what is still to be written, and frees @p dump.
 * @return false with @p error set where any of it could not be written.
 */
bool dump_close(dump_file *dump, GError **error);

#endif
