/* SPDX-License-Identifier: BSD-3-Clause */
#include "find/packets/fragments.h"

#include <string.h>

#include "exact_block.h"
#include "growth.h"
#include "same_bytes.h"
#include "writer.h"

enum {
    LARGE = 1 << 20,
    MAX_PACKETS = 64, /* half-seen ones */
    MAX_PAYLOAD = 65535,
};

/** Adds "OFFSET:BYTES" or, for the last one, "OFFSET:BYTES."; what is whole then, or NULL. */
static char *add(struct fragments *fragments, uint64_t key, const char *text)
{
    char *bytes;
    fragment part = {.key = key, .offset = (uint32_t)g_ascii_strtoull(text, &bytes, 10)};
    size_t len = strlen(++bytes);
    part.more = len == 0 || bytes[len - 1] != '.';
    tlsfp_span block = exact_block((tlsfp_span){(uint8_t *)bytes, len - (part.more ? 0 : 1)}),
               whole = {NULL, 0};
    bool is_whole = fragments_add(fragments, &part, block, &whole);
    exact_block_free(block);
    return is_whole ? g_strndup((const char *)whole.data, whole.len) : NULL;
}

typedef struct {
    const char *name;
    const char *parts[6];
    const char *whole; /* after the last one; NULL where it is not whole */
} fragments_case;

static const fragments_case fragments_cases[] = {
    {"one", {"0:abc."}, "abc"},
    {"two", {"0:abcdefgh", "8:ijk."}, "abcdefghijk"},
    {"two-backwards", {"8:ijk.", "0:abcdefgh"}, "abcdefghijk"},
    {"three-shuffled", {"8:ijklmnop", "16:q.", "0:abcdefgh"}, "abcdefghijklmnopq"},
    {"no-last", {"0:abcdefgh", "8:ijk"}, NULL},
    {"no-first", {"8:ijklmnop", "16:q."}, NULL},
    {"hole", {"0:abcdefgh", "16:q."}, NULL},
    {"again", {"0:abcdefgh", "0:ABCDEFGH", "8:ijk."}, "abcdefghijk"},
    {"again-behind-a-hole", {"0:abcdefgh", "0:ABCDEFGH", "16:q."}, NULL},
    {"within", {"0:abcdefghijklmnop", "8:IJKLMNOP", "16:q."}, "abcdefghijklmnopq"},
    {"within-two", {"0:abcdefgh", "8:ijklmnop", "0:ABCDEFGHIJKLMNOP", "16:q."}, "abcdefghijklmnopq"},
    {"overlap", {"0:abcdefghijkl", "8:IJKLmnop", "16:q."}, NULL},
    {"overlap-backwards", {"16:q.", "8:IJKLmnop", "0:abcdefghijkl"}, NULL},
    {"overlap-around", {"8:ijklmnop", "0:ABCDEFGHIJKLMNOPQRST", "16:q."}, NULL},
    {"overlap-then-anew", {"0:abcdefghijkl", "8:IJKLmnop", "0:abcdefgh", "8:ijk."}, "abcdefghijk"},
    {"beyond-the-end", {"8:ijk.", "0:abcdefghijklmnop"}, NULL},
    {"hole-and-beyond-the-end", {"8:ijk.", "16:qrstuvwxyz"}, NULL},
    {"empty", {"0:."}, NULL},
};

static void test_add(const void *data)
{
    const fragments_case *row = data;
    struct fragments *fragments = fragments_new(LARGE);
    for (const char *const *part = row->parts; *part != NULL; part++) {
        char *whole = add(fragments, 7, *part);
        if (part[1] == NULL)
            g_assert_cmpstr(whole, ==, row->whole);
        else
            g_assert_null(whole);
        g_free(whole);
    }
    g_assert_cmpuint(fragments_dropped(fragments), ==, 0);
    fragments_free(fragments);
}

/** What is whole is forgotten: another packet may have the same key. */
static void test_key_again(void)
{
    struct fragments *fragments = fragments_new(LARGE);
    for (int i = 0; i < 3; i++) {
        g_assert_null(add(fragments, 7, "0:abcdefgh"));
        char *whole = add(fragments, 7, "8:ijk.");
        g_assert_cmpstr(whole, ==, "abcdefghijk");
        g_free(whole);
    }
    fragments_free(fragments);
}

static void test_keys_apart(void)
{
    struct fragments *fragments = fragments_new(LARGE);
    g_assert_null(add(fragments, 7, "0:abcdefgh"));
    g_assert_null(add(fragments, 8, "8:ijk."));
    char *whole = add(fragments, 8, "0:ABCDEFGH");
    g_assert_cmpstr(whole, ==, "ABCDEFGHijk");
    g_free(whole);
    fragments_free(fragments);
}

/** The packet that waits longest makes room. */
static void test_many(void)
{
    struct fragments *fragments = fragments_new(LARGE);
    for (uint64_t key = 1; key <= MAX_PACKETS; key++)
        g_assert_null(add(fragments, key, "0:abcdefgh"));
    g_assert_cmpuint(fragments_dropped(fragments), ==, 0);
    g_assert_null(add(fragments, MAX_PACKETS + 1, "0:abcdefgh"));
    g_assert_cmpuint(fragments_dropped(fragments), ==, 1);
    g_assert_null(add(fragments, 1, "8:ijk.")); /* pushes out the second */
    g_assert_cmpuint(fragments_dropped(fragments), ==, 2);
    for (uint64_t key = 3; key <= MAX_PACKETS + 1; key++) {
        char *whole = add(fragments, key, "8:ijk.");
        g_assert_cmpstr(whole, ==, "abcdefghijk");
        g_free(whole);
    }
    g_assert_cmpuint(fragments_dropped(fragments), ==, 2);
    fragments_free(fragments);
}

/** The limit on memory: the packet at hand stays, older ones go, and give back what they held. */
static void test_memory(void)
{
    struct fragments *fragments = fragments_new(3 * 1024);
    char text[1024 + 3] = "0:";
    memset(text + 2, 'a', 1024);
    for (uint64_t key = 1; key <= 40; key++)
        g_assert_null(add(fragments, key, text));
    g_assert_cmpuint(fragments_dropped(fragments), ==, 38);
    char *whole = add(fragments, 40, "1024:b.");
    g_assert_nonnull(whole);
    g_assert_cmpuint(strlen(whole), ==, 1025);
    g_free(whole);
    fragments_free(fragments);
}

static void test_longest(void)
{
    struct fragments *fragments = fragments_new(LARGE);
    GByteArray *bytes = g_byte_array_new();
    put_times(bytes, MAX_PAYLOAD, 'x');
    tlsfp_span whole;
    const fragment first = {.key = 1, .offset = 0, .more = true};
    const fragment last = {.key = 1, .offset = 65528, .more = false};
    g_assert_false(fragments_add(fragments, &last, slice(span_of(bytes), 0, 8), &whole));
    g_assert_false(fragments_add(fragments, &last, slice(span_of(bytes), 0, 7), &whole));
    g_assert_true(fragments_add(fragments, &first, slice(span_of(bytes), 0, 65528), &whole));
    assert_same_bytes(whole.data, whole.len, bytes->data, MAX_PAYLOAD);
    g_byte_array_unref(bytes);
    fragments_free(fragments);
}

/** Pieces of 8 bytes in descending order, the last fragment first. */
static void add_descending(unsigned n)
{
    struct fragments *fragments = fragments_new(LARGE);
    tlsfp_span whole;
    for (unsigned i = n; i-- > 0;) {
        const fragment part = {.key = 1, .offset = 8 * i, .more = i + 1 < n};
        g_assert_true(fragments_add(fragments, &part, SPAN("abcdefgh"), &whole) == (i == 0));
    }
    fragments_free(fragments);
}

static void test_cost(void)
{
    assert_linear(add_descending, 1000);
}

static void test_free_nothing(void)
{
    fragments_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fragments_cases); i++) {
        char *path = g_strdup_printf("/fragments/add/%s", fragments_cases[i].name);
        g_test_add_data_func(path, &fragments_cases[i], test_add);
        g_free(path);
    }
    g_test_add_func("/fragments/key-again", test_key_again);
    g_test_add_func("/fragments/keys-apart", test_keys_apart);
    g_test_add_func("/fragments/many", test_many);
    g_test_add_func("/fragments/memory", test_memory);
    g_test_add_func("/fragments/longest", test_longest);
    g_test_add_func("/fragments/cost", test_cost);
    g_test_add_func("/fragments/free-nothing", test_free_nothing);
    return g_test_run();
}
