/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/key_exchange.h"

#include <openssl/err.h>
#include <string.h>

#include "writer.h"

static void test_budget(void)
{
    costly_budget budget = {0};
    unsigned n = 0;
    const int64_t start = 1000;
    while (costly_budget_take(&budget, 20, start))
        n++;
    g_assert_cmpuint(n, ==, 20);
    g_assert_false(costly_budget_take(&budget, 20, start + 20000));
    g_assert_true(costly_budget_take(&budget, 20, start + 60000));
    g_assert_false(costly_budget_take(&budget, 20, start + 60001));
    for (n = 0; costly_budget_take(&budget, 20, start + 100 * G_USEC_PER_SEC);)
        n++;
    g_assert_cmpuint(n, ==, 20); /* what is not used is not saved up */
}

static void test_lists(void)
{
    static const struct {
        const char *list, *cheap;
        bool costly, finite;
    } rows[] = {
        {"X25519", "X25519", false, false},
        {"P-384", NULL, true, false},
        {"X25519:P-521:P-256", "X25519:P-256", true, false},
        {"ffdhe2048:x25519", "x25519", true, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
        key_groups groups = {0};
        g_assert_true(key_groups_set(tls, rows[i].list, &groups));
        g_assert_cmpstr(groups.cheap, ==, rows[i].cheap);
        g_assert_true(groups.costly == rows[i].costly && groups.finite == rows[i].finite);
        key_groups_clear(&groups);
        SSL_CTX_free(tls);
    }
}

static void test_default(void)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    key_groups groups = {0};
    g_assert_true(key_groups_set(tls, NULL, &groups));
    g_assert_true(g_str_has_prefix(groups.cheap, "X25519:P-256:X448"));
    g_assert_true(groups.costly);
    g_assert_false(groups.finite);
    key_groups_clear(&groups);
    g_assert_false(key_groups_set(tls, "foo", &groups));
    SSL_CTX_free(tls);
}

static void test_refusals(void)
{
    static const struct {
        const char *list, *start;
    } rows[] = {
        {"nonsense", "unknown group 'nonsense'; OpenSSL has X25519, P-256, "},
        {"X25519:P-256:X25519x", "unknown group 'X25519x'; "},
        {"?nonsense:X25519:other", NULL}, /* 3.5 passes over the first one */
        {"X25519:X25519", "'X25519' is named twice"},
        {"X25519:P-256:secp256r1", "'secp256r1' is named twice"},
        {"X25519::P-256", "a group without a name"},
        {"", "no group is named"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
        key_groups groups = {0};
        if (key_groups_set(tls, rows[i].list, &groups)) { /* later ones are more lenient */
            g_assert_cmpuint(OPENSSL_VERSION_NUMBER, >=, 0x30500000);
            key_groups_clear(&groups);
        } else {
            char *why = key_groups_refusal(tls, rows[i].list);
            g_test_message("%s", why);
            g_assert_true(g_str_has_prefix(why, rows[i].start != NULL ? rows[i].start : "unknown"));
            g_free(why);
        }
        g_assert_cmpuint(ERR_peek_error(), ==, 0);
        SSL_CTX_free(tls);
    }
}

typedef struct {
    const char *name, *extensions;
    bool costly, costly_with_finite;
} hello_case;

/* supported_groups (000a), supported_versions (002b), key_share (0033) */
static const hello_case hellos[] = {
    {"nothing", "", false, true},
    {"x25519", "000a 0004 0002 001d 002b 0003 02 0304 0033 0008 0006 001d 0002 aaaa", false, false},
    {"p384-first", "000a 0006 0004 0018 001d 002b 0003 02 0304", true, true},
    {"p384-last", "000a 0006 0004 001d 0018 002b 0003 02 0304", false, false},
    {"grease-first", "000a 0006 0004 1a1a 0019 002b 0003 02 0304", true, true},
    {"share-of-p521",
     "000a 0006 0004 001d 0019 002b 0003 02 0304 0033 000e 000c 001d 0002 aaaa 0019 0002 bbbb",
     true, true},
    {"finite", "000a 0004 0002 0104 002b 0003 02 0304", true, true},
    {"brainpool", "000a 0004 0002 001a", true, true},
    {"unknown", "000a 0004 0002 4242 002b 0003 02 0304", false, false},
    {"shares-cut", "002b 0003 02 0304 0033 0004 0009 0019", false, false},
    {"shares-empty", "002b 0003 02 0304 0033 0000", false, false},
};

static void test_hellos(void)
{
    const key_groups usual = {.cheap = "X25519", .costly = true};
    const key_groups finite = {.cheap = "X25519", .costly = true, .finite = true};
    const key_groups cheap = {.cheap = "X25519"}, costly = {.costly = true};
    for (size_t i = 0; i < G_N_ELEMENTS(hellos); i++) {
        GByteArray *block = g_byte_array_new();
        put_hex(block, "01");
        size_t message = begin_vector(block, 3);
        put_hex(block, "0303");
        put_times(block, 32, 0);
        put_hex(block, "00 0002 1301 01 00");
        size_t extensions = begin_vector(block, 2);
        put_hex(block, hellos[i].extensions);
        end_vector(block, 2, extensions);
        end_vector(block, 3, message);
        tlsfp_client_hello hello;
        g_test_message("%s", hellos[i].name);
        g_assert_cmpint(tlsfp_parse(span_of(block), TLSFP_TLS, &hello), ==, TLSFP_OK);
        g_assert_true(key_groups_may_cost(&usual, &hello) == hellos[i].costly);
        g_assert_true(key_groups_may_cost(&finite, &hello) == hellos[i].costly_with_finite);
        g_assert_false(key_groups_may_cost(&cheap, &hello));
        g_assert_false(key_groups_may_cost(&costly, &hello));
        g_byte_array_unref(block);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/key_exchange/budget", test_budget);
    g_test_add_func("/key_exchange/refusals", test_refusals);
    g_test_add_func("/key_exchange/lists", test_lists);
    g_test_add_func("/key_exchange/default", test_default);
    g_test_add_func("/key_exchange/hellos", test_hellos);
    return g_test_run();
}
