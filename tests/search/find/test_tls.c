/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define SYN "{06 (00000000 00000000 02 )}|"

static const finding_case tls_cases[] = {
    {"at-start", LINK_RAW, SYN "{06 T}", 1},
    {"behind-alert", LINK_RAW, SYN "{06 (00000001 00000000 18 1503010002 0164 H)}", 1},
    {"behind-data", LINK_RAW, SYN "{06 (00000001 00000000 18 1703030002 6161 H)}", 0},
    {"behind-starttls", LINK_RAW,
     SYN "{06 (00000001 00000000 18 535441525454 4c53 0d0a)}|{06 (0000000b 00000000 18 H)}", 1},
    {"behind-text", LINK_RAW, SYN "{06 (00000001 00000000 18 61620d0a H)}", 1},
    {"behind-binary", LINK_RAW, SYN "{06 (00000001 00000000 18 00000000 H)}", 0},
    {"behind-binary-segment", LINK_RAW,
     SYN "{06 (00000001 00000000 18 00000000)}|{06 (00000005 00000000 18 H)}", 1},
    {"byte-by-byte", LINK_RAW,
     SYN "{06 (00000001 00000000 18 %0-1%)}|{06 (00000002 00000000 18 %1-2%)}|"
         "{06 (00000003 00000000 18 %2-3%)}|{06 (00000004 00000000 18 %3-4%)}|"
         "{06 (00000005 00000000 18 %4-5%)}|{06 (00000006 00000000 18 %5-6%)}|"
         "{06 (00000007 00000000 18 %6-100%)}",
     1},
    {"two-records", LINK_RAW,
     SYN "{06 (00000001 00000000 18 16030100 0a %5-15%)}|"
         "{06 (00000010 00000000 18 16030100 55 %15-100%)}",
     1},
    {"two-records-in-a-segment", LINK_RAW,
     SYN "{06 (00000001 00000000 18 16030100 0a %5-15% 16030100 55 %15-100%)}", 1},
    {"data-and-the-hello-again", LINK_RAW,
     SYN "{06 (00000001 00000000 18 H 1703030002 6161 %0-100%)}", 1},
    {"hello-in-data", LINK_RAW, SYN "{06 (00000001 00000000 18 1703030064 %0-100%)}", 0},
};

/** A hello in records of @p step bytes. */
static void put_hello_records(GByteArray *out, uint8_t number, size_t len, size_t step)
{
    GByteArray *message = make_client_hello(TLSFP_TLS, number, len);
    for (size_t at = 0; at < len; at += step)
        put_record(out, RECORD_HANDSHAKE, slice(span_of(message), at, at + step));
    g_byte_array_unref(message);
}

static GByteArray *numbered_record(uint8_t number, size_t len)
{
    GByteArray *out = g_byte_array_new();
    put_hello_records(out, number, len, len);
    return out;
}

/** Feeds bytes of the client in segments of @p step bytes. */
static void feed(finding *noted, tlsfp_span bytes, size_t step)
{
    for (size_t at = 0; at < bytes.len; at += step) {
        tlsfp_span part = slice(bytes, at, at + step);
        GByteArray *packet = bytes_of_hex("45 00 0000 0000 0000 40 06 0000 c0000201 c6336402 "
                                          "9c40 01bb");
        put_integer(packet, 4, at + 1);
        put_hex(packet, "00000000 50 18 ffff 0000 0000");
        put_span(packet, part);
        finding_add(noted, LINK_RAW, span_of(packet));
        g_byte_array_unref(packet);
    }
}

/** The two hellos of a connection, with @p between in front of the second. */
static GByteArray *two_hellos(const char *between)
{
    GByteArray *bytes = numbered_record(1, 95), *second = numbered_record(2, 200);
    put_hex(bytes, between);
    put_span(bytes, span_of(second));
    g_byte_array_unref(second);
    return bytes;
}

/** After HelloRetryRequest a second hello follows, behind change_cipher_spec or early data. */
static void test_second_hello(void)
{
    static const char *const between[] = {
        "",
        "14 0303 0001 01",
        "17 0303 0004 61626364",
        "14 0303 0001 01 17 0303 0003 160303 17 0303 0001 16",
        "17 0303 0000 14 0303 0001 01 15 0303 0002 0100 17 0303 0002 1603",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(between); i++) {
        GByteArray *bytes = two_hellos(between[i]);
        for (size_t step = 1; step <= bytes->len; step++) {
            finding *noted = finding_new(NULL);
            finding_add_text(noted, LINK_RAW, "{06 (00000000 00000000 02 )}");
            feed(noted, span_of(bytes), step);
            g_test_message("%zu bytes a segment, behind %s", step, between[i]);
            g_assert_cmpuint(noted->n_found, ==, 2);
            finding_free(noted);
        }
        g_byte_array_unref(bytes);
    }
}

/** However many hellos and records of data take turns, and however the segments cut them. */
static void test_hellos_between_data(void)
{
    enum { HELLOS = 5 };
    GByteArray *bytes = g_byte_array_new();
    for (uint8_t i = 0; i < HELLOS; i++) {
        put_hello_records(bytes, i, 95 + i, 70);
        put_hex(bytes, "17 0303 0003 160301 17 0303 0000");
    }
    for (size_t step = 1; step <= bytes->len; step++) {
        finding *noted = finding_new(NULL);
        finding_add_text(noted, LINK_RAW, "{06 (00000000 00000000 02 )}");
        feed(noted, span_of(bytes), step);
        g_test_message("%zu bytes a segment", step);
        g_assert_cmpuint(noted->n_found, ==, HELLOS);
        finding_free(noted);
    }
    g_byte_array_unref(bytes);
}

/** A hello longer than the limit is counted, and what follows is found. */
static void test_too_long(void)
{
    const finder_limits limits = {.memory = 1 << 20, .max_hello = 500, .key = {{1, 2}}};
    for (size_t len = 499; len < 502; len++) {
        finding *noted = finding_new(&limits);
        GByteArray *bytes = numbered_record(1, len);
        finding_add_text(noted, LINK_RAW, "{06 (00000000 00000000 02 )}");
        feed(noted, span_of(bytes), 1000);
        g_assert_cmpuint(noted->n_found, ==, len <= 500);
        g_assert_cmpuint(finder_counted(noted->finder).too_long, ==, len > 500);
        finding_free(noted);
        g_byte_array_unref(bytes);
    }
}

static void test_ssl2(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW,
                     "{06 (00000000 00000000 02 )}|{06 (00000001 00000000 18 "
                     "802e 01 0002 0015 0000 0010 010203040506)}");
    g_assert_cmpuint(noted->n_found, ==, 0);
    g_assert_cmpuint(finder_counted(noted->finder).ssl2, ==, 1);
    finding_free(noted);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("tls", tls_cases);
    g_test_add_func("/tls/second-hello", test_second_hello);
    g_test_add_func("/tls/hellos-between-data", test_hellos_between_data);
    g_test_add_func("/tls/too-long", test_too_long);
    g_test_add_func("/tls/ssl2", test_ssl2);
    return g_test_run();
}
