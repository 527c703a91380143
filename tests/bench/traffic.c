/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Writes captures for the benchmarks: bench_traffic KIND SIZE > FILE. The same arguments give the
 * same bytes. How many ClientHellos are whole in it goes to standard error.
 */
#include "bulk.h"
#include "client_hellos.h"
#include "endpoints.h"
#include "initials.h"
#include "known_clients.h"
#include "packets.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    AT_ONCE = 64, /* connections that take turns */
    MAX_HELLO = 4096,
};

typedef struct {
    connection ends;
    uint8_t hello[MAX_HELLO];
    size_t len;
} greeting;

/** Which client greets next. */
typedef hello_bytes (*hello_source)(prng *numbers);

static hello_bytes any_client(prng *numbers)
{
    return client_hellos_next(numbers, HELLO_RECORD);
}

static greeting next_greeting(prng *numbers, hello_source next_hello)
{
    hello_bytes hello = next_hello(numbers);
    greeting new = {.ends = endpoints_next(numbers, 443), .len = hello.len};
    g_assert(hello.len <= sizeof new.hello);
    memcpy(new.hello, hello.data, hello.len);
    return new;
}

static void write_segment(greeting *of, size_t at)
{
    if (at < of->len)
        packets_tcp(&of->ends, CLIENT, TCP_ACK | TCP_PSH, of->hello + at,
                    MIN(SEGMENT_SIZE, of->len - at));
}

static void write_end(greeting *of, prng *numbers)
{
    uint8_t answer[SEGMENT_SIZE];
    server_answer(numbers, answer);
    packets_tcp(&of->ends, SERVER, TCP_ACK, answer, sizeof answer);
    packets_tcp(&of->ends, CLIENT, TCP_ACK | TCP_FIN, NULL, 0);
}

/** Writes @p n hellos, some connections at a time; @p whole: from SYN to FIN, with the server's
 * side.
 */
static uint64_t write_greetings(prng *numbers, uint64_t n, bool whole, hello_source next_hello)
{
    static greeting group[AT_ONCE];
    for (uint64_t done = 0; done < n; done += AT_ONCE) {
        size_t len = (size_t)MIN(AT_ONCE, n - done);
        for (size_t i = 0; i < len; i++) {
            group[i] = next_greeting(numbers, next_hello);
            if (whole)
                packets_tcp_open(&group[i].ends);
        }
        for (size_t at = 0; at < MAX_HELLO; at += SEGMENT_SIZE)
            for (size_t i = 0; i < len; i++)
                write_segment(&group[i], at);
        for (size_t i = 0; whole && i < len; i++)
            write_end(&group[i], numbers);
    }
    return n;
}

static uint64_t write_tcp_hellos(prng *numbers, uint64_t n)
{
    return write_greetings(numbers, n, false, any_client);
}

static uint64_t write_tcp_zipf(prng *numbers, uint64_t n)
{
    known_clients_load();
    return write_greetings(numbers, n, false, known_clients_next);
}

static uint64_t write_tcp_connections(prng *numbers, uint64_t n)
{
    return write_greetings(numbers, n, true, any_client);
}

static uint64_t write_quic_initials(prng *numbers, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        connection ends = endpoints_next(numbers, 443);
        client_initials(numbers, &ends);
    }
    return n;
}

static uint64_t write_syn_flood(prng *numbers, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        connection ends = endpoints_next(numbers, 443);
        packets_tcp(&ends, CLIENT, TCP_SYN, NULL, 0);
    }
    return 0;
}

/** The first half of a hello; the second never comes. */
static uint64_t write_first_segments(prng *numbers, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        connection ends = endpoints_next(numbers, 443);
        hello_bytes hello = client_hellos_next(numbers, HELLO_RECORD);
        packets_tcp(&ends, CLIENT, TCP_ACK, hello.data, hello.len / 2);
    }
    return 0;
}

/** Initials with random connection IDs, in turn the first half of a hello and noise. */
static uint64_t write_quic_random(prng *numbers, uint64_t n)
{
    static uint8_t datagram[DATAGRAM_SIZE];
    uint8_t dcid[DCID_SIZE];
    prng_fill(numbers, datagram, sizeof datagram);
    for (uint64_t i = 0; i < n; i++) {
        connection ends = endpoints_next(numbers, 443);
        prng_fill(numbers, dcid, sizeof dcid);
        if (i % 2 == 0) {
            hello_bytes hello = client_hellos_next(numbers, HELLO_QUIC);
            initials_key(dcid);
            initials_seal(0, hello.data, 0, hello.len / 2, datagram);
        } else {
            initials_head(dcid, datagram);
        }
        packets_udp(&ends, CLIENT, datagram, sizeof datagram);
    }
    return 0;
}

static const struct {
    const char *name, *size, *meaning;
    uint64_t (*write)(prng *numbers, uint64_t n); /* returns how many hellos are whole */
} kinds[] = {
    {"bulk", "MEGABYTES", "everyday traffic: TLS, HTTP, DNS, QUIC", bulk_write},
    {"tcp-hellos", "HELLOS", "the segments of hellos, nothing else", write_tcp_hellos},
    {"tcp-zipf", "HELLOS", "as many of each of the known clients as there are on networks",
     write_tcp_zipf},
    {"tcp-connections", "CONNECTIONS", "short TLS connections, SYN to FIN", write_tcp_connections},
    {"quic-initials", "CONNECTIONS", "one or two Initials with a hello", write_quic_initials},
    {"syn-flood", "PACKETS", "SYNs from anywhere", write_syn_flood},
    {"first-segments", "PACKETS", "first halves of hellos", write_first_segments},
    {"quic-random", "PACKETS", "first halves of hellos in Initials, and noise", write_quic_random},
};

static void print_usage(FILE *to)
{
    fprintf(to, "Usage: bench_traffic KIND SIZE > FILE\n"
                "TLSFP_SOURCE in the environment names the repository.\n");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        fprintf(to, "  %-15s %-11s  %s\n", kinds[i].name, kinds[i].size, kinds[i].meaning);
}

static bool parse_size(const char *text, uint64_t *out)
{
    return g_ascii_string_to_unsigned(text, 10, 1, UINT64_C(1) << 40, out, NULL);
}

int main(int argc, char **argv)
{
    uint64_t size;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return 0;
    }
    if (g_getenv("TLSFP_SOURCE") == NULL) {
        fprintf(stderr, "bench_traffic: TLSFP_SOURCE must name the repository\n");
        return 2;
    }
    for (size_t i = 0; argc == 3 && i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(argv[1], kinds[i].name) != 0 || !parse_size(argv[2], &size))
            continue;
        prng numbers = {UINT64_C(0x746c736670)};
        client_hellos_load();
        initials_start();
        packets_start();
        uint64_t hellos = kinds[i].write(&numbers, size);
        packets_end();
        fprintf(stderr, "hellos %" G_GUINT64_FORMAT "\n", hellos);
        return 0;
    }
    print_usage(stderr);
    return 2;
}
