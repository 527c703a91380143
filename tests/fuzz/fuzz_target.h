/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What libFuzzer and replay.c call in each target. */
#ifndef TLSFP_FUZZ_TARGET_H
#define TLSFP_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** Feeds @p data to the code under test, and aborts where an invariant is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
