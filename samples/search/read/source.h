/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The bytes of a file or of standard input, in order, decompressed where they are
 * compressed. */
#ifndef SEARCH_SOURCE_H
#define SEARCH_SOURCE_H

#include <tlsfp/types.h>

struct source;

/** Where a source keeps what it read. */
typedef struct {
    uint8_t *data;
    size_t room;
} source_buffer;

/** Whether @p path is no regular file, whose bytes come once: standard input, a pipe. False where
 * that is not known: opening it will report why. */
bool source_is_stream(const char *path);

/**
 * Opens @p path; "-" is standard input.
 * @return owned by the caller, to be freed with source_close(); NULL with @p error set.
 */
struct source *source_open(const char *path, GError **error);

/** Frees @p source; NULL is fine. */
void source_close(struct source *source);

/** The name to call it by in messages. */
const char *source_name(const struct source *source);

/**
 * The next bytes, without taking them: at least @p len, and as many more as are at hand.
 * @param out good until the next call, but see source_keep(); shorter than @p len only at the end
 * of the file.
 * @return false with @p error set where reading fails.
 */
bool source_peek(struct source *source, size_t len, tlsfp_span *out, GError **error);

/** Takes @p len bytes; at most as many as the last source_peek() gave. */
void source_take(struct source *source, size_t len);

/** From here on, what source_peek() gave stays good until the buffer that it is in is given back:
 * the source reads on in another one. */
void source_keep(struct source *source);

/** Takes the oldest of the buffers that the source has left behind; false where there is none. */
bool source_take_buffer(struct source *source, source_buffer *out);

/** Gives such a buffer back, to be read into. */
void source_give_back(struct source *source, source_buffer buffer);

/** How many bytes were taken so far, decompressed. */
uint64_t source_offset(const struct source *source);

/** How far into the file the reader is, and its size, in bytes as stored; the size is 0 where it is
 * not known. */
void source_position(const struct source *source, uint64_t *out_position, uint64_t *out_size);

#endif
