/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The memory of all decoders of the process together: a compressed file can demand a dictionary of
 * any size, and several files may be read at once.
 */
#ifndef SEARCH_BUDGET_H
#define SEARCH_BUDGET_H

#include <tlsfp/types.h>

enum { DECODER_MEMORY = 160 * 1024 * 1024 }; /**< Bytes. */

/**
 * Makes @p *reserved at least @p size bytes. The first reservation of a decoder (@p *reserved is 0)
 * waits until other threads have given enough back; a later one does not, so that two decoders
 * never wait for each other.
 * @return false where it cannot be had.
 */
bool budget_reserve(size_t size, size_t *reserved);

/** Gives @p *reserved bytes back, and sets it to 0. */
void budget_return(size_t *reserved);

#endif
