/* SPDX-License-Identifier: BSD-3-Clause */
/* Links nothing but the C library, so that it can be built for a 32-bit processor as well: see
 * reader_32. */
#include <tlsfp/reader.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *bytes;
    size_t len;
    uint64_t wanted; /* how many bytes are to be taken, or the value that is to come out */
    bool fine;
} reader_case;

#define CASE(name, bytes, wanted, fine)                                                            \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, wanted, fine                                               \
    }

static int n_cases, n_failed;

static void check(const char *group, const char *name, bool fine)
{
    n_cases++;
    n_failed += !fine;
    printf("%sok %d /reader/%s/%s\n", fine ? "" : "not ", n_cases, group, name);
}

/** A copy in a block of its own size, so that AddressSanitizer sees one byte over. */
static tlsfp_span block_of(const reader_case *row)
{
    uint8_t *block = malloc(row->len);
    if (block == NULL && row->len > 0)
        abort();
    if (row->len > 0)
        memcpy(block, row->bytes, row->len);
    return (tlsfp_span){block, row->len};
}

static bool same(tlsfp_span a, tlsfp_span b)
{
    return a.data == b.data && a.len == b.len;
}

/* 2^32 + 2 is 2 where size_t has 32 bits. */
static const reader_case take_cases[] = {
    CASE("nothing-of-nothing", "", 0, true),
    CASE("one-of-nothing", "", 1, false),
    CASE("nothing", "abc", 0, true),
    CASE("some", "abc", 2, true),
    CASE("all", "abc", 3, true),
    CASE("one-over", "abc", 4, false),
    CASE("2^32", "abc", UINT64_C(0x100000000), false),
    CASE("2^32+2", "abc", UINT64_C(0x100000002), false),
    CASE("2^62-1", "abc", (UINT64_C(1) << 62) - 1, false),
    CASE("2^64-1", "abc", UINT64_MAX, false),
};

static void test_take(const reader_case *row)
{
    const tlsfp_span whole = block_of(row), untouched = {NULL, 77};
    tlsfp_span in = whole, out = untouched;
    bool fine = take(&in, row->wanted, &out) == row->fine;
    fine = fine && out.len == (row->fine ? row->wanted : untouched.len);
    fine = fine && in.len == whole.len - (row->fine ? row->wanted : 0);
    fine = fine && (row->fine ? out.data == whole.data : same(in, whole) && same(out, untouched));
    check("take", row->name, fine);

    in = whole;
    fine = pass(&in, row->wanted) == row->fine && in.len == whole.len - (row->fine ? out.len : 0);
    check("pass", row->name, fine);

    const uint64_t part = row->fine ? row->wanted : whole.len;
    in = whole;
    out = take_up_to(&in, row->wanted);
    check("take-up-to", row->name,
          out.data == whole.data && out.len == part && in.len == whole.len - part);

    in = whole;
    cut(&in, row->wanted);
    check("cut", row->name, in.data == whole.data && in.len == part);
    free((uint8_t *)whole.data);
}

/* RFC 9000 16 and A.1; each prefix of one is no varint. */
static const reader_case varint_cases[] = {
    CASE("zero", "\0", 0, true),
    CASE("one-byte", "\x25", 37, true),
    CASE("one-byte-highest", "\x3f", 63, true),
    CASE("two-bytes", "\x7b\xbd", 15293, true),
    CASE("two-bytes-that-need-one", "\x40\x25", 37, true),
    CASE("two-bytes-highest", "\x7f\xff", 16383, true),
    CASE("four-bytes", "\x9d\x7f\x3e\x7d", 494878333, true),
    CASE("four-bytes-highest", "\xbf\xff\xff\xff", 1073741823, true),
    CASE("eight-bytes", "\xc2\x19\x7c\x5e\xff\x14\xe8\x8c", UINT64_C(151288809941952652), true),
    CASE("eight-bytes-highest", "\xff\xff\xff\xff\xff\xff\xff\xff", (UINT64_C(1) << 62) - 1, true),
};

static void test_varint(const reader_case *row)
{
    const tlsfp_span whole = block_of(row);
    tlsfp_span in = whole;
    uint64_t value;
    bool fine = take_varint(&in, &value) && value == row->wanted && in.len == 0;
    for (size_t len = 0; len < whole.len; len++) {
        const tlsfp_span prefix = {whole.data, len};
        in = prefix;
        fine = fine && !take_varint(&in, &value) && same(in, prefix);
    }
    check("varint", row->name, fine);
    free((uint8_t *)whole.data);
}

/* A length of 8 bytes, and what it counts: QUIC's varint, and a vector. */
static const reader_case length_cases[] = {
    CASE("fits", "\xc0\0\0\0\0\0\0\x02xy", 2, true),
    CASE("empty", "\xc0\0\0\0\0\0\0\0", 0, true),
    CASE("one-over", "\xc0\0\0\0\0\0\0\x03xy", 3, false),
    CASE("2^32", "\xc0\0\0\x01\0\0\0\0xy", UINT64_C(0x100000000), false),
    CASE("2^32+2", "\xc0\0\0\x01\0\0\0\x02xy", UINT64_C(0x100000002), false),
    CASE("2^62-1", "\xff\xff\xff\xff\xff\xff\xff\xffxy", (UINT64_C(1) << 62) - 1, false),
};

static void test_length(const reader_case *row)
{
    tlsfp_span whole = block_of(row);
    tlsfp_span in = whole, out;
    uint64_t len;
    bool fine = take_varint(&in, &len) && len == row->wanted && take(&in, len, &out) == row->fine;
    check("varint-length", row->name, fine && (!row->fine || out.len == row->wanted));

    ((uint8_t *)whole.data)[0] &= 0x3f;
    in = whole;
    fine = take_vector(&in, 8, &out) == row->fine;
    fine = fine && (row->fine ? out.len == row->wanted && in.len == 0 : same(in, whole));
    check("vector", row->name, fine);
    free((uint8_t *)whole.data);
}

static const reader_case integer_cases[] = {
    CASE("none", "", 0, true),
    CASE("u8", "\xfe", 0xfe, true),
    CASE("u16", "\x12\x34", 0x1234, true),
    CASE("u24", "\xff\x34\x56", 0xff3456, true),
    CASE("u32", "\xff\x34\x56\x78", 0xff345678, true),
    CASE("u64", "\xff\x34\x56\x78\x9a\xbc\xde\xf0", UINT64_C(0xff3456789abcdef0), true),
};

static void test_integer(const reader_case *row)
{
    const tlsfp_span whole = block_of(row);
    tlsfp_span in = whole;
    uint64_t value;
    bool fine = take_integer(&in, row->len, &value) && value == row->wanted && in.len == 0;
    fine = fine && !take_integer(&in, 1, &value) && value == row->wanted;
    uint8_t u8 = 0x55;
    uint16_t u16 = 0x5555;
    if (row->len == 0)
        fine = fine && !take_u8(&in, &u8) && u8 == 0x55;
    in = whole;
    if (row->len < 2)
        fine = fine && !take_u16(&in, &u16) && u16 == 0x5555 && same(in, whole);
    if (row->len == 1)
        fine = fine && get_u8(whole, 0) == row->wanted && take_u8(&in, &u8) && u8 == row->wanted;
    if (row->len == 2)
        fine = fine && get_u16(whole, 0) == row->wanted && value_at(whole, 0) == row->wanted &&
               take_u16(&in, &u16) && u16 == row->wanted;
    if (row->len == 4)
        fine = fine && get_u32(whole, 0) == row->wanted && value_at(whole, 1) == 0x5678;
    check("integer", row->name, fine);
    free((uint8_t *)whole.data);
}

#define RUN(test, rows)                                                                            \
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows)[0]; i++)                                    \
    test(&(rows)[i])

int main(void)
{
    RUN(test_take, take_cases);
    RUN(test_varint, varint_cases);
    RUN(test_length, length_cases);
    RUN(test_integer, integer_cases);
    printf("1..%d\n", n_cases);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
