/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A hello to print and to search for, as if it had been found in a capture. */
#ifndef SEARCH_TESTS_SAMPLE_H
#define SEARCH_TESTS_SAMPLE_H

#include "match/sighting.h"
#include "writer.h"

typedef struct {
    GByteArray *message;
    tlsfp_context *context;
    tlsfp_client_hello hello;
    frame packet;
    endpoints ends;
    found_hello found;
    sighting seen;
} sample;

/** The sample's fingerprints, where its extensions are SAMPLE_NAMED. */
#define SAMPLE_NAMED                                                                               \
    "0000 000e 000c 00 0009 4c6f63616c486f7374 0010 000e 000c 02 6832 08 687474702f312e31"
/** The same extensions the other way round. */
#define SAMPLE_SHUFFLED                                                                            \
    "0010 000e 000c 02 6832 08 687474702f312e31 0000 000e 000c 00 0009 4c6f63616c486f7374"
#define SAMPLE_JA3 "862ca6bf907910100971746431127f7d"
#define SAMPLE_JA3_R "771,4866-4865,0-16,,"
#define SAMPLE_JA3N SAMPLE_JA3 /* its extensions are sorted as sent */
#define SAMPLE_JA3N_R SAMPLE_JA3_R
#define SAMPLE_JA4_A "t12d0202h2"
#define SAMPLE_JA4_B "62ed6f6ca7ad"
#define SAMPLE_JA4_C "000000000000"
#define SAMPLE_JA4 SAMPLE_JA4_A "_" SAMPLE_JA4_B "_" SAMPLE_JA4_C
#define SAMPLE_JA4_BC "t12_" SAMPLE_JA4_B "_" SAMPLE_JA4_C
#define SAMPLE_JA4_O SAMPLE_JA4_A "_dab8922e3c39_a2cf1a00988d"
#define SAMPLE_JA4_R SAMPLE_JA4_A "_1301,1302_"
#define SAMPLE_JA4_RO SAMPLE_JA4_A "_1302,1301_0000,0010"

#define SAMPLE_COMMUNITY_ID "1:NbXPA3TEXRmHZI919Uo5iaoB4Q0="

/** @param extensions in hex: type, length, body. @return to be freed with sample_free(). */
static inline sample *sample_new(const char *extensions)
{
    sample *made = g_new0(sample, 1);
    made->message = g_byte_array_new();
    put_hex(made->message, "01");
    size_t message = begin_vector(made->message, 3);
    put_hex(made->message, "0303");
    put_times(made->message, 32, 0x5a);
    put_hex(made->message, "00 0006 0a0a 1302 1301 01 00");
    size_t block = begin_vector(made->message, 2);
    put_hex(made->message, extensions);
    end_vector(made->message, 2, block);
    end_vector(made->message, 3, message);
    g_assert_cmpint(tlsfp_parse(span_of(made->message), TLSFP_TLS, &made->hello), ==, TLSFP_OK);
    made->context = tlsfp_context_new();
    made->packet = (frame){.number = 7, .time_ns = INT64_C(1700000000012345678)};
    made->ends = (endpoints){.version = 4,
                             .protocol = 6,
                             .src = {192, 0, 2, 1},
                             .dst = {198, 51, 100, 2},
                             .src_port = 40000,
                             .dst_port = 443};
    made->found = (found_hello){.frame = &made->packet, .ends = &made->ends, .hello = &made->hello};
    made->seen = sighting_of(&made->found, "a.pcap", made->context);
    return made;
}

static inline void sample_free(sample *made)
{
    tlsfp_context_free(made->context);
    g_byte_array_unref(made->message);
    g_free(made);
}

#endif
