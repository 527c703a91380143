/* SPDX-License-Identifier: BSD-3-Clause */
#include "worst_table.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 9, ORDINARY_UNITS = 1000, MIN_NS = 2000000 };

static const char *const unit_names[] = {[UNIT_BYTE] = "byte", [UNIT_ITEM] = "item"};

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/** Nanoseconds of one reading: the least of some rounds, each of many readings. */
static double cost_of(const worst_row *row, tlsfp_span input)
{
    double least = G_MAXDOUBLE;
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = 0;
        const double start = cpu_ns();
        do {
            row->read(input);
            n++;
        } while (cpu_ns() - start < MIN_NS);
        least = MIN(least, (cpu_ns() - start) / (double)n);
    }
    return least;
}

/** @param out_units how many bytes or items that were. */
static double cost(const worst_row *row, size_t n, worst_unit unit, double *out_units)
{
    GByteArray *input = g_byte_array_new();
    row->make(input, n);
    const double ns = cost_of(row, (tlsfp_span){input->data, input->len});
    *out_units = unit == UNIT_BYTE ? (double)input->len : (double)n;
    g_byte_array_unref(input);
    return ns;
}

static double print_ordinary(const worst_row *row, worst_unit unit)
{
    double units;
    const double ns = cost(row, ORDINARY_UNITS, unit, &units);
    printf("%-9s %-28s %7.0f %ss  %9.0f ns %39s %7.2f ns/%s\n", row->parser, row->input, units,
           unit_names[unit], ns, "", ns / units, unit_names[unit]);
    return ns / units;
}

/** Returns how much faster than the input the cost grows. */
static double print_worst(const worst_row *row, worst_unit unit, double ordinary)
{
    double ns[3], units[3];
    for (int i = 0; i < 3; i++)
        ns[i] = cost(row, row->n << i, unit, &units[i]);
    const double growth = ns[2] / ns[0] / (units[2] / units[0]);
    printf("%-9s %-28s %7.0f %ss  %9.0f %9.0f %9.0f ns  growth %.2f  %7.2f ns/%s, %.1f x\n",
           row->parser, row->input, units[0], unit_names[unit], ns[0], ns[1], ns[2], growth,
           ns[2] / units[2], unit_names[unit], ns[2] / units[2] / ordinary);
    return growth;
}

static int read_once(const worst_row *rows, size_t n_rows, char **words)
{
    const size_t index = (size_t)g_ascii_strtoull(words[0], NULL, 10);
    const gint64 times = g_ascii_strtoll(words[1], NULL, 10);
    if (index >= n_rows)
        return 1;
    const worst_row *row = &rows[index];
    GByteArray *input = g_byte_array_new();
    if (times != 0 && row->n > 0)
        row->make(input, row->n * (size_t)ABS(times));
    if (times > 0 && row->n > 0)
        row->read((tlsfp_span){input->data, input->len});
    printf("%zu %s, %s\n", row->n, row->parser, row->input);
    g_byte_array_unref(input);
    return 0;
}

static void print_all(const worst_row *rows, size_t n_rows, worst_unit unit)
{
    double ordinary = 1, worst = 0;
    for (size_t i = 0; i < n_rows; i++) {
        if (rows[i].n == 0) {
            ordinary = print_ordinary(&rows[i], unit);
            continue;
        }
        const double growth = print_worst(&rows[i], unit, ordinary);
        worst = MAX(worst, growth);
    }
    printf("worst growth %.2f   target: at most 1.10 x linear\n", worst);
}

int worst_main(int argc, char **argv, const worst_row *rows, size_t n_rows, worst_unit unit)
{
    if (argc == 3)
        return read_once(rows, n_rows, argv + 1);
    print_all(rows, n_rows, unit);
    return 0;
}
