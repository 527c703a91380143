/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/streams/pieces.h"

#include <string.h>

#include "exact_block.h"
#include "growth.h"
#include "same_bytes.h"
#include "writer.h"

/** Sequence numbers go round at 2^32, and the sign of their difference changes at 2^31. */
static const uint32_t bases[] = {0,          1000,       0xfffffff0, 0xfffffff8,
                                 0xffffffff, 0x7ffffff8, 0x80000000};

/** Adds pieces written as "OFFSET:BYTES OFFSET:BYTES", which lie behind @p base; with a FIN behind
 * them, "OFFSET:BYTES.". */
static void put(struct pieces *pieces, uint32_t base, const char *text, bool fills, uint32_t room)
{
    char **parts = g_strsplit(text, " ", -1);
    for (char **part = parts; *part != NULL && **part != '\0'; part++) {
        char *bytes;
        uint32_t seq = base + (uint32_t)g_ascii_strtoull(*part, &bytes, 10);
        bool fin = g_str_has_suffix(bytes, ".");
        tlsfp_span block = exact_block((tlsfp_span){(uint8_t *)bytes + 1, strlen(bytes + 1) - fin});
        if (fills)
            pieces_fill(pieces, seq, block);
        else
            pieces_add(pieces, seq, block, fin, room);
        exact_block_free(block);
    }
    g_strfreev(parts);
}

/** Takes all pieces, written as they were put; checks what the list says of itself meanwhile. */
static char *take_all(struct pieces *pieces, uint32_t base)
{
    GString *text = g_string_new(NULL);
    const size_t empty = pieces_memory(pieces);
    for (const struct piece *first; (first = pieces_first(pieces)) != NULL;) {
        size_t count = pieces_count(pieces), bytes = pieces_bytes(pieces);
        size_t memory = pieces_memory(pieces);
        struct piece *piece = pieces_take(pieces);
        g_assert_true(piece == first);
        g_assert_cmpuint(pieces_count(pieces), ==, count - 1);
        g_assert_cmpuint(pieces_bytes(pieces), ==, bytes - piece->len);
        g_assert_cmpuint(memory, >=, pieces_memory(pieces) + piece->len + sizeof *piece);
        g_string_append_printf(text, "%s%u:%.*s%s", text->len > 0 ? " " : "", piece->seq - base,
                               (int)piece->len, (const char *)piece->data, piece->fin ? "." : "");
        piece_free(piece);
    }
    g_assert_null(pieces_take(pieces));
    g_assert_cmpuint(pieces_count(pieces), ==, 0);
    g_assert_cmpuint(pieces_bytes(pieces), ==, 0);
    g_assert_cmpuint(pieces_memory(pieces), <=, empty);
    return g_string_free(text, FALSE);
}

typedef struct {
    const char *name;
    const char *put;
    const char *held;
    uint32_t room;
} pieces_case;

/** As Linux does it, tcp_data_queue_ofo(). */
static const pieces_case add_cases[] = {
    {"none", "5:", "", 0},
    {"one", "5:abc", "5:abc", 0},
    {"apart", "5:ab 9:xy", "5:ab 9:xy", 0},
    {"apart-backwards", "9:xy 5:ab", "5:ab 9:xy", 0},
    {"side-by-side", "5:ab 7:xy", "5:ab 7:xy", 0},
    {"side-by-side-backwards", "7:xy 5:ab", "5:ab 7:xy", 0},
    {"again", "5:abc 5:xyz", "5:abc", 0},
    {"again-shorter", "5:abc 5:xy", "5:abc", 0},
    {"within", "5:abcdef 7:XY", "5:abcdef", 0},
    {"within-to-its-end", "5:abcdef 7:WXYZ", "5:abcdef", 0},
    {"covers", "7:XY 5:abcdef", "5:abcdef", 0},
    {"covers-to-its-end", "7:XY 5:abcd", "5:abcd", 0},
    {"covers-with-one-start", "5:ab 5:WXYZ", "5:WXYZ", 0},
    {"covers-with-one-start-and-others", "5:ab 8:c 10:d 5:WXYZ", "5:WXYZ 10:d", 0},
    {"covers-many", "6:a 8:b 10:c 5:0123456", "5:0123456", 0},
    {"covers-some", "6:a 8:b 12:c 5:0123", "5:0123 12:c", 0},
    {"covers-but-one-byte", "6:ab 5:WX", "5:WX 6:ab", 0},
    {"overlaps-behind", "5:abc 7:XYZ", "5:abc 7:XYZ", 0},
    {"overlaps-in-front", "7:XYZ 5:abc", "5:abc 7:XYZ", 0},
    {"overlaps-both", "5:abc 10:xyz 7:01234", "5:abc 7:01234 10:xyz", 0},
    {"fills-a-hole", "5:abc 10:xyz 8:01", "5:abc 8:01 10:xyz", 0},
    {"has-room", "5:abc 8:def", "5:abcdef", 3},
    {"has-no-room", "5:abc 8:def", "5:abc 8:def", 2},
    {"room-is-used-up", "5:abc 8:def 11:gh", "5:abcdef 11:gh", 4},
    {"room-is-used-exactly", "5:abc 8:def 11:gh", "5:abcdefgh", 5},
    {"room-only-behind", "8:def 5:abc", "5:abc 8:def", 9},
    {"room-not-across-a-hole", "5:abc 9:ef", "5:abc 9:ef", 9},
    {"room-not-for-an-overlap", "5:abc 7:XYZ", "5:abc 7:XYZ", 9},
    {"room-of-the-replacement", "5:ab 5:WXYZ 9:1", "5:WXYZ1", 1},
    {"room-of-what-replaced-it", "5:ab 5:WXYZ 9:12", "5:WXYZ 9:12", 1},
    {"merged-then-again", "5:abc 8:def 5:ABCDEF", "5:abcdef", 3},
    {"merged-then-covered", "5:abc 8:def 5:ABCDEFG", "5:ABCDEFG", 3},
    {"room-before-the-last", "5:a 20:b 6:c", "5:ac 20:b", 1},
    {"behind-the-last-at-once", "5:ab 6:XYZ 7:c 10:d", "5:abc 6:XYZ 10:d", 1},
    {"behind-the-last-no-other-has-room", "5:abcd 7:WXY 10:e", "5:abcd 7:WXYe", 1},
    {"behind-one-before-the-last", "5:abc 7:WXY 8:d", "5:abcd 7:WXY", 1},
    {"one-before-the-last-is-longer", "5:ab 6:XY 7:cdef 11:g", "5:abcdef 6:XY 11:g", 9},
    {"fin-alone", "5:.", "5:.", 0},
    {"fin-with-bytes", "5:ab.", "5:ab.", 0},
    {"fin-alone-takes-a-number", "5:ab 8:. 9:cd", "5:ab 8:. 9:cd", 0},
    {"fin-joins-what-it-follows", "5:ab 7:.", "5:ab.", 0},
    {"fin-is-joined", "5:ab. 8:c", "5:abc.", 1},
    {"fin-is-replaced", "5:. 5:ab", "5:ab", 0},
    {"fin-is-covered", "6:. 5:abc", "5:abc", 0},
    {"fin-within", "5:abc 6:.", "5:abc", 0},
    {"fin-makes-it-longer", "5:ab 5:XY.", "5:XY.", 0},
    {"fin-again", "5:ab. 5:XY.", "5:ab.", 0},
    {"many", "17:h 3:a 13:f 5:b 11:e 7:c 15:g 9:d", "3:a 5:b 7:c 9:d 11:e 13:f 15:g 17:h", 0},
};

/** The bytes that came first stay. */
static const pieces_case fill_cases[] = {
    {"none", "5:", "", 0},
    {"one", "5:abc", "5:abc", 0},
    {"again", "5:abc 5:xyz", "5:abc", 0},
    {"longer", "5:abc 5:xyzXYZ", "5:abc 8:XYZ", 0},
    {"within", "5:abcdef 7:XY", "5:abcdef", 0},
    {"around", "5:abc 4:WXYZ9", "4:W 5:abc 8:9", 0},
    {"around-many", "6:a 8:b 5:0123456", "5:0 6:a 7:2 8:b 9:456", 0},
    {"up-to", "5:abc 3:XY", "3:XY 5:abc", 0},
    {"into", "5:abc 3:XYZ", "3:XY 5:abc", 0},
    {"from", "5:abc 8:XY", "5:abc 8:XY", 0},
    {"out-of", "5:abc 7:XYZ", "5:abc 8:YZ", 0},
    {"in-a-hole", "5:ab 9:cd 7:XY", "5:ab 7:XY 9:cd", 0},
    {"over-a-hole", "5:ab 9:cd 6:UVWXYZ", "5:ab 7:VW 9:cd 11:Z", 0},
};

static void test_add(const void *data)
{
    const pieces_case *row = data;
    for (size_t i = 0; i < G_N_ELEMENTS(bases); i++) {
        struct pieces *pieces = pieces_new();
        put(pieces, bases[i], row->put, false, row->room);
        char *held = take_all(pieces, bases[i]);
        g_assert_cmpstr(held, ==, row->held);
        g_free(held);
        pieces_free(pieces);
    }
}

static void test_fill(const void *data)
{
    const pieces_case *row = data;
    for (size_t i = 0; i < G_N_ELEMENTS(bases); i++) {
        struct pieces *pieces = pieces_new();
        put(pieces, bases[i], row->put, true, 0);
        char *held = take_all(pieces, bases[i]);
        g_assert_cmpstr(held, ==, row->held);
        g_free(held);
        pieces_free(pieces);
    }
}

typedef struct {
    const char *name;
    const char *put;
    uint32_t from;
    size_t len;
    const char *bytes;
} peek_case;

static const peek_case peek_cases[] = {
    {"empty", "", 5, 9, ""},
    {"all", "5:abc", 5, 3, "abc"},
    {"more-than-there-is", "5:abc", 5, 9, "abc"},
    {"less", "5:abc", 5, 2, "ab"},
    {"nothing", "5:abc", 5, 0, ""},
    {"middle", "5:abcdef", 7, 2, "cd"},
    {"last", "5:abc", 7, 9, "c"},
    {"at-its-end", "5:abc", 8, 9, ""},
    {"past-its-end", "5:abc", 9, 9, ""},
    {"far-past-its-end", "5:abc", 5000, 9, ""},
    {"before-it", "5:abc", 4, 9, ""},
    {"two", "5:abc 8:def", 5, 9, "abcdef"},
    {"two-cut", "5:abc 8:def", 6, 4, "bcde"},
    {"hole", "5:abc 9:def", 5, 9, "abc"},
    {"in-a-hole", "5:abc 9:def", 8, 9, ""},
    {"behind-a-hole", "5:abc 9:def", 9, 9, "def"},
    {"overlap", "5:abc 7:XYZ", 5, 9, "abcYZ"},
    {"overlap-from-the-second", "5:abc 7:XYZ", 7, 9, "XYZ"},
    {"covered-in-part", "5:abcdef 6:BCDEFG", 5, 9, "abcdefG"},
};

static void test_peek(const void *data)
{
    const peek_case *row = data;
    for (size_t i = 0; i < G_N_ELEMENTS(bases); i++) {
        struct pieces *pieces = pieces_new();
        put(pieces, bases[i], row->put, false, 0);
        uint8_t *out = g_malloc0(row->len + 1); /* AddressSanitizer sees two bytes over */
        out[row->len] = '!';
        size_t n = pieces_peek(pieces, bases[i] + row->from, out, row->len);
        assert_same_bytes(out, n, row->bytes, strlen(row->bytes));
        for (size_t rest = n; rest < row->len; rest++)
            g_assert_cmpuint(out[rest], ==, 0);
        g_assert_cmpuint(out[row->len], ==, '!');
        g_free(out);
        pieces_free(pieces);
    }
}

enum { SPACE = 64, ROUNDS = 400, PER_ROUND = 24 };

/** Random pieces against an array in which the first byte of each place stays. */
static void test_fill_like_an_array(void)
{
    GRand *random = g_rand_new_with_seed(7);
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t base = bases[(size_t)round % G_N_ELEMENTS(bases)];
        struct pieces *pieces = pieces_new();
        uint8_t expected[SPACE] = {0}, out[SPACE];
        size_t n_expected = 0;
        for (int i = 0; i < PER_ROUND; i++) {
            uint8_t bytes[8];
            size_t at = (size_t)g_rand_int_range(random, 0, SPACE - 8);
            size_t len = (size_t)g_rand_int_range(random, 0, 9);
            for (size_t j = 0; j < len; j++) {
                bytes[j] = (uint8_t)g_rand_int_range(random, 1, 256);
                n_expected += expected[at + j] == 0;
                if (expected[at + j] == 0)
                    expected[at + j] = bytes[j];
            }
            pieces_fill(pieces, base + (uint32_t)at, (tlsfp_span){bytes, len});
            g_assert_cmpuint(pieces_bytes(pieces), ==, n_expected);
        }
        for (size_t at = 0; at < SPACE; at++) {
            size_t n = pieces_peek(pieces, base + (uint32_t)at, out, SPACE), run = 0;
            while (at + run < SPACE && expected[at + run] != 0)
                run++;
            assert_same_bytes(out, n, expected + at, run);
        }
        pieces_free(pieces);
    }
    g_rand_free(random);
}

static void test_free_nothing(void)
{
    pieces_free(NULL);
}

/** Single bytes in descending order with holes, the worst case of an array. */
static void add_descending(unsigned n)
{
    struct pieces *pieces = pieces_new();
    for (unsigned i = n; i > 0; i--)
        pieces_add(pieces, 2 * i, SPAN("a"), false, 0);
    g_assert_cmpuint(pieces_count(pieces), ==, n);
    pieces_free(pieces);
}

static void fill_descending(unsigned n)
{
    struct pieces *pieces = pieces_new();
    for (unsigned i = n; i > 0; i--)
        pieces_fill(pieces, 2 * i, SPAN("a"));
    g_assert_cmpuint(pieces_count(pieces), ==, n);
    pieces_free(pieces);
}

static void test_cost(void)
{
    assert_linear(add_descending, 5000);
    assert_linear(fill_descending, 5000);
}

static void add_rows(const char *kind, const pieces_case *rows, size_t n, GTestDataFunc test)
{
    for (size_t i = 0; i < n; i++) {
        char *path = g_strdup_printf("/pieces/%s/%s", kind, rows[i].name);
        g_test_add_data_func(path, &rows[i], test);
        g_free(path);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("add", add_cases, G_N_ELEMENTS(add_cases), test_add);
    add_rows("fill", fill_cases, G_N_ELEMENTS(fill_cases), test_fill);
    for (size_t i = 0; i < G_N_ELEMENTS(peek_cases); i++) {
        char *path = g_strdup_printf("/pieces/peek/%s", peek_cases[i].name);
        g_test_add_data_func(path, &peek_cases[i], test_peek);
        g_free(path);
    }
    g_test_add_func("/pieces/fill-like-an-array", test_fill_like_an_array);
    g_test_add_func("/pieces/free-nothing", test_free_nothing);
    g_test_add_func("/pieces/cost", test_cost);
    return g_test_run();
}
