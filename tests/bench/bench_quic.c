/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Nanoseconds for the hello in a QUIC Initial packet: keys, opening, frames, message. Beside it the
 * floor: libgcrypt's calls alone, as few as there can be. Sealing the same packet takes the same
 * ones (initials.c), so that is what is measured.
 *
 * Both run in turn, many times; the median of the ratios counts.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <tlsfp/tlsfp.h>

#include "client_hellos.h"
#include "initials.h"

enum { ROUNDS = 101, N_PACKETS = 100, LIMIT = 64 * 1024 };

typedef struct {
    uint8_t dcid[DCID_SIZE];
    uint8_t crypto[MAX_CRYPTO];
    size_t len;
    uint8_t datagram[DATAGRAM_SIZE];
} packet;

static packet packets[N_PACKETS];
static volatile uint64_t sink; /* so that no result is dropped */

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/** Hellos that fit in one packet. */
static void make_packets(void)
{
    prng numbers = {1};
    for (size_t i = 0; i < N_PACKETS;) {
        packet *made = &packets[i];
        hello_bytes hello = client_hellos_next(&numbers, HELLO_QUIC);
        if (hello.len > MAX_CRYPTO)
            continue;
        prng_fill(&numbers, made->dcid, DCID_SIZE);
        memcpy(made->crypto, hello.data, hello.len);
        made->len = hello.len;
        initials_key(made->dcid);
        initials_seal(0, made->crypto, 0, made->len, made->datagram);
        i++;
    }
}

static void open_all(tlsfp_context *context)
{
    for (size_t i = 0; i < N_PACKETS; i++) {
        tlsfp_span message;
        tlsfp_quic *quic = tlsfp_quic_new(LIMIT);
        if (tlsfp_quic_add(context, quic, (tlsfp_span){packets[i].datagram, DATAGRAM_SIZE}) !=
                TLSFP_OK ||
            tlsfp_quic_message(quic, &message) != TLSFP_OK)
            g_error("the benchmark's packet does not open");
        sink += message.len;
        tlsfp_quic_free(quic);
    }
}

static void seal_all(void)
{
    uint8_t datagram[DATAGRAM_SIZE];
    for (size_t i = 0; i < N_PACKETS; i++) {
        initials_key(packets[i].dcid);
        initials_seal(0, packets[i].crypto, 0, packets[i].len, datagram);
        sink += datagram[DATAGRAM_SIZE - 1];
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(void)
{
    double ours[ROUNDS], floors[ROUNDS], ratios[ROUNDS];
    client_hellos_load();
    initials_start();
    make_packets();
    tlsfp_context *context = tlsfp_context_new();
    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_ns();
        open_all(context);
        double middle = cpu_ns();
        seal_all();
        ours[round] = (middle - start) / N_PACKETS;
        floors[round] = (cpu_ns() - middle) / N_PACKETS;
        ratios[round] = ours[round] / floors[round];
    }
    tlsfp_context_free(context);
    qsort(ours, ROUNDS, sizeof *ours, compare);
    qsort(floors, ROUNDS, sizeof *floors, compare);
    qsort(ratios, ROUNDS, sizeof *ratios, compare);
    double ratio = ratios[ROUNDS / 2];
    printf("QUIC Initial: hello %5.0f ns  the same calls of libgcrypt alone %5.0f ns  ratio %.2f"
           "   target: at most 1.50: %s\n",
           ours[ROUNDS / 2], floors[ROUNDS / 2], ratio, ratio <= 1.5 ? "met" : "not met");
    return 0;
}
