/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Microseconds for the known clients nearest to a hello, in lists of 1,000 and 10,000 distinct
 * hellos: an ordinary query, and the worst one, which has as many values as are looked at, each of
 * them in the list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <tlsfp/nearest.h>

#include "prng.h"

enum { ROUNDS = 101, N_OUT = 5, N_VALUES = 500, N_WORST = 140 };

static prng numbers = {14};

/** Different values, as a fingerprint lists them, from a pool of @p pool. */
static void append_values(GString *out, const char *format, char separator, unsigned n,
                          unsigned pool)
{
    bool taken[N_VALUES] = {false};
    for (unsigned i = 0; i < n; i++) {
        unsigned value;
        do
            value = prng_below(&numbers, pool);
        while (taken[value]);
        taken[value] = true;
        if (i > 0)
            g_string_append_c(out, separator);
        g_string_append_printf(out, format, value + 1);
    }
}

/** A JA4 and a JA3 in raw form, of lists of so many values from pools of so many. */
static void make_client(GString *ja4_r, GString *ja3_r, unsigned n, unsigned pool)
{
    g_string_assign(ja4_r, "t13d1516h2_");
    append_values(ja4_r, "%04x", ',', n, pool);
    g_string_append_c(ja4_r, '_');
    append_values(ja4_r, "%04x", ',', n, pool);
    g_string_append_c(ja4_r, '_');
    append_values(ja4_r, "%04x", ',', n, pool);
    g_string_assign(ja3_r, "771,");
    append_values(ja3_r, "%u", '-', n, pool);
    g_string_append_c(ja3_r, ',');
    append_values(ja3_r, "%u", '-', n, pool);
    g_string_append_c(ja3_r, ',');
    append_values(ja3_r, "%u", '-', n, pool);
    g_string_append(ja3_r, ",0");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure(tlsfp_clients *clients, const char *what, const char *ja4_r, const char *ja3_r)
{
    double times[ROUNDS];
    tlsfp_near near[N_OUT];
    tlsfp_shape *shape = tlsfp_shape_new();
    if (!tlsfp_shape_add_text(shape, ja4_r) || !tlsfp_shape_add_text(shape, ja3_r))
        g_error("the benchmark's hello is none");
    tlsfp_clients_nearest(clients, shape, near, N_OUT); /* makes the index */
    for (int round = 0; round < ROUNDS; round++) {
        gint64 start = g_get_monotonic_time();
        for (int i = 0; i < 10; i++)
            tlsfp_clients_nearest(clients, shape, near, N_OUT);
        times[round] = (double)(g_get_monotonic_time() - start) / 10;
    }
    qsort(times, ROUNDS, sizeof *times, compare);
    printf("%6zu hellos  %-9s median %7.1f us  fastest %7.1f us\n", tlsfp_clients_count(clients),
           what, times[ROUNDS / 2], times[0]);
    tlsfp_shape_free(shape);
}

int main(void)
{
    GString *ja4_r = g_string_new(NULL), *ja3_r = g_string_new(NULL);
    for (unsigned n = 1000; n <= 10000; n *= 10) {
        tlsfp_clients *clients = tlsfp_clients_new();
        for (unsigned i = 0; i < n; i++) {
            make_client(ja4_r, ja3_r, 20, 150);
            const tlsfp_client client = {
                .name = "client", .ja3 = "-", .ja4_r = ja4_r->str, .ja3_r = ja3_r->str};
            tlsfp_clients_add(clients, &client);
        }
        measure(clients, "ordinary", ja4_r->str, ja3_r->str);
        make_client(ja4_r, ja3_r, N_WORST, 150);
        measure(clients, "worst", ja4_r->str, ja3_r->str);
        tlsfp_clients_free(clients);
    }
    g_string_free(ja4_r, TRUE);
    g_string_free(ja3_r, TRUE);
    return 0;
}
