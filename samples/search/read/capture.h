/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Reads the frames of a capture: pcap (microseconds or nanoseconds, either byte order) or pcapng
 * (several sections and interfaces, each interface with a link type of its own), plain or
 * compressed (gzip, zstd, xz, lz4, bzip2).
 */
#ifndef SEARCH_CAPTURE_H
#define SEARCH_CAPTURE_H

#include "read/frame.h"
#include "read/source.h"

struct capture;

#define CAPTURE_ERROR (capture_error_quark())
GQuark capture_error_quark(void);

typedef enum {
    CAPTURE_ERROR_OPEN,    /**< There is no such file, or it may not be read. */
    CAPTURE_ERROR_FORMAT,  /**< It is no capture. */
    CAPTURE_ERROR_CUT,     /**< It ends inside a packet; what came before was good. */
    CAPTURE_ERROR_DAMAGED, /**< A length in it cannot be; what came before was good. */
    CAPTURE_ERROR_READ,    /**< The system or the decompressor reports an error. */
} capture_error;

/**
 * Opens the capture at @p path; "-" is standard input.
 * @return owned by the caller, to be freed with capture_close(); NULL with @p error set, whose
 * message names the file.
 */
struct capture *capture_open(const char *path, GError **error);

/** Frees @p capture; NULL is fine. */
void capture_close(struct capture *capture);

typedef enum {
    CAPTURE_FRAME, /**< There is another frame. */
    CAPTURE_END,   /**< That was the last. */
    CAPTURE_FAILED /**< The error is set; its message names the file and the offset. */
} capture_result;

/** Reads the next frame into @p out. */
capture_result capture_next(struct capture *capture, frame *out, GError **error);

/**
 * Reads the next frame, and with it those that are at hand then, into @p out, an array of frame, at
 * most @p max of them. They are good until the next call.
 */
capture_result capture_next_some(struct capture *capture, guint max, GArray *out, GError **error);

/** Has frames stay good, from here on, until the buffer that they are in is given back. */
void capture_keep(struct capture *capture);

/** As source_take_buffer(). */
bool capture_take_buffer(struct capture *capture, source_buffer *out);

/** As source_give_back(). */
void capture_give_back(struct capture *capture, source_buffer buffer);

/** How far into the file the reader is, and the size of the file, in bytes; the size is 0 where it
 * is not known. */
void capture_position(const struct capture *capture, uint64_t *out_position, uint64_t *out_size);

#endif
