/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A client that has shaken hands, with a hello that tries to break out of a page. */
#ifndef ECHO_TESTS_SAMPLE_CLIENT_H
#define ECHO_TESTS_SAMPLE_CLIENT_H

#include "client.h"
#include "writer.h"

typedef struct {
    GByteArray *message;
    tlsfp_context *context;
    client_info client;
} sample;

/* server_name <b>&"', ALPN <i> and two bytes that are no UTF-8, groups with GREASE; a type and a
   suite that have no name. */
#define SAMPLE_EXTENSIONS                                                                          \
    "0000 000b 0009 00 0006 3c623e262227 0010 0009 0007 03 3c693e 02 ff00 000a 0006 0004 1a1a "    \
    "001d eeee 0000"

/** Sets it again, with the names of these lists. */
static inline void sample_set_hello(sample *made, const tlsfp_labels *labels)
{
    client_clear(&made->client);
    client_set_hello(&made->client, span_of(made->message), TLSFP_TLS, made->context, labels);
    g_assert_true(made->client.parsed);
}

/** To be freed with sample_free(). */
static inline sample *sample_new(void)
{
    sample *made = g_new0(sample, 1);
    made->message = g_byte_array_new();
    put_hex(made->message, "01");
    size_t message = begin_vector(made->message, 3);
    put_hex(made->message, "0303");
    put_times(made->message, 32, 0x5a);
    put_hex(made->message, "00 0006 0a0a 1302 eeee 01 00");
    size_t block = begin_vector(made->message, 2);
    put_hex(made->message, SAMPLE_EXTENSIONS);
    end_vector(made->message, 2, block);
    end_vector(made->message, 3, message);
    made->context = tlsfp_context_new();
    made->client = (client_info){.record_version = 0x0301,
                                 .version = "TLSv1.2",
                                 .cipher = "TLS_FOO",
                                 .alpn = NULL,
                                 .address = "192.0.2.1",
                                 .port = 40000};
    sample_set_hello(made, NULL);
    return made;
}

static inline void sample_free(sample *made)
{
    client_clear(&made->client);
    tlsfp_context_free(made->context);
    g_byte_array_unref(made->message);
    g_free(made);
}

#endif
