/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * How often parsing and fingerprinting allocate. This program puts its own malloc() and its kin in
 * front of the C library's, and so counts those of GLib and libgcrypt, too. A sanitizer does the
 * same, wherefore this test is not built together with one.
 */
#include <gcrypt.h>
#include <stdlib.h>
#include <tlsfp/tlsfp.h>

#include "hello_bytes.h"
#include "writer.h"

enum {
    N_ROUNDS = 100,
    /* GLib's g_checksum_get_digest() makes a string of the digest, used or not. */
    N_PER_JA3 = 1,
    JA3_STRING_SIZE = 33,
};

/* glibc's own names for what is replaced below. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static size_t n_allocations;
static size_t n_bytes;

static void count(size_t size)
{
    n_allocations++;
    n_bytes += size;
}

TLSFP_API void *malloc(size_t size)
{
    count(size);
    return __libc_malloc(size);
}

TLSFP_API void *calloc(size_t n, size_t size)
{
    count(n * size);
    return __libc_calloc(n, size);
}

TLSFP_API void *realloc(void *block, size_t size)
{
    count(size);
    return __libc_realloc(block, size);
}

TLSFP_API void *aligned_alloc(size_t alignment, size_t size)
{
    count(size);
    return __libc_memalign(alignment, size);
}

TLSFP_API int posix_memalign(void **out, size_t alignment, size_t size)
{
    count(size);
    *out = __libc_memalign(alignment, size);
    return 0;
}

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BODY                                                                                       \
    "0303" RANDOM "00 0006 1301 c02b 0a0a 01 00 0037 0000 0006 0004 00 0001 61"                    \
    "000a 0004 0002 001d 000b 0002 01 00 000d 0006 0004 0403 0804 0010 0005 0003 02 6832"          \
    "002b 0003 02 0304 0a0a 0001 00"

typedef struct {
    tlsfp_context *context;
    GByteArray *hello;
} fixture;

static void set_up(fixture *f, const void *unused)
{
    (void)unused;
    GByteArray *body = bytes_of_hex(BODY);
    f->context = tlsfp_context_new();
    f->hello = make_message(TLSFP_TLS, TYPE_CLIENT_HELLO, 0, span_of(body));
    g_byte_array_unref(body);
}

static void tear_down(fixture *f, const void *unused)
{
    (void)unused;
    g_byte_array_unref(f->hello);
    tlsfp_context_free(f->context);
}

static void ja4_of(const fixture *f)
{
    tlsfp_client_hello hello;
    char ja4[TLSFP_JA4_SIZE];
    g_assert_cmpint(tlsfp_parse(span_of(f->hello), TLSFP_TLS, &hello), ==, TLSFP_OK);
    tlsfp_ja4(f->context, &hello, TLSFP_SORTED, ja4);
    tlsfp_ja4(f->context, &hello, TLSFP_ORIGINAL, ja4);
}

static void ja3_of(const fixture *f)
{
    tlsfp_client_hello hello;
    char ja3[TLSFP_JA3_SIZE];
    g_assert_cmpint(tlsfp_parse(span_of(f->hello), TLSFP_TLS, &hello), ==, TLSFP_OK);
    tlsfp_ja3(f->context, &hello, ja3);
}

/** Sees to it that the counters count: what is not counted would pass all else. */
static void test_counters(fixture *f, const void *unused)
{
    (void)f;
    (void)unused;
    size_t before = n_allocations;
    g_free(g_malloc(10));
    g_free(g_malloc0(10));
    g_assert_cmpuint(n_allocations - before, ==, 2);
    before = n_allocations;
    gcry_md_hd_t md;
    g_assert_cmpuint(gcry_md_open(&md, GCRY_MD_SHA256, 0), ==, 0);
    gcry_md_close(md);
    g_assert_cmpuint(n_allocations, >, before);
}

static void test_ja4(fixture *f, const void *unused)
{
    (void)unused;
    size_t before = n_allocations;
    for (int i = 0; i < N_ROUNDS; i++)
        ja4_of(f);
    g_assert_cmpuint(n_allocations - before, ==, 0);
}

/** A list that was hashed before is not hashed again. */
static void test_ja3(fixture *f, const void *unused)
{
    (void)unused;
    size_t before = n_allocations;
    for (int i = 0; i < N_ROUNDS; i++)
        ja3_of(f);
    g_assert_cmpuint(n_allocations - before, ==, N_PER_JA3);
}

/** Of hellos with another cipher suite each. */
static void test_new_ja3(fixture *f, const void *unused)
{
    enum { SECOND_CIPHER_AT = 4 + 2 + 32 + 1 + 2 + 2 };
    (void)unused;
    size_t before = n_allocations, bytes_before = n_bytes;
    g_assert_cmpuint(f->hello->data[SECOND_CIPHER_AT], ==, 0xc0);
    for (int i = 0; i < N_ROUNDS; i++) {
        f->hello->data[SECOND_CIPHER_AT + 1] = (uint8_t)i;
        ja3_of(f);
    }
    g_assert_cmpuint(n_allocations - before, ==, N_ROUNDS * N_PER_JA3);
    g_assert_cmpuint(n_bytes - bytes_before, ==, N_ROUNDS * N_PER_JA3 * JA3_STRING_SIZE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/allocation/counters", fixture, NULL, set_up, test_counters, tear_down);
    g_test_add("/allocation/parse-and-ja4", fixture, NULL, set_up, test_ja4, tear_down);
    g_test_add("/allocation/parse-and-ja3", fixture, NULL, set_up, test_ja3, tear_down);
    g_test_add("/allocation/parse-and-new-ja3", fixture, NULL, set_up, test_new_ja3, tear_down);
    return g_test_run();
}
