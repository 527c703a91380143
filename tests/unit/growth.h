/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Whether what something costs grows no faster than its input. */
#ifndef TLSFP_GROWTH_H
#define TLSFP_GROWTH_H

#include <glib.h>
#include <time.h>

enum { GROWTH_ROUNDS = 5 };

/** Seconds of this process, the least of some rounds. */
static inline double growth_cost(void (*run)(unsigned n), unsigned n)
{
    double least = G_MAXDOUBLE;
    for (int round = 0; round < GROWTH_ROUNDS; round++) {
        const clock_t start = clock();
        run(n);
        least = MIN(least, (double)(clock() - start) / CLOCKS_PER_SEC);
    }
    return least;
}

/** Eight times the input costs about eight times as much, and not 64 times. */
static inline void assert_linear(void (*run)(unsigned n), unsigned n)
{
    const double small = growth_cost(run, n), large = growth_cost(run, 8 * n);
    if (large > 24 * MAX(small, 1e-4))
        g_error("%u units take %g s, %u take %g s", n, small, 8 * n, large);
}

#endif
