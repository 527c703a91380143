/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The table of what the worst input of each parser costs: at n, 2n and 4n units, how that
 * grows beside the input, and the cost of a byte or packet beside that of the parser's ordinary
 * input. */
#ifndef BENCH_WORST_TABLE_H
#define BENCH_WORST_TABLE_H

#include <tlsfp/types.h>

typedef struct {
    const char *parser, *input;
    void (*make)(GByteArray *out, size_t n);
    void (*read)(tlsfp_span input);
    size_t n; /**< Units; 0 for the parser's ordinary input, which stands before its others. */
} worst_row;

/** By what costs are compared: a byte of the input, or one of its units, a packet or line. */
typedef enum { UNIT_BYTE, UNIT_ITEM } worst_unit;

/**
 * What a program with such rows does. Without arguments it measures and prints all of them, and the
 * worst growth beside its target. With two it reads the input of one row once, for
 * tests/bench/worst to count instructions: the row's number from 0, and how many times n, where
 * that is negative made and not read; it prints n and the row's name.
 * @return an exit status; 1 where there is no such row.
 */
int worst_main(int argc, char **argv, const worst_row *rows, size_t n_rows, worst_unit unit);

#endif
