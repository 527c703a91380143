/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/claim.h>

#include "labels/product.h"

/* Web brings its library and changed twice; tool takes that of the system. */
#define WEB_1 "t13d0206h2_1301,1302_0005,000a,000d,0015_0403,0804"
#define WEB_10 "t13d0207h2_1301,1302_0005,000a,000d,0015,001b_0403,0804"
#define TOOL "t13d0304h2_1301,1302,1303_000a,000d_0403"
#define AS_CHROME "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
#define NO_ORDER "771,4865-4866,0-5-10-13-16-21" /* sorted, as JA3N is */
#define ORDER "771,4865-4866,0-5-13-10-16-21"

static const char list[] =
    "name,family,versions,engine,kind,ja4_r,ja3_r,user_agent\n"
    "Web 1,Web,1–9,BoringSSL,real,\"" WEB_1 "\",\"" NO_ORDER ",29,0\",\"" AS_CHROME
    "HeadlessChrome/9.1 Safari/537.36\"\n"
    "Web 10,Web,10–12,BoringSSL,real,\"" WEB_10 "\",\"" NO_ORDER "-27,4588-29,0\",\n"
    "Web 20,Web,20.5–22,BoringSSL,real,\"" WEB_10 "\",\"" NO_ORDER "-27,4588-29-23,0\",\n"
    "As Web,Web,13,BoringSSL,mimic,\"" TOOL "\",,Mimic/1\n"
    "Gap 1,Gap,1,BoringSSL,real,\"" WEB_1 "\",\"" NO_ORDER ",29,0\",Gap/1.0\n"
    "Gap 5,Gap,5,BoringSSL,real,\"" WEB_10 "\",\"" NO_ORDER "-27,29-23-24,0\",\n"
    "keeper 1,keeper,1,BoringSSL,real,\"" WEB_1 "\",\"" ORDER ",29,0\",keeper/1.0\n"
    "mixer 1,mixer,1,BoringSSL,real,\"" WEB_1 "\",\"" ORDER ",29,0\",mixer/1.0\n"
    "mixer 2,mixer,2,BoringSSL,real,\"" WEB_1 "\",\"" ORDER ",29,0\",\n"
    "mixer 3,mixer,3,BoringSSL,real,\"" WEB_1 "\",,mixer/3.0\n"
    "tool 3,tool,3,OpenSSL 3.0,real,\"" TOOL "\",,tool/3.1\n"
    "tool 5,tool,5,OpenSSL 3.5,real,\"" TOOL "\",,tool/5.0\n"
    "one,one,,Go 1.22,real,\"" TOOL "\",,Go-http-client/1.1\n";

typedef struct {
    const char *name, *user_agent;
    const char *ja4_r, *ja3_r; /* of the hello; ja3_r may be NULL */
    tlsfp_claim claim;
    const char *why;
} claim_case;

#define CHROME(version) AS_CHROME "Chrome/" version " Safari/537.36"

static const claim_case claim_cases[] = {
    {"same-version", CHROME("5.0.0.0"), WEB_1, NULL, TLSFP_CLAIM_FITS, "Web 1–9 sends this"},
    {"passing-extensions", CHROME("5.0"), "t13i0205h1_1301,1302_0005,000a,000d,0029_0403,0804",
     NULL, TLSFP_CLAIM_FITS, "Web 1–9 sends this"},
    {"group-since", CHROME("11.0"), WEB_10, NO_ORDER "-27,29,0", TLSFP_CLAIM_DOES_NOT_FIT,
     "Web has sent the group X25519MLKEM768 since 10; this hello does not"},
    {"extension-since", CHROME("12"), WEB_1, NO_ORDER ",4588-29,0", TLSFP_CLAIM_DOES_NOT_FIT,
     "Web has sent the extension compress_certificate since 10; this hello does not"},
    {"another-version", CHROME("5"), WEB_10, NO_ORDER "-27,4588-29,0", TLSFP_CLAIM_DOES_NOT_FIT,
     "this is what Web 10–12 sends, not 5"},
    {"between-older", CHROME("15"), WEB_10, NO_ORDER "-27,4588-29,0", TLSFP_CLAIM_FITS,
     "Web 10–12 sends this"},
    {"between-newer", CHROME("15"), WEB_10, NO_ORDER "-27,4588-29-23,0", TLSFP_CLAIM_FITS,
     "Web 20.5–22 sends this"},
    {"between-neither", CHROME("15"), WEB_1, NO_ORDER ",29,0", TLSFP_CLAIM_DOES_NOT_FIT,
     "this is what Web 1–9 sends, not 15"},
    {"between-unlike-the-newer", "Gap/3", WEB_10, NO_ORDER "-27,29-23,0", TLSFP_CLAIM_DOES_NOT_FIT,
     "unlike Gap 5: without group 0x0018 secp384r1"},
    {"foreign", CHROME("5"), "t13d0206h2_1301,1302_0005,000a,000d,0016_0403,0804", NULL,
     TLSFP_CLAIM_DOES_NOT_FIT,
     "this hello has the extension encrypt_then_mac, which no Web of the list sends"},
    {"foreign-without-name", CHROME("5"), "t13d0206h2_1301,1302_0005,000a,000d,ab16_0403,0804",
     NULL, TLSFP_CLAIM_DOES_NOT_FIT,
     "this hello has the extension 0xab16, which no Web of the list sends"},
    {"single-value", CHROME("5"), "t12d0206h2_1301,1302_0005,000a,000d,0015_0403,0804", NULL,
     TLSFP_CLAIM_DOES_NOT_FIT, "unlike Web 1–9: version TLS 1.2 instead of TLS 1.3"},
    {"order-of-ciphers", CHROME("5"), WEB_1, "771,4866-4865,0-5-10-13-16-21,29,0",
     TLSFP_CLAIM_DOES_NOT_FIT,
     "unlike Web 1–9: cipher suite 0x1302 TLS_AES_256_GCM_SHA384 moved from place 2 to 1"},
    {"order-of-extensions", "keeper/1", WEB_1, "771,4865-4866,0-13-10-16-5-21,29,0",
     TLSFP_CLAIM_DOES_NOT_FIT,
     "unlike keeper 1: extension 0x0005 status_request moved from place 2 to 5"},
    {"order-kept", "keeper/1", WEB_1, ORDER ",29,0", TLSFP_CLAIM_FITS, "keeper 1 sends this"},
    {"order-of-passing-extensions", "keeper/1", WEB_1, "771,4865-4866,21-5-13-10-16-0,29,0",
     TLSFP_CLAIM_FITS, "keeper 1 sends this"},
    {"order-of-a-passing-and-another", "keeper/1", WEB_1, "771,4865-4866,5-0-13-10-16-21,29,0",
     TLSFP_CLAIM_FITS, "keeper 1 sends this"},
    {"order-of-the-last-that-keeps-one", "mixer/2", WEB_1, "771,4865-4866,0-13-10-16-5-21,29,0",
     TLSFP_CLAIM_FITS, "mixer 2 sends this"},
    {"order-of-an-earlier-one", "mixer/1", WEB_1, "771,4865-4866,0-13-10-16-5-21,29,0",
     TLSFP_CLAIM_DOES_NOT_FIT, "this is what mixer 2 sends, not 1"},
    {"order-not-kept", CHROME("5"), WEB_1, "771,4865-4866,5-0-13-10-16-21,29,0", TLSFP_CLAIM_FITS,
     "Web 1–9 sends this"},
    {"later-as-the-newest", CHROME("23"), WEB_10, NO_ORDER "-27,4588-29-23,0", TLSFP_CLAIM_FITS,
     "Web 20.5–22 sends this; the list has no Web of this version or later ones"},
    {"later-as-an-old-one", CHROME("23"), WEB_1, NULL, TLSFP_CLAIM_UNKNOWN,
     "Web 1–9 sends this; the list has no Web of this version or later ones"},
    {"earlier-as-a-later-one", CHROME("0.9"), WEB_10, NO_ORDER "-27,4588-29,0", TLSFP_CLAIM_UNKNOWN,
     "Web 10–12 sends this; the list has no Web of this version or earlier ones"},
    {"later", CHROME("23"), TOOL, NULL, TLSFP_CLAIM_UNKNOWN,
     "the list has no Web of this version or later ones"},
    {"earlier", CHROME("0.9"), TOOL, NULL, TLSFP_CLAIM_UNKNOWN,
     "the list has no Web of this version or earlier ones"},
    {"no-version", "Chrome", TOOL, NULL, TLSFP_CLAIM_DOES_NOT_FIT,
     "unlike Web 1–9: plus cipher suite 0x1303 TLS_CHACHA20_POLY1305_SHA256"},
    {"system-library", "tool/3.1", TOOL, NULL, TLSFP_CLAIM_FITS, "tool 3 sends this"},
    {"system-library-newer", "TOOL/9 (x)", TOOL, NULL, TLSFP_CLAIM_FITS,
     "tool 5 sends this; the list has no tool of this version or later ones"},
    {"system-library-unlike", "tool/3.1", "t13d0204h2_1301,1302_000a,000d_0403", NULL,
     TLSFP_CLAIM_UNKNOWN,
     "tool takes the TLS library of the system, and the list does not have all of them"},
    {"system-library-foreign", "tool/3.1", "t13d0305h2_1301,1302,1303_000a,000d,4469_0403", NULL,
     TLSFP_CLAIM_DOES_NOT_FIT,
     "this hello has the extension application_settings (old), which no tool of the list sends"},
    {"versions-unknown", "Go-http-client/2.0", TOOL, NULL, TLSFP_CLAIM_FITS, "one sends this"},
    {"mimics-name-nobody", "Mimic/1", TOOL, NULL, TLSFP_CLAIM_UNKNOWN,
     "no Mimic was run for the list"},
    {"another-browser", CHROME("131.0.0.0") " Edg/131.0", WEB_1, NULL, TLSFP_CLAIM_UNKNOWN,
     "no Edg was run for the list"},
    {"empty", "", WEB_1, NULL, TLSFP_CLAIM_UNKNOWN, "no such client was run for the list"},
    {"says-nothing", "Mozilla/5.0", WEB_1, NULL, TLSFP_CLAIM_UNKNOWN,
     "no such client was run for the list"},
    {"bytes", "\x1b[31m\xff", WEB_1, NULL, TLSFP_CLAIM_UNKNOWN,
     "no such client was run for the list"},
};

static tlsfp_clients *read_clients(void)
{
    tlsfp_clients *clients = tlsfp_clients_new();
    g_assert_cmpuint(tlsfp_clients_read(clients, "list.csv",
                                        (tlsfp_span){(const uint8_t *)list, strlen(list)}, NULL,
                                        NULL),
                     ==, 13);
    return clients;
}

static void test_judge(gconstpointer data)
{
    const claim_case *row = data;
    tlsfp_clients *clients = read_clients();
    tlsfp_shape *shape = tlsfp_shape_new();
    GString *why = g_string_new("before: ");
    g_assert_true(tlsfp_shape_add_text(shape, row->ja4_r));
    g_assert_true(row->ja3_r == NULL || tlsfp_shape_add_text(shape, row->ja3_r));
    const tlsfp_claim claim = tlsfp_claim_judge(clients, row->user_agent, shape, why);
    char *expected = g_strconcat("before: ", row->why, NULL);
    g_assert_cmpstr(why->str, ==, expected);
    g_assert_cmpstr(tlsfp_claim_name(claim), ==, tlsfp_claim_name(row->claim));
    g_free(expected);
    g_string_free(why, TRUE);
    tlsfp_shape_free(shape);
    tlsfp_clients_free(clients);
}

/** Without a list nothing is known. */
static void test_no_list(void)
{
    tlsfp_clients *clients = tlsfp_clients_new();
    tlsfp_shape *shape = tlsfp_shape_new();
    GString *why = g_string_new(NULL);
    g_assert_cmpint(tlsfp_claim_judge(clients, "curl/7.1", shape, why), ==, TLSFP_CLAIM_UNKNOWN);
    g_assert_cmpstr(why->str, ==, "no curl was run for the list");
    g_string_free(why, TRUE);
    tlsfp_shape_free(shape);
    tlsfp_clients_free(clients);
}

typedef struct {
    const char *user_agent, *product;
} product_case;

static const product_case product_cases[] = {
    {"", ""},
    {"Mozilla/5.0", ""},
    {"curl/7.88.1", "curl/7"},
    {"curl", "curl"},
    {"curl/", "curl"},
    {"curl/x", "curl"},
    {"Go-http-client/1.1", "Go-http-client/1"},
    {"Python/3.11 aiohttp/3.9", "Python/3"},
    {CHROME("131.0.0.0"), "Chrome/131"},
    {AS_CHROME "HeadlessChrome/119.0.6045.0 Safari/537.36", "HeadlessChrome/119"},
    {CHROME("131.0.0.0") " Edg/132.0", "Edg/132"},
    {CHROME("131.0.0.0") " OPR/117.0.0.0", "OPR/117"},
    {AS_CHROME "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", "SamsungBrowser/27"},
    {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox/128"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1",
     "CriOS/126"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.5 Safari/605.1.15",
     "Safari/17"},
    {"Opera/9.80 (X11; Linux i686) Presto/2.12.388 Version/12.16", "Opera/9"},
    {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot/2"},
    {"Mozilla/5.0 (pc-x86_64-linux-gnu) Siege/4.1.6", "Siege/4"},
    {"NotChrome/5", "NotChrome/5"},
    {"\x1b]0;title\x07/1", ""},
    {"caf\xc3\xa9/1", "caf"},
    {"x/99999999999999999999999", "x/4294967295"},
    {"a2345678901234567890123456789012345678901234567890123456789012345/7",
     "a23456789012345678901234567890123456789012345678901234567890123/7"},
};

static void test_products(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(product_cases); i++) {
        GString *found = g_string_new(NULL);
        tlsfp_claim_product(product_cases[i].user_agent, found);
        g_assert_cmpstr(found->str, ==, product_cases[i].product);
        g_string_free(found, TRUE);
    }
}

typedef struct {
    const char *text;
    unsigned first, last;
} range_case;

static const range_case range_cases[] = {
    {"3", 3, 3},
    {"3.7", 3, 3},
    {"0.45.6", 0, 0},
    {"1–9", 1, 9},
    {"20.5–22", 20, 22},
    {"8.2–9.14.1", 8, 9},
    {"91–92/103/106–118", 91, 118},
};

static void test_ranges(void)
{
    version_range range;
    for (size_t i = 0; i < G_N_ELEMENTS(range_cases); i++) {
        g_assert_true(version_range_read(range_cases[i].text, &range));
        g_assert_cmpuint(range.first, ==, range_cases[i].first);
        g_assert_cmpuint(range.last, ==, range_cases[i].last);
    }
    g_assert_false(version_range_read(NULL, &range));
    g_assert_false(version_range_read("", &range));
    g_assert_false(version_range_read("v3", &range));
}

/** Reads the list of clients that were run. */
static tlsfp_clients *read_atlas(void)
{
    char *path = g_build_filename(g_getenv("TLSFP_SOURCE"), "samples", "clients.csv", NULL);
    char *text;
    gsize len;
    g_assert_true(g_file_get_contents(path, &text, &len, NULL));
    tlsfp_clients *clients = tlsfp_clients_new();
    tlsfp_clients_read(clients, path, (tlsfp_span){(const uint8_t *)text, len}, NULL, NULL);
    g_free(text);
    g_free(path);
    return clients;
}

/** HAProxy passes on what others say; what is no browser and calls itself Mozilla claims to be
 * another client, or nothing. */
static bool names_itself(const tlsfp_client *client)
{
    return strcmp(client->family, "HAProxy") != 0 &&
           (!g_str_has_prefix(client->user_agent, "Mozilla/") ||
            strcmp(client->family, "Chromium") == 0 || strcmp(client->family, "Firefox") == 0);
}

/** Every real client is what it says it is; some mimics are not what they say they are. */
static void test_atlas(void)
{
    tlsfp_clients *atlas = read_atlas();
    size_t n_real = 0, n_mimics[3] = {0};
    for (size_t i = 0; i < tlsfp_clients_count(atlas); i++) {
        const tlsfp_client *client = tlsfp_clients_get(atlas, i);
        if (client->user_agent == NULL || client->family == NULL)
            continue;
        GString *why = g_string_new(NULL);
        const tlsfp_claim claim = tlsfp_claim_judge(atlas, client->user_agent, client->shape, why);
        if (client->kind == TLSFP_CLIENT_MIMIC)
            n_mimics[claim]++;
        if (client->kind == TLSFP_CLIENT_REAL && names_itself(client)) {
            n_real++;
            if (claim != TLSFP_CLAIM_FITS)
                g_error("%s, %s: %s", client->name, client->user_agent, why->str);
        }
        g_string_free(why, TRUE);
    }
    g_assert_cmpuint(n_real, >, 100);
    g_assert_cmpuint(n_mimics[TLSFP_CLAIM_DOES_NOT_FIT], >, 10);
    g_assert_cmpuint(n_mimics[TLSFP_CLAIM_UNKNOWN], >, 10);
    tlsfp_clients_free(atlas);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(claim_cases); i++) {
        char *path = g_strconcat("/claim/judge/", claim_cases[i].name, NULL);
        g_test_add_data_func(path, &claim_cases[i], test_judge);
        g_free(path);
    }
    g_test_add_func("/claim/no-list", test_no_list);
    g_test_add_func("/claim/products", test_products);
    g_test_add_func("/claim/ranges", test_ranges);
    g_test_add_func("/claim/atlas", test_atlas);
    return g_test_run();
}
