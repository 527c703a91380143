/* SPDX-License-Identifier: BSD-3-Clause */
#include "fingerprint/text.h"

#include <stdlib.h>

#include "exact_block.h"
#include "same_bytes.h"
#include "writer.h"

enum { SEED = 20180514 }; /* of the random lists: the same in every run */

enum { SLACK = 16 }; /* decimals are copied in one size, the longest */

/* Lists of values, and how they are written. */
typedef struct {
    const char *name;
    const char *list; /* as on the wire */
    const char *hex, *decimal;
} list_case;

static const list_case list_cases[] = {
    {"empty", "", "", ""},
    {"half-a-value", "13", "", ""},
    {"one", "1301", "1301", "4865"},
    {"one-and-a-half", "130113", "1301", "4865"},
    {"zero", "0000", "0000", "0"},
    {"highest", "ffff", "ffff", "65535"},
    {"widths", "0009 000a 0063 0064 03e7 03e8 270f 2710", "0009,000a,0063,0064,03e7,03e8,270f,2710",
     "9-10-99-100-999-1000-9999-10000"},
    {"order-is-kept", "c02f 1301 c02b", "c02f,1301,c02b", "49199-4865-49195"},
    {"twice", "1301 1301", "1301,1301", "4865-4865"},
    {"only-grease", "0a0a", "", ""},
    {"grease-first", "0a0a 1301", "1301", "4865"},
    {"grease-last", "1301 fafa", "1301", "4865"},
    {"grease-between", "1301 3a3a 1302", "1301,1302", "4865-4866"},
    {"all-grease",
     "0a0a 1a1a 2a2a 3a3a 4a4a 5a5a 6a6a 7a7a 8a8a 9a9a aaaa baba caca dada eaea fafa", "", ""},
    {"not-grease", "1a2a 0a1a 0b0b", "1a2a,0a1a,0b0b", "6698-2586-2827"},
    {"scsv", "00ff 5600", "00ff,5600", "255-22016"},
};

static void test_list(const void *data)
{
    const list_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->list);
    tlsfp_span list = exact_block(span_of(bytes));
    uint16_t values[32];
    char text[128];
    size_t n = read_values(list, values);
    char *end = write_hex_list(text, values, n);
    assert_same_bytes(text, (size_t)(end - text), row->hex, strlen(row->hex));
    decimal *decimals = g_new0(decimal, 0x10000);
    end = write_decimal_list(text, values, n, decimals);
    assert_same_bytes(text, (size_t)(end - text), row->decimal, strlen(row->decimal));
    g_free(decimals);
    exact_block_free(list);
    g_byte_array_unref(bytes);
}

/* Extension blocks. */
typedef struct {
    const char *name;
    const char *block;
    const char *types; /* in hex */
} block_case;

static const block_case block_cases[] = {
    {"empty", "", ""},
    {"one", "00170000", "0017"},
    {"bodies-are-passed-over", "002b 0003 020304 0017 0000 000d 0001 ff", "002b,0017,000d"},
    {"twice", "00170000 00170000", "0017,0017"},
    {"grease", "0a0a0000 0017 0000 caca 0001 00", "0017"},
    {"grease-in-a-body", "0017 0002 0a0a", "0017"},
    {"three-bytes-left", "00170000 002300", "0017"},
    {"longer-than-the-block", "00170000 0023 0001", "0017"},
};

static void test_block(const void *data)
{
    const block_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->block);
    tlsfp_span block = exact_block(span_of(bytes));
    uint16_t types[32];
    char text[128];
    char *end = write_hex_list(text, types, read_extensions(block, types));
    assert_same_bytes(text, (size_t)(end - text), row->types, strlen(row->types));
    exact_block_free(block);
    g_byte_array_unref(bytes);
}

/** The longest lists that a message may hold fit. */
static void test_longest(void)
{
    uint16_t *values = g_new(uint16_t, MAX_VALUES);
    GByteArray *bytes = g_byte_array_new();
    put_times(bytes, 0xffff, 0x13);
    g_assert_cmpuint(read_values(span_of(bytes), values), ==, MAX_VALUES);
    g_assert_cmphex(values[MAX_VALUES - 1], ==, 0x1313);
    put_times(bytes, 0xffff, 0x13);
    g_assert_cmpuint(read_values(span_of(bytes), values), ==, MAX_VALUES);
    memset(bytes->data, 0, bytes->len);
    g_assert_cmpuint(read_extensions(slice(span_of(bytes), 0, 0xffff), values), ==, MAX_EXTENSIONS);
    g_byte_array_unref(bytes);
    g_free(values);
}

static void test_decimal(void)
{
    decimal *decimals = g_new0(decimal, 0x10000);
    for (unsigned value = 0; value <= 0xffff; value++) {
        char text[5 + SLACK], expected[8];
        char *end = write_decimal(text, (uint16_t)value, decimals);
        g_snprintf(expected, sizeof expected, "%u", value);
        assert_same_bytes(text, (size_t)(end - text), expected, strlen(expected));
    }
    g_free(decimals);
}

static void test_hex(void)
{
    for (unsigned byte = 0; byte <= 0xff; byte++) {
        const uint8_t bytes[] = {(uint8_t)byte, 0x0a};
        char text[8] = "-------", expected[8];
        g_snprintf(expected, sizeof expected, "%02x0a---", byte);
        g_assert_true(write_hex(text, bytes, sizeof bytes) == text + 4);
        g_assert_cmpstr(text, ==, expected);
    }
    g_assert_null(write_hex(NULL, NULL, 0));
}

static int compare_values(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Sizes around those at which sorting changes its way. */
typedef struct {
    const char *name;
    size_t n;
    uint32_t highest;
} sort_case;

static const sort_case sort_cases[] = {
    {"none", 0, 0xffff},         {"one", 1, 0xffff},
    {"two", 2, 0xffff},          {"three", 3, 0xffff},
    {"16", 16, 0xffff},          {"47", 47, 0xffff},
    {"48", 48, 0xffff},          {"49", 49, 0xffff},
    {"63", 63, 0xffff},          {"64", 64, 0xffff},
    {"65", 65, 0xffff},          {"66", 66, 0xffff},
    {"255", 255, 0xffff},        {"256", 256, 0xffff},
    {"257", 257, 0xffff},        {"1000", 1000, 0xffff},
    {"longest", 32767, 0xffff},  {"64-few-values", 64, 3},
    {"65-few-values", 65, 3},    {"1000-few-values", 1000, 3},
    {"1000-equal", 1000, 0},     {"1000-in-one-byte", 1000, 0xff},
    {"longest-equal", 32767, 0},
};

static void assert_sorts(const uint16_t *list, size_t n, sort_room *room)
{
    uint16_t *values = malloc(n * sizeof *values), *expected = malloc(n * sizeof *expected);
    if (n > 0) {
        memcpy(values, list, n * sizeof *values);
        memcpy(expected, list, n * sizeof *expected);
        qsort(expected, n, sizeof *expected, compare_values);
    }
    sort_values(values, n, room);
    assert_same_bytes(values, n * sizeof *values, expected, n * sizeof *expected);
    free(expected);
    free(values);
}

static void reverse(uint16_t *list, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint16_t value = list[i];
        list[i] = list[n - 1 - i];
        list[n - 1 - i] = value;
    }
}

/** Many lists through one room: none leaves anything there for the next. */
static void test_sort(const void *data)
{
    const sort_case *row = data;
    GRand *random = g_rand_new_with_seed(SEED);
    uint16_t *list = g_new0(uint16_t, row->n + 1);
    sort_room *room = g_new0(sort_room, 1);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < row->n; i++)
            list[i] = (uint16_t)g_rand_int_range(random, 0, (gint32)row->highest + 1);
        assert_sorts(list, row->n, room);
    }
    qsort(list, row->n, sizeof *list, compare_values);
    assert_sorts(list, row->n, room);
    reverse(list, row->n);
    assert_sorts(list, row->n, room);
    g_free(room);
    g_free(list);
    g_rand_free(random);
}

/** Types of extensions: below 64 each once, and some others. */
static void test_sort_low(void)
{
    sort_room *room = g_new0(sort_room, 1);
    uint16_t list[64 + 12];
    for (size_t n_low = 0; n_low <= 64; n_low++)
        for (size_t n_others = 0; n_others <= 12; n_others++) {
            for (size_t i = 0; i < n_low; i++)
                list[i] = (uint16_t)((i * 37 + 63) % 64);
            for (size_t i = 0; i < n_others; i++)
                list[n_low + i] = (uint16_t)(64 + (i * 40503 & 0xff80));
            assert_sorts(list, n_low + n_others, room);
            if (n_low == 0)
                continue;
            list[n_low - 1] = list[0]; /* one stands twice */
            assert_sorts(list, n_low + n_others, room);
        }
    g_free(room);
}

/** GREASE wherever it stands among values that are read four at a time. */
static void test_grease_anywhere(void)
{
    for (size_t n = 1; n <= 9; n++)
        for (unsigned grease = 0; grease < 1u << n; grease++) {
            GByteArray *bytes = g_byte_array_new();
            uint16_t expected[9], values[9];
            size_t n_expected = 0;
            for (size_t i = 0; i < n; i++) {
                uint16_t value = (uint16_t)(0x0a00 + i);
                put_integer(bytes, 2, grease >> i & 1 ? 0x1a1a : value);
                if (!(grease >> i & 1))
                    expected[n_expected++] = value;
            }
            g_assert_cmpuint(read_values(span_of(bytes), values), ==, n_expected);
            assert_same_bytes(values, 2 * n_expected, expected, 2 * n_expected);
            g_byte_array_unref(bytes);
        }
}

/** No value twice, every value there: the whole of the room. */
static void test_sort_distinct(void)
{
    uint16_t *list = g_new(uint16_t, MAX_VALUES);
    sort_room *room = g_new0(sort_room, 1);
    for (unsigned first = 0; first <= 0xffff - MAX_VALUES + 1; first += 0x4000) {
        for (unsigned i = 0; i < MAX_VALUES; i++)
            list[i] =
                (uint16_t)(first + (i * 5u + 3u) % MAX_VALUES); /* 5 and 32767 share nothing */
        assert_sorts(list, MAX_VALUES, room);
        assert_sorts(list, 100, room);
    }
    g_free(room);
    g_free(list);
}

static void add_case(const char *group, const char *name, const void *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/text/%s/%s", group, name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(list_cases); i++)
        add_case("list", list_cases[i].name, &list_cases[i], test_list);
    for (size_t i = 0; i < G_N_ELEMENTS(block_cases); i++)
        add_case("block", block_cases[i].name, &block_cases[i], test_block);
    for (size_t i = 0; i < G_N_ELEMENTS(sort_cases); i++)
        add_case("sort", sort_cases[i].name, &sort_cases[i], test_sort);
    g_test_add_func("/text/sort/low", test_sort_low);
    g_test_add_func("/text/sort/distinct", test_sort_distinct);
    g_test_add_func("/text/list/grease-anywhere", test_grease_anywhere);
    g_test_add_func("/text/longest", test_longest);
    g_test_add_func("/text/decimal", test_decimal);
    g_test_add_func("/text/hex", test_hex);
    return g_test_run();
}
