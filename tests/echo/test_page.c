/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/page.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "answer/page_assets.h"
#include "answer/page_parts.h"
#include "sample_client.h"

static char *page_of(const sample *made, const char *host)
{
    static const http_facts facts = {.version = 1};
    const http_request request = {.method = METHOD_GET, .method_name = "GET"};
    findings found = {.client = &made->client, .facts = &facts, .context = made->context};
    GBytes *page = page_html(&found, &request, host);
    gsize len;
    const char *bytes = g_bytes_get_data(page, &len);
    char *text = g_strndup(bytes, len);
    g_bytes_unref(page);
    findings_clear(&found);
    return text;
}

static void assert_has(const char *page, const char *part)
{
    if (strstr(page, part) == NULL)
        g_error("the page has no %s", part);
}

/** Each place is filled, and the page ends as it should. */
static void test_filled(void)
{
    sample *made = sample_new();
    char *page = page_of(made, "localhost:4433");
    g_assert_null(strstr(page, "{{"));
    g_assert_true(g_str_has_suffix(page, "</html>\n"));
    assert_has(page, "curl -sk https://localhost:4433/all");
    assert_has(page, "TLS_<wbr>AES_<wbr>256_<wbr>GCM_<wbr>SHA384");
    assert_has(page, "<tr class=\"grease\"><td>0a0a</td>");
    assert_has(page, "<td>eeee</td><td>no name known</td>");
    assert_has(page, "192.0.2.1");
    g_free(page);
    sample_free(made);
}

static void test_fingerprints(void)
{
    char ja4[TLSFP_JA4_SIZE], ja3[TLSFP_JA3_SIZE];
    sample *made = sample_new();
    char *page = page_of(made, "a");
    tlsfp_ja4(made->context, &made->client.hello, TLSFP_SORTED, ja4);
    tlsfp_ja3(made->context, &made->client.hello, ja3);
    char *title = g_strdup_printf("<title>%s ", ja4);
    assert_has(page, title);
    assert_has(page, ja3);
    g_free(title);
    g_free(page);
    sample_free(made);
}

/** What the client sent stays text. */
static void test_escaped(void)
{
    sample *made = sample_new();
    char *page = page_of(made, "<script>\"x");
    g_assert_null(strstr(page, "<b>"));
    g_assert_null(strstr(page, "<i>"));
    g_assert_null(strstr(page, "<script>\"x"));
    assert_has(page, "&lt;b&gt;&amp;&quot;&apos;");
    assert_has(page, "&lt;i&gt;");
    g_assert_true(g_utf8_validate(page, -1, NULL));
    g_free(page);
    sample_free(made);
}

static char *page_about(sample *made, known_clients *known, const http_facts *facts,
                        const http_request *request)
{
    findings found = {
        .client = &made->client, .facts = facts, .context = made->context, .known = known};
    GBytes *page = page_html(&found, request, "a");
    gsize len;
    const char *bytes = g_bytes_get_data(page, &len);
    char *text = g_strndup(bytes, len);
    g_bytes_unref(page);
    findings_clear(&found);
    return text;
}

/** What only the client or only the nearest known one sends is marked, in words, too. */
static void test_differences(void)
{
    static const char list[] =
        "name,family,user_agent,ja4_r,ja3_r\n"
        "\"<i>Foo 1\",Foo,Foo/1,\"t12d020400_1301,1302_000a\",\"771,4865-4866,0-16-"
        "10,29,0\"\n";
    sample *made = sample_new();
    const http_facts facts = {.version = 1};
    http_request request = {.method = METHOD_GET, .user_agent = "<b>Foo/1"};
    known_clients *known = known_clients_new();
    tlsfp_labels *labels = tlsfp_labels_new(&(tlsfp_hash_key){{0}});
    char *path = NULL;
    close(g_file_open_tmp("tlsfp-page-XXXXXX", &path, NULL));
    g_assert_true(g_file_set_contents(path, list, -1, NULL));
    g_assert_true(known_clients_load(known, path, labels, NULL, NULL));
    g_unlink(path);
    g_free(path);
    tlsfp_labels_free(labels);
    char *page = page_about(made, known, &facts, &request);
    assert_has(page, "<section id=\"known\">");
    assert_has(page, "&lt;i&gt;Foo 1</strong>, at a distance of ");
    assert_has(page, "<tr class=\"missing\"><td>1301</td>");
    assert_has(page, "<tr class=\"added\"><td>eeee</td>");
    assert_has(page, "marked.");
    assert_has(page, "By its User-Agent it is ");
    g_assert_null(strstr(page, "<b>Foo"));
    g_free(page);
    known_clients_free(known);
    sample_free(made);
}

/** Sections on HTTP/2 and TCP; what the client sent stays text. */
static void test_layers(void)
{
    sample *made = sample_new();
    GByteArray *preface = bytes_of_hex("505249202a20485454502f322e300d0a0d0a534d0d0a0d0a 000006 04 "
                                       "00 00000000 000300000064 000001 01 05 00000001 88");
    GByteArray *syn = bytes_of_hex("4500002c 00014000 40060000 c0000201 c0000202 9c401151 01020304 "
                                   "00000000 60027210 00000000 020405b4");
    http_facts facts = {.version = 2, .first = g_string_new_len(":method\0GET\0", 12)};
    http_request request = {.method = METHOD_GET};
    http2_frames_read(&facts.frames, span_of(preface));
    request_add_field(&request, (tlsfp_span){(const uint8_t *)"<i>x", 4},
                      (tlsfp_span){(const uint8_t *)"1", 1});
    memcpy(made->client.syn, syn->data, syn->len);
    made->client.n_syn = (uint8_t)syn->len;
    char *page = page_about(made, NULL, &facts, &request);
    assert_has(page, "<code>3:100|00|0|m</code>");
    assert_has(page, "<td>MAX_CONCURRENT_STREAMS</td><td class=\"size\">100</td>");
    assert_has(page, "<code>4:64+0:0:1460:mss*20,0:mss:df,id+:0</code>");
    assert_has(page, "<code>29200:2:1460:</code>");
    assert_has(page, "&lt;i&gt;x</td>");
    assert_has(page, "<a href=\"#tcp\">TCP</a>");
    g_assert_null(strstr(page, "id=\"known\""));
    g_free(page);
    request_clear(&request);
    http_facts_clear(&facts);
    g_byte_array_unref(preface);
    g_byte_array_unref(syn);
    sample_free(made);
}

static void test_append_text(void)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } rows[] = {
        {"a.example", 9, "a.example"},
        {"<&>\"'", 5, "&lt;&amp;&gt;&quot;&apos;"},
        {"", 0, ""},
        {"a\0b", 3, "a\\x00b"},
        {"\xff", 1, "\\xff"},
        {"\xc3\xa4", 2, "\xc3\xa4"},
        {"\x1b[2J", 4, "\\x1b[2J"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GString *out = g_string_new(NULL);
        page_append_text(out, (tlsfp_span){(const uint8_t *)rows[i].bytes, rows[i].len});
        g_assert_cmpstr(out->str, ==, rows[i].expected);
        g_string_free(out, TRUE);
    }
}

static char *hash_of(tlsfp_span bytes)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 hash[32];
    gsize len = sizeof hash;
    g_checksum_update(sum, bytes.data, (gssize)bytes.len);
    g_checksum_get_digest(sum, hash, &len);
    g_checksum_free(sum);
    return g_base64_encode(hash, len);
}

/** The policy lets in what the page has inside, and nothing from elsewhere. */
static void test_policy(void)
{
    char *style = hash_of(page_style), *script = hash_of(page_script);
    const char *policy = page_policy();
    g_assert_true(g_str_has_prefix(policy, "default-src 'none'; "));
    assert_has(policy, style);
    assert_has(policy, script);
    g_assert_null(strstr(policy, "unsafe"));
    g_assert_true(policy == page_policy());
    g_free(style);
    g_free(script);
}

/** Takes @p part out of @p page, where it must stand. */
static char *without(char *page, tlsfp_span part)
{
    char *at = memmem(page, strlen(page), part.data, part.len);
    g_assert_nonnull(at);
    char *start = g_strndup(page, (gsize)(at - page));
    char *rest = g_strconcat(start, at + part.len, NULL);
    g_free(start);
    g_free(page);
    return rest;
}

/** The whole page; its style and script stand in it as they are. With TLSFP_UPDATE_GOLDENS set in
 * the environment the golden is written anew. */
static void test_golden(void)
{
    sample *made = sample_new();
    char *page = without(without(page_of(made, "localhost:4433"), page_style), page_script);
    char *golden = NULL;
    if (g_getenv("TLSFP_UPDATE_GOLDENS") != NULL)
        g_assert_true(g_file_set_contents(PAGE_GOLDEN, page, -1, NULL));
    g_assert_true(g_file_get_contents(PAGE_GOLDEN, &golden, NULL, NULL));
    g_assert_cmpstr(page, ==, golden);
    g_assert_cmpuint(strlen(golden), >, 4096);
    g_free(golden);
    g_free(page);
    sample_free(made);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/page/golden", test_golden);
    g_test_add_func("/page/filled", test_filled);
    g_test_add_func("/page/fingerprints", test_fingerprints);
    g_test_add_func("/page/escaped", test_escaped);
    g_test_add_func("/page/differences", test_differences);
    g_test_add_func("/page/layers", test_layers);
    g_test_add_func("/page/append-text", test_append_text);
    g_test_add_func("/page/policy", test_policy);
    return g_test_run();
}
