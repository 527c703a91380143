/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <tlsfp/dtls.h>
#include <tlsfp/hello.h>

#include "exact_block.h"
#include "growth.h"
#include "hello_bytes.h"
#include "same_bytes.h"
#include "writer.h"

enum {
    LIMIT = 1 << 16,
    HEADER_SIZE = 12,
    HELLO_SIZE = 212,
    N_BODY = HELLO_SIZE - HEADER_SIZE,
};

/*
 * Datagrams are written down in words:
 *     f3:0-100   a fragment of hello 3 (its message_seq), bytes 0 to 100 of its body
 *     s, c       fragments of the same form of a ServerHello and of a Certificate
 *     ,          ends a record
 *     /          ends a datagram
 *     hex        goes as it is, outside of a record
 * Blanks part words.
 */
typedef struct {
    GByteArray *datagram, *record;
    GPtrArray *datagrams;
    unsigned sequence_number;
} layout;

static GByteArray *hello_number(size_t number)
{
    return make_client_hello(TLSFP_DTLS, (uint8_t)number, HELLO_SIZE);
}

/** RFC 6347 4.2.2. */
static void put_fragment(GByteArray *out, uint8_t type, size_t number, size_t from, size_t to)
{
    GByteArray *hello = hello_number(number);
    put_integer(out, 1, type);
    put_integer(out, 3, N_BODY);
    put_integer(out, 2, number);
    put_integer(out, 3, from);
    put_integer(out, 3, to - from);
    put_span(out, slice(span_of(hello), HEADER_SIZE + from, HEADER_SIZE + to));
    g_byte_array_unref(hello);
}

/** RFC 6347 4.1. */
static void put_dtls_record(GByteArray *out, unsigned sequence_number, tlsfp_span payload)
{
    put_hex(out, "16 fefd 0000");
    put_integer(out, 6, sequence_number);
    put_integer(out, 2, payload.len);
    put_span(out, payload);
}

static void end_record(layout *at)
{
    if (at->record->len > 0)
        put_dtls_record(at->datagram, at->sequence_number++, span_of(at->record));
    g_byte_array_set_size(at->record, 0);
}

static void end_datagram(layout *at)
{
    end_record(at);
    g_ptr_array_add(at->datagrams, at->datagram);
    at->datagram = g_byte_array_new();
}

static void put_word(layout *at, const char *word)
{
    static const struct {
        char letter;
        uint8_t type;
    } types[] = {{'f', TYPE_CLIENT_HELLO}, {'s', TYPE_SERVER_HELLO}, {'c', TYPE_CERTIFICATE}};
    unsigned number, from, to;
    if (strcmp(word, ",") == 0) {
        end_record(at);
        return;
    }
    if (strcmp(word, "/") == 0) {
        end_datagram(at);
        return;
    }
    if (sscanf(word + 1, "%u:%u-%u", &number, &from, &to) == 3) {
        for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
            if (types[i].letter == word[0])
                put_fragment(at->record, types[i].type, number, from, to);
        return;
    }
    end_record(at);
    put_hex(at->datagram, word);
}

static void free_bytes(void *bytes)
{
    g_byte_array_unref(bytes);
}

static GPtrArray *datagrams_of(const char *text)
{
    layout at = {g_byte_array_new(), g_byte_array_new(), g_ptr_array_new_with_free_func(free_bytes),
                 0};
    char **words = g_strsplit(text, " ", -1);
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0')
            put_word(&at, *word);
    end_datagram(&at);
    g_byte_array_unref(at.datagram);
    g_byte_array_unref(at.record);
    g_strfreev(words);
    return at.datagrams;
}

typedef struct {
    const char *name;
    const char *datagrams;
    const char *hellos;  /* the digit of each, in the order in which they are given */
    tlsfp_status status; /* the last, when nothing is left */
} dtls_case;

static const dtls_case dtls_cases[] = {
    {"nothing", "", "", TLSFP_NOT_HELLO},
    {"whole", "f0:0-200", "0", TLSFP_NOT_HELLO},
    {"two-fragments", "f0:0-100 / f0:100-200", "0", TLSFP_NOT_HELLO},
    {"two-fragments-reversed", "f0:100-200 / f0:0-100", "0", TLSFP_NOT_HELLO},
    {"three-fragments-123", "f0:0-60 / f0:60-130 / f0:130-200", "0", TLSFP_NOT_HELLO},
    {"three-fragments-132", "f0:0-60 / f0:130-200 / f0:60-130", "0", TLSFP_NOT_HELLO},
    {"three-fragments-213", "f0:60-130 / f0:0-60 / f0:130-200", "0", TLSFP_NOT_HELLO},
    {"three-fragments-231", "f0:60-130 / f0:130-200 / f0:0-60", "0", TLSFP_NOT_HELLO},
    {"three-fragments-312", "f0:130-200 / f0:0-60 / f0:60-130", "0", TLSFP_NOT_HELLO},
    {"three-fragments-321", "f0:130-200 / f0:60-130 / f0:0-60", "0", TLSFP_NOT_HELLO},
    {"fragments-in-one-record", "f0:0-60 f0:60-130 f0:130-200", "0", TLSFP_NOT_HELLO},
    {"fragments-in-one-datagram", "f0:0-60 , f0:60-130 , f0:130-200", "0", TLSFP_NOT_HELLO},
    {"fragments-in-one-datagram-reversed", "f0:130-200 , f0:60-130 , f0:0-60", "0",
     TLSFP_NOT_HELLO},
    {"fragments-overlap", "f0:0-120 / f0:80-200", "0", TLSFP_NOT_HELLO},
    {"fragments-overlap-reversed", "f0:80-200 / f0:0-120", "0", TLSFP_NOT_HELLO},
    {"fragment-sent-twice", "f0:0-100 / f0:0-100 / f0:100-200", "0", TLSFP_NOT_HELLO},
    {"empty-fragment-first", "f0:0-0 / f0:0-200", "0", TLSFP_NOT_HELLO},
    {"empty-fragment-alone", "f0:0-0", "", TLSFP_MORE},
    {"empty-fragment-at-end", "f0:200-200 f0:0-200", "0", TLSFP_NOT_HELLO},
    {"first-fragment-alone", "f0:0-100", "", TLSFP_MORE},
    {"hole", "f0:0-100 / f0:101-200", "", TLSFP_MORE},
    {"all-but-last-byte", "f0:0-199", "", TLSFP_MORE},

    {"sent-again", "f0:0-200 / f0:0-200", "00", TLSFP_NOT_HELLO},
    {"sent-again-in-fragments", "f0:0-200 / f0:0-100 / f0:100-200", "00", TLSFP_NOT_HELLO},
    {"fragments-sent-again", "f0:0-100 / f0:100-200 / f0:0-100 / f0:100-200", "00",
     TLSFP_NOT_HELLO},
    {"second-with-cookie", "f0:0-200 / f1:0-200", "01", TLSFP_NOT_HELLO},
    {"second-in-fragments", "f0:0-200 / f1:100-200 / f1:0-100", "01", TLSFP_NOT_HELLO},
    {"second-before-first-is-whole", "f0:0-100 / f1:0-200 / f0:100-200", "10", TLSFP_NOT_HELLO},
    {"four-interleaved",
     "f0:0-100 / f1:0-100 / f2:0-100 / f3:0-100 / f3:100-200 / f1:100-200 / f0:100-200 / "
     "f2:100-200",
     "3102", TLSFP_NOT_HELLO},
    {"fifth-drops-the-longest-unused",
     "f0:0-50 / f1:0-100 / f2:0-100 / f3:0-100 / f0:50-100 / f4:0-100 / f1:100-200 / f0:100-200 / "
     "f4:100-200",
     "04", TLSFP_NOT_HELLO},
    {"two-in-a-datagram", "f0:0-200 , f1:0-200", "01", TLSFP_NOT_HELLO},
    {"two-in-a-record", "f0:0-200 f1:0-200", "01", TLSFP_NOT_HELLO},
    {"three-in-a-record", "f0:0-200 f1:0-200 f2:0-200", "012", TLSFP_NOT_HELLO},
    {"same-twice-in-a-record", "f0:0-200 f0:0-200", "00", TLSFP_NOT_HELLO},
    {"fragments-of-two-in-a-record", "f0:0-100 f0:100-200 f1:0-100 f1:100-200", "01",
     TLSFP_NOT_HELLO},
    {"fragments-of-two-across-records", "f0:0-100 , f0:100-200 f1:0-100 , f1:100-200", "01",
     TLSFP_NOT_HELLO},
    {"fragments-of-two-across-datagrams", "f0:0-100 / f0:100-200 f1:0-100 / f1:100-200", "01",
     TLSFP_NOT_HELLO},
    {"records-of-two-datagrams", "f0:0-200 , f1:0-200 / f2:0-200 , f3:0-200", "0123",
     TLSFP_NOT_HELLO},

    {"other-type-between", "f0:0-100 / s0:0-10 / f0:100-200", "0", TLSFP_NOT_HELLO},
    {"certificate-alone", "c0:0-200", "", TLSFP_NOT_HELLO},
    {"certificate-before", "c0:0-200 f1:0-200", "1", TLSFP_NOT_HELLO},
    {"certificate-between-fragments", "f0:0-100 / c1:0-50 / f0:100-200", "0", TLSFP_NOT_HELLO},
    {"certificate-after-fragment", "f0:0-100 c1:0-50", "", TLSFP_MORE},
    {"hello-verify-request", "16fefd00000000000000000010 03000004000000000000000400000000", "",
     TLSFP_NOT_HELLO},

    {"change-cipher-spec-before", "14fefd0000000000000000000101 f0:0-200", "0", TLSFP_NOT_HELLO},
    {"change-cipher-spec-between", "f0:0-100 14fefd0000000000000000000101 f0:100-200", "0",
     TLSFP_NOT_HELLO},
    {"alert-after", "f0:0-200 15fefd000000000000000000020100", "0", TLSFP_NOT_HELLO},
    {"empty-record", "16fefd00000000000000000000 f0:0-200", "0", TLSFP_NOT_HELLO},
    {"epoch-1", "16fefd00010000000000000010 0102030405060708090a0b0c0d0e0f10", "", TLSFP_NOT_HELLO},
    {"epoch-1-before", "16fefd00010000000000000004 01020304 f0:0-200", "0", TLSFP_NOT_HELLO},
    {"epoch-1-between", "f0:0-100 16fefd00010000000000000004 01020304 f0:100-200", "0",
     TLSFP_NOT_HELLO},
    {"dtls-1.3-ciphertext", "2e000000100102030405060708090a0b0c0d0e0f10", "", TLSFP_NOT_HELLO},
    {"dtls-1.3-ciphertext-after", "f0:0-200 2e000000100102030405060708090a0b0c0d0e0f10", "0",
     TLSFP_NOT_HELLO},
    {"dtls-1.3-ciphertext-after-fragment", "f0:0-100 2e00000004010203 / f0:100-200", "0",
     TLSFP_NOT_HELLO},
    {"version-1.0", "16feff0000000000000000000d 010000020000000000000001 ff", "", TLSFP_MORE},
    {"version-of-tls", "1603010000000000000000000d 010000020000000000000001 ff", "", TLSFP_MORE},
    {"version-of-nothing", "16a55a0000000000000000000d 010000020000000000000001 ff", "",
     TLSFP_MORE},
    {"bytes-after-fragment", "16fefd0000000000000000000f 010000020000000000000001 ff 0000", "",
     TLSFP_MORE},
    {"hello-request-between",
     "f0:0-100 / 16fefd0000000000000000000c 000000000000000000000000 / f0:100-200", "0",
     TLSFP_NOT_HELLO},
    {"bytes-after-record", "f0:0-200 0000", "0", TLSFP_NOT_HELLO},
    {"half-record-header", "16fefd000000", "", TLSFP_NOT_HELLO},
    {"record-over-datagram", "16fefd00000000000000000064 01000000", "", TLSFP_NOT_HELLO},
    {"record-header-alone", "16fefd00000000000000000010", "", TLSFP_NOT_HELLO},

    {"half-fragment-header", "16fefd00000000000000000004 010000c8", "", TLSFP_MALFORMED},
    {"fragment-over-record", "16fefd0000000000000000000d 010000020000000000000002 ff", "",
     TLSFP_MALFORMED},
    {"fragment-over-message", "16fefd0000000000000000000e 010000010000000000000002 ffff", "",
     TLSFP_MALFORMED},
    {"offset-over-message", "16fefd0000000000000000000c 010000010000000002000000", "",
     TLSFP_MALFORMED},
    {"offset-and-length-over-message", "16fefd0000000000000000000d 010000010000000001000001 ff", "",
     TLSFP_MALFORMED},
    {"malformed-then-whole", "16fefd00000000000000000004 01000002 f0:0-200", "0", TLSFP_NOT_HELLO},
    {"malformed-between", "f0:0-100 / 16fefd00000000000000000001 01 / f0:100-200", "0",
     TLSFP_NOT_HELLO},
    {"server-hello", "s0:0-200", "s", TLSFP_NOT_HELLO},
};

static void assert_hello_is(tlsfp_span out, char digit)
{
    GByteArray *expected = hello_number(digit == 's' ? 0 : (size_t)(digit - '0'));
    if (digit == 's')
        expected->data[0] = TYPE_SERVER_HELLO;
    assert_same_bytes(out.data, out.len, expected->data, expected->len);
    g_byte_array_unref(expected);
}

/** Feeds a datagram until nothing is left of it, and appends what it gives to @p n hellos. */
static tlsfp_status feed(tlsfp_dtls *dtls, tlsfp_span datagram, const char *hellos, size_t *n)
{
    tlsfp_span block = exact_block(datagram), rest = block;
    tlsfp_status status = TLSFP_OK;
    for (size_t i = 0; status == TLSFP_OK && i <= datagram.len; i++) {
        tlsfp_span out = {NULL, 77};
        status = tlsfp_dtls_add(dtls, &rest, &out);
        if (status != TLSFP_OK)
            g_assert_true(out.data == NULL && out.len == 77);
        else if (*n < strlen(hellos))
            assert_hello_is(out, hellos[(*n)++]);
        else
            g_assert_not_reached();
    }
    g_assert_cmpuint(rest.len, ==, 0);
    exact_block_free(block);
    return status;
}

static void test_datagrams(const void *data)
{
    const dtls_case *row = data;
    GPtrArray *datagrams = datagrams_of(row->datagrams);
    tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
    size_t n = 0;
    tlsfp_status status = TLSFP_NOT_HELLO;
    for (guint i = 0; i < datagrams->len; i++)
        status = feed(dtls, span_of(datagrams->pdata[i]), row->hellos, &n);
    g_assert_cmpuint(n, ==, strlen(row->hellos));
    g_assert_cmpint(status, ==, row->status);
    tlsfp_dtls_free(dtls);
    g_ptr_array_unref(datagrams);
}

/** What is true of a datagram is true of each record in a datagram of its own. */
static void test_prefixes(const void *data)
{
    const dtls_case *row = data;
    GPtrArray *datagrams = datagrams_of(row->datagrams);
    tlsfp_span datagram = span_of(datagrams->pdata[0]);
    for (size_t len = 0; len < datagram.len; len++) {
        tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
        size_t n = 0;
        feed(dtls, slice(datagram, 0, len), row->hellos, &n);
        tlsfp_dtls_free(dtls);
    }
    g_ptr_array_unref(datagrams);
}

static void test_cut_datagram(void)
{
    GPtrArray *datagrams = datagrams_of("f0:0-200");
    tlsfp_span datagram = span_of(datagrams->pdata[0]);
    for (size_t len = 0; len < datagram.len; len++) {
        tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
        size_t n = 0;
        g_assert_cmpint(feed(dtls, slice(datagram, 0, len), "", &n), ==, TLSFP_NOT_HELLO);
        tlsfp_dtls_free(dtls);
    }
    g_ptr_array_unref(datagrams);
}

/** Fragments of one byte each, from the last to the first. */
static void test_fragments_of_one_byte(void)
{
    GString *text = g_string_new(NULL);
    for (unsigned at = N_BODY; at > 0; at--)
        g_string_append_printf(text, "f5:%u-%u %s ", at - 1, at, at == 1 ? "" : "/");
    dtls_case row = {"", text->str, "5", TLSFP_NOT_HELLO};
    test_datagrams(&row);
    g_string_free(text, TRUE);
}

/** A second copy with other bytes loses. */
static void test_first_bytes_win(void)
{
    GPtrArray *datagrams = datagrams_of("f0:50-100 / f0:0-200");
    GByteArray *second = datagrams->pdata[1];
    for (size_t at = 0; at < 50; at++)
        second->data[13 + HEADER_SIZE + 50 + at] ^= 0xff;
    tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
    size_t n = 0;
    g_assert_cmpint(feed(dtls, span_of(datagrams->pdata[0]), "0", &n), ==, TLSFP_MORE);
    feed(dtls, span_of(second), "0", &n);
    g_assert_cmpuint(n, ==, 1);
    tlsfp_dtls_free(dtls);
    g_ptr_array_unref(datagrams);
}

/** Another length is another message. */
static void test_other_length(void)
{
    GPtrArray *datagrams = datagrams_of("f0:0-100 / f0:0-200");
    ((GByteArray *)datagrams->pdata[0])->data[13 + 3]++;
    tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
    size_t n = 0;
    g_assert_cmpint(feed(dtls, span_of(datagrams->pdata[0]), "", &n), ==, TLSFP_MORE);
    feed(dtls, span_of(datagrams->pdata[1]), "0", &n);
    g_assert_cmpuint(n, ==, 1);
    tlsfp_dtls_free(dtls);
    g_ptr_array_unref(datagrams);
}

typedef struct {
    const char *name;
    size_t limit;
    const char *datagrams;
    const char *hellos;
    tlsfp_status status;
} limit_case;

static const limit_case limit_cases[] = {
    {"exact", HELLO_SIZE, "f0:0-200", "0", TLSFP_NOT_HELLO},
    {"exact-in-fragments", HELLO_SIZE, "f0:100-200 / f0:0-100", "0", TLSFP_NOT_HELLO},
    {"one-less", HELLO_SIZE - 1, "f0:0-200", "", TLSFP_TOO_LARGE},
    {"one-less-first-fragment", HELLO_SIZE - 1, "f0:0-100", "", TLSFP_TOO_LARGE},
    {"one-less-last-fragment", HELLO_SIZE - 1, "f0:100-200", "", TLSFP_TOO_LARGE},
    {"in-header", 11, "f0:0-200", "", TLSFP_TOO_LARGE},
    {"none", 0, "f0:0-200", "", TLSFP_TOO_LARGE},
    {"longest-length", LIMIT, "16fefd0000000000000000000c 01ffffff0000000000000000", "",
     TLSFP_TOO_LARGE},
    {"too-large-then-whole", HELLO_SIZE,
     "16fefd0000000000000000000c 01ffffff0000000000000000 f1:0-200", "1", TLSFP_NOT_HELLO},
};

static void test_limit(const void *data)
{
    const limit_case *row = data;
    GPtrArray *datagrams = datagrams_of(row->datagrams);
    tlsfp_dtls *dtls = tlsfp_dtls_new(row->limit);
    size_t n = 0;
    tlsfp_status status = TLSFP_NOT_HELLO;
    for (guint i = 0; i < datagrams->len; i++)
        status = feed(dtls, span_of(datagrams->pdata[i]), row->hellos, &n);
    g_assert_cmpuint(n, ==, strlen(row->hellos));
    g_assert_cmpint(status, ==, row->status);
    g_assert_cmpuint(tlsfp_dtls_memory(dtls), <=, 1024 + row->limit + (row->limit + 7) / 8);
    tlsfp_dtls_free(dtls);
    g_ptr_array_unref(datagrams);
}

/** Fragments of ever new messages do not add up. */
static void test_memory(void)
{
    tlsfp_dtls *dtls = tlsfp_dtls_new(4096);
    g_assert_cmpuint(tlsfp_dtls_memory(dtls), <=, 256);
    for (unsigned i = 0; i < 200; i++) {
        char *text = g_strdup_printf("f%u:150-200", i);
        GPtrArray *datagrams = datagrams_of(text);
        size_t n = 0;
        g_assert_cmpint(feed(dtls, span_of(datagrams->pdata[0]), "", &n), ==, TLSFP_MORE);
        g_assert_cmpuint(tlsfp_dtls_memory(dtls), <=, 512 + 4096 + 512);
        g_ptr_array_unref(datagrams);
        g_free(text);
    }
    tlsfp_dtls_free(dtls);
    tlsfp_dtls_free(NULL);
}

/** OpenSSL's DTLS1_BAD_VER, RFC-less; some VPN clients still send it. */
/** One record of @p n hellos, each of which is but a header: every one is given. */
static void read_tiny_hellos(unsigned n)
{
    GByteArray *record = g_byte_array_new(), *datagram = g_byte_array_new();
    for (unsigned i = 0; i < n; i++)
        put_hex(record, "01 000000 0000 000000 000000");
    put_dtls_record(datagram, 0, span_of(record));
    tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
    tlsfp_span rest = span_of(datagram), message;
    unsigned n_found = 0;
    while (tlsfp_dtls_add(dtls, &rest, &message) == TLSFP_OK)
        n_found++;
    g_assert_cmpuint(n_found, ==, n);
    tlsfp_dtls_free(dtls);
    g_byte_array_unref(record);
    g_byte_array_unref(datagram);
}

static void test_tiny_hellos(void)
{
    read_tiny_hellos(1);
    assert_linear(read_tiny_hellos, 600);
}

static void test_version_0100(void)
{
    GPtrArray *datagrams = datagrams_of("f0:0-200");
    GByteArray *datagram = datagrams->pdata[0];
    datagram->data[1] = 0x01;
    datagram->data[2] = 0x00;
    tlsfp_dtls *dtls = tlsfp_dtls_new(LIMIT);
    size_t n = 0;
    feed(dtls, span_of(datagram), "0", &n);
    g_assert_cmpuint(n, ==, 1);
    tlsfp_dtls_free(dtls);
    g_ptr_array_unref(datagrams);
}

enum { LONG_CIPHERS = 40000, LONG_BODY = 70000 - HEADER_SIZE, LONG_PART = 1200 };

/** A hello of 70,000 bytes: more than a vector, a record or a datagram can hold. */
static GByteArray *long_hello(void)
{
    GByteArray *body = bytes_of_hex("0303");
    put_times(body, 32, 7);
    put_hex(body, "00 00");
    size_t ciphers = begin_vector(body, 2);
    for (unsigned i = 0; i < LONG_CIPHERS / 2; i++)
        put_integer(body, 2, i);
    end_vector(body, 2, ciphers);
    put_hex(body, "01 00");
    size_t block = begin_vector(body, 2);
    put_integer(body, 2, 21);
    size_t padding = begin_vector(body, 2);
    while (body->len < LONG_BODY)
        put_integer(body, 1, body->len % 251);
    end_vector(body, 2, padding);
    end_vector(body, 2, block);
    GByteArray *message = make_message(TLSFP_DTLS, TYPE_CLIENT_HELLO, 0, span_of(body));
    g_byte_array_unref(body);
    return message;
}

/** In fragments of a datagram each, forwards or backwards. */
static void test_long(const void *data)
{
    const bool backwards = GPOINTER_TO_INT(data);
    GByteArray *hello = long_hello();
    const tlsfp_span body = slice(span_of(hello), HEADER_SIZE, hello->len);
    const size_t n_parts = (body.len + LONG_PART - 1) / LONG_PART;
    tlsfp_dtls *dtls = tlsfp_dtls_new(hello->len);
    tlsfp_span message = {NULL, 0};
    for (size_t i = 0; i < n_parts; i++) {
        size_t from = LONG_PART * (backwards ? n_parts - 1 - i : i);
        tlsfp_span part = slice(body, from, from + LONG_PART);
        GByteArray *payload = g_byte_array_new(), *datagram = g_byte_array_new();
        put_span(payload, slice(span_of(hello), 0, 6));
        put_integer(payload, 3, from);
        put_integer(payload, 3, part.len);
        put_span(payload, part);
        put_dtls_record(datagram, (unsigned)i, span_of(payload));
        tlsfp_span rest = span_of(datagram);
        g_assert_cmpint(tlsfp_dtls_add(dtls, &rest, &message), ==,
                        i + 1 < n_parts ? TLSFP_MORE : TLSFP_OK);
        g_byte_array_unref(payload);
        g_byte_array_unref(datagram);
    }
    assert_same_bytes(message.data, message.len, hello->data, hello->len);
    tlsfp_client_hello parsed;
    g_assert_cmpint(tlsfp_parse(message, TLSFP_DTLS, &parsed), ==, TLSFP_OK);
    g_assert_cmpuint(parsed.cipher_suites.len, ==, LONG_CIPHERS);
    tlsfp_dtls_free(dtls);
    g_byte_array_unref(hello);
}

static void add_case(const char *group, const char *name, const void *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/dtls/%s/%s", group, name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(dtls_cases); i++) {
        add_case("add", dtls_cases[i].name, &dtls_cases[i], test_datagrams);
        add_case("prefixes", dtls_cases[i].name, &dtls_cases[i], test_prefixes);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(limit_cases); i++)
        add_case("limit", limit_cases[i].name, &limit_cases[i], test_limit);
    g_test_add_func("/dtls/add/cut-datagram", test_cut_datagram);
    g_test_add_func("/dtls/add/fragments-of-one-byte", test_fragments_of_one_byte);
    g_test_add_func("/dtls/add/first-bytes-win", test_first_bytes_win);
    g_test_add_func("/dtls/add/other-length", test_other_length);
    g_test_add_func("/dtls/add/version-0100", test_version_0100);
    add_case("add", "70000-bytes", GINT_TO_POINTER(FALSE), test_long);
    add_case("add", "70000-bytes-backwards", GINT_TO_POINTER(TRUE), test_long);
    g_test_add_func("/dtls/memory", test_memory);
    g_test_add_func("/dtls/tiny-hellos", test_tiny_hellos);
    return g_test_run();
}
