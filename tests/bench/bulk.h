/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Everyday traffic: a few hundred connections at a time, mostly TLS in full segments. */
#ifndef BENCH_BULK_H
#define BENCH_BULK_H

#include "prng.h"

/** Writes at least @p megabytes of it; returns how many ClientHellos are whole in there. */
uint64_t bulk_write(prng *numbers, uint64_t megabytes);

#endif
