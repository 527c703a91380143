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

/** Adds "OFFSET:BYTES" or, for the last one, "OFFSET:BYTES."; what is whole then, or NULL. "6/" in
 * front: with IPv6; "e1/": with that ECN; "p7/": of what carries protocol 7. */
static char *add(struct fragments *fragments, uint64_t key, const char *text)
{
    fragment part = {.key = key, .version = 4, .longest = MAX_PAYLOAD - 20};
    char *bytes;
    const char *option;
    for (; (option = strchr(text, '/')) != NULL; text = option + 1) {
        if (text[0] == '6')
            part.version = 6;
        else
            *(text[0] == 'e' ? &part.ecn : &part.protocol) = (uint8_t)(text[1] - '0');
    }
    part.offset = (uint32_t)g_ascii_strtoull(text, &bytes, 10);
    size_t len = strlen(++bytes);
    part.more = len == 0 || bytes[len - 1] != '.';
    tlsfp_span block = exact_block((tlsfp_span){(uint8_t *)bytes, len - (part.more ? 0 : 1)});
    reassembled whole = {{NULL, 0}, 0};
    bool is_whole = fragments_add(fragments, &part, block, &whole);
    exact_block_free(block);
    if (!is_whole)
        return NULL;
    char *out = g_strndup((const char *)whole.payload.data, whole.payload.len);
    if (whole.protocol != 0)
        out[0] = (char)('0' + whole.protocol);
    return out;
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
    {"no-last", {"0:abcdefgh", "8:ijklmnop"}, NULL},
    {"no-first", {"8:ijklmnop", "16:q."}, NULL},
    {"hole", {"0:abcdefgh", "16:q."}, NULL},
    {"again", {"0:abcdefgh", "0:ABCDEFGH", "8:ijk."}, "abcdefghijk"},
    {"again-behind-a-hole", {"0:abcdefgh", "0:ABCDEFGH", "16:q."}, NULL},
    {"within", {"0:abcdefghijklmnop", "8:IJKLMNOP", "16:q."}, "abcdefghijklmnopq"},
    {"within-run",
     {"0:abcdefgh", "8:ijklmnop", "0:ABCDEFGHIJKLMNOP", "16:q."},
     "abcdefghijklmnopq"},
    {"within-two-runs", {"8:ijklmnop", "0:abcdefgh", "0:ABCDEFGHIJKLMNOP", "16:q."}, NULL},
    {"overlap", {"0:abcdefghijklmnop", "8:IJKLMNOPQRSTUVWX", "24:y."}, NULL},
    {"overlap-backwards", {"24:y.", "8:IJKLMNOPQRSTUVWX", "0:abcdefghijklmnop"}, NULL},
    {"overlap-around", {"8:ijklmnop", "0:ABCDEFGHIJKLMNOPQRSTUVWX", "24:y."}, NULL},
    {"overlap-then-anew",
     {"0:abcdefghijklmnop", "8:IJKLMNOPQRSTUVWX", "0:abcdefgh", "8:ijk."},
     "abcdefghijk"},
    {"beyond-the-end", {"8:ijk.", "0:abcdefghijklmnop"}, NULL},
    {"beyond-the-end-then-anew", {"8:ijk.", "16:qrstuvwx", "0:abcdefgh", "8:ijk."}, "abcdefghijk"},
    {"other-end", {"8:ijk.", "8:ijkl.", "0:abcdefgh"}, NULL},
    {"end-before-others", {"16:qrstuvwx", "8:ijk.", "0:abcdefgh"}, NULL},
    {"last-again", {"8:ijk.", "8:IJK.", "0:abcdefgh"}, "abcdefghijk"},
    {"last-is-there", {"0:abcdefgh", "8:ijklmnop", "8:IJKLMNOP."}, NULL},
    {"empty", {"0:."}, NULL},
    {"empty-drops", {"0:abcdefgh", "8:", "8:ijk."}, NULL},
    {"cut", {"0:abcdefghijkl", "8:IJK."}, "abcdefghIJK"},
    {"cut-to-nothing", {"0:abcdefgh", "8:ijk", "8:IJK."}, NULL},
    {"6/cut", {"6/0:abcdefghijkl", "6/0:ABCDEFGH", "6/8:IJK."}, "ABCDEFGHIJK"},
    {"6/cut-to-nothing", {"6/0:abcdefgh", "6/8:ijk", "6/8:IJK."}, "abcdefghIJK"},
    {"too-long", {"65528:abcdefg.", "0:abcdefgh"}, NULL},
    {"6/too-far", {"6/65528:abcdefgh.", "6/8:ijk.", "6/0:abcdefgh"}, "abcdefghijk"},
    {"protocol-of-the-first", {"6/p5/8:ijk.", "6/p7/0:abcdefgh"}, "7bcdefghijk"},
    {"protocol-of-the-copy", {"6/p7/0:abcdefgh", "6/p5/0:abcdefgh", "6/8:ijk."}, "7bcdefghijk"},
    {"ecn-agrees", {"e1/0:abcdefgh", "e3/8:ijk."}, "abcdefghijk"},
    {"ecn-differs", {"e1/0:abcdefgh", "8:ijk."}, NULL},
    {"ecn-of-a-copy", {"e1/0:abcdefgh", "0:abcdefgh", "e3/8:ijk."}, "abcdefghijk"},
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
    enum { OPTIONS = 5 };
    GByteArray *bytes = g_byte_array_new();
    put_times(bytes, MAX_PAYLOAD, 'x');
    for (uint32_t longest = MAX_PAYLOAD - OPTIONS; longest <= MAX_PAYLOAD; longest += OPTIONS) {
        struct fragments *fragments = fragments_new(LARGE);
        reassembled whole;
        fragment part = {.key = 1, .version = 6, .offset = 65528, .longest = longest};
        tlsfp_span last = slice(span_of(bytes), 0, 8), first = slice(span_of(bytes), 0, 65528);
        g_assert_false(fragments_add(fragments, &part, last, &whole));
        last.len = 7;
        g_assert_false(fragments_add(fragments, &part, last, &whole));
        part.offset = 0;
        part.more = true;
        g_assert_true(fragments_add(fragments, &part, first, &whole) == (longest == MAX_PAYLOAD));
        if (longest == MAX_PAYLOAD)
            assert_same_bytes(whole.payload.data, whole.payload.len, bytes->data, MAX_PAYLOAD);
        fragments_free(fragments);
    }
    g_byte_array_unref(bytes);
}

/** Pieces of 8 bytes in descending order, the last fragment first. */
static void add_descending(unsigned n)
{
    struct fragments *fragments = fragments_new(LARGE);
    reassembled whole;
    for (unsigned i = n; i-- > 0;) {
        const fragment part = {
            .key = 1, .version = 4, .offset = 8 * i, .more = i + 1 < n, .longest = MAX_PAYLOAD};
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
