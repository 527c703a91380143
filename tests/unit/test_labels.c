/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <tlsfp/labels.h>

#include "exact_block.h"
#include "hello_bytes.h"

#define JA4 "t13d1516h2_8daaf6152771_e5627efa2ab1"
#define OTHER_JA4 "q13d0312h3_55b375c5d22e_06cda9e17597"
#define JA3 "ada70206e40642a3e4461f35503241d5"

/* What a list holds, and what then comes of one: each label as "kind value name level comment;",
   then each report. The values looked up are those above and the parts of JA4. */
typedef struct {
    const char *name;
    const char *text;
    const char *found;
    const char *reports;
} list_case;

static const list_case cases[] = {
    {"ja4", "ja4,name\n" JA4 ",Chromium\n", "ja4 Chromium none;", ""},
    {"ja3", "ja3,name\n" JA3 ",Some client\n", "ja3 Some client none;", ""},
    {"parts", "ja4_b,name\n8daaf6152771,Ciphers of Chromium\n", "ja4_b Ciphers of Chromium none;",
     ""},
    {"part-a", "ja4_a,name\nt13d1516h2,A\n", "ja4_a A none;", ""},
    {"part-c", "name,ja4_c\nC,e5627efa2ab1\n", "ja4_c C none;", ""},
    {"part-bc", "name,ja4_bc\nBC,t13_8DAAF6152771_e5627efa2ab1\n", "ja4_bc BC none;", ""},
    {"ja3n", "ja3n,name\n" JA3 ",N\n", "ja3n N none;", ""},
    {"ja3n-raw", "ja3n_r,name\n\"769,47-53,0-10-11,23,0\",R\n", "ja3n_r R none;", ""},
    {"ja3s-is-no-column", "ja3s,ja4,name\n" JA3 "," JA4 ",N\n", "ja4 N none;", ""},
    {"value-with-nul", "{\"ja4\":\"" JA4 "\\u0000\",\"name\":\"N\"}", "ja4 N none;", ""},
    {"stable", "stable,name\n" JA4 ",S\n", "stable S none;", ""},
    {"raw", "ja4_r,name\n\"t13d1516h2_002f,0035_0005_0403\",R\n", "ja4_r R none;", ""},
    {"ja3-raw", "ja3_r,name\n\"769,47-53,0-10-11,23,0\",R\n", "ja3_r R none;", ""},
    {"level", "ja4,name,level\n" JA4 ",Bad,warn\n", "ja4 Bad warn;", ""},
    {"level-in-capitals", "ja4,name,level\n" JA4 ",Bad,NOTE\n", "ja4 Bad note;", ""},
    {"no-level", "ja4,name,level\n" JA4 ",Fine,\n", "ja4 Fine none;", ""},
    {"comment", "ja4,name,comment\n" JA4 ",Bad,\"see, there\"\n", "ja4 Bad none see, there;", ""},
    {"columns-in-any-order", "comment,level,name,more,ja4\nc,note,N,x," JA4 "\n", "ja4 N note c;",
     ""},
    {"titles-in-capitals", "JA4, Name \n" JA4 " , N \n", "ja4 N none;", ""},
    {"titles-of-fields", "tlsfp.ja4,tlsfp.client\n" JA4 ",N\n", "ja4 N none;", ""},
    {"several-values-in-a-row", "ja3,ja4,name\n" JA3 "," JA4 ",N\n" JA3 ",,M\n",
     "ja4 N none;ja3 N none;ja3 M none;", ""},
    {"hex-in-capitals", "ja3,name\nADA70206E40642A3E4461F35503241D5,N\n", "ja3 N none;", ""},
    {"ja4-in-capitals", "ja4,name\nt13d1516h2_8DAAF6152771_E5627EFA2AB1,N\n", "ja4 N none;", ""},
    {"quotes", "ja4,name\n\"" JA4 "\",\"N \"\"of\"\" M, or O\"\n", "ja4 N \"of\" M, or O none;",
     ""},
    {"line-ends-of-windows", "ja4,name\r\n" JA4 ",N\r\n", "ja4 N none;", ""},
    {"no-line-end", "ja4,name\n" JA4 ",N", "ja4 N none;", ""},
    {"byte-order-mark", "\xef\xbb\xbfja4,name\n" JA4 ",N\n", "ja4 N none;", ""},
    {"comments-and-empty-lines", "# a list\n\nja4,name\n\n# and\n" JA4 ",N\n\n", "ja4 N none;", ""},
    {"several-names", "ja4,name\n" JA4 ",N\n" JA4 ",M\n" JA4 ",N\n", "ja4 N none;ja4 M none;", ""},
    {"control-characters", "ja4,name\n" JA4 ",\"N\tM\x01\"\n", "ja4 N M  none;", ""},
    {"not-utf-8", "ja4,name\n" JA4 ",N\xff\n", "ja4 N\xef\xbf\xbd none;", ""},
    {"empty", "", "", ""},
    {"titles-only", "ja4,name\n", "", ""},

    {"no-titles", "hello\n" JA4 ",N\n", "",
     "f:1: the first line has to name the columns, a name among them, separated by commas, for "
     "example ja4,name; nothing of this file is used;"},
    {"titles-without-a-name", "ja4,level\n" JA4 ",warn\n", "",
     "f:1: the first line has to name the columns, a name among them, separated by commas, for "
     "example ja4,name; nothing of this file is used;"},
    {"broken-rows",
     "ja4,name,level\nt13d,N\n" JA4 ",\n,N\n" JA4 ",\"N\n" JA4 ",\"N\"M\n" JA4 ",N,loud\n" JA4
     ",N,warn\n",
     "ja4 N warn;",
     "f:2: 't13d' is no ja4;f:3: there is no name;f:4: there is no fingerprint;"
     "f:5: a cell does not end as it begins, with a quote;"
     "f:6: a cell does not end as it begins, with a quote;"
     "f:7: 'loud' is no level, which is none, note or warn;"},
    {"right-length-but-not-hex",
     "ja4,name\nt13d1516h2_8daaf615277g_e5627efa2ab1,N\nt13d1516h2_8daaf6152771_e5627efa2abz,N\n"
     "t13d1516h2-8daaf6152771-e5627efa2ab1,N\n",
     "",
     "f:2: 't13d1516h2_8daaf615277g_e5627efa2ab1' is no ja4;"
     "f:3: 't13d1516h2_8daaf6152771_e5627efa2abz' is no ja4;"
     "f:4: 't13d1516h2-8daaf6152771-e5627efa2ab1' is no ja4;"},
    {"right-length-but-not-hex-ja3", "ja3,name\nada70206e40642a3e4461f35503241dg,N\n", "",
     "f:2: 'ada70206e40642a3e4461f35503241dg' is no ja3;"},
    {"right-length-but-not-hex-ja3n", "ja3n,name\n-da70206e40642a3e4461f35503241d5,N\n", "",
     "f:2: '-da70206e40642a3e4461f35503241d5' is no ja3n;"},
    {"right-length-but-not-hex-part", "ja4_b,name\n8daaf615277g,N\n", "",
     "f:2: '8daaf615277g' is no ja4_b;"},
    {"right-length-but-not-hex-bc", "ja4_bc,name\nt13_8daaf6152771_e5627efa2abg,N\n", "",
     "f:2: 't13_8daaf6152771_e5627efa2abg' is no ja4_bc;"},
    {"two-columns-of-a-kind", "ja4,ja4,name\n" JA4 "," OTHER_JA4 ",N\n," JA4 ",M\n",
     "ja4 N none;ja4 M none;", ""},
    {"two-columns-of-names", "ja4,name,name\n" JA4 ",N,M\n" JA4 ",,O\n", "ja4 N none;ja4 O none;",
     ""},
    {"two-columns-of-levels", "ja4,level,name,level\n" JA4 ",note,N,warn\n", "ja4 N note;", ""},
    {"more-cells-than-titles",
     "ja4,name\n" JA4 ",N," JA3 "," OTHER_JA4 "\n,M," JA4 "\n" JA4 ",O,x,,\n",
     "ja4 N none;ja4 O none;", "f:3: there is no fingerprint;"},
    {"two-keys-of-a-kind",
     "{\"ja4\":\"" JA4 "\",\"name\":\"N\",\"ja4_fingerprint\":\"" OTHER_JA4 "\"}", "ja4 N none;",
     ""},
    {"broken-text-is-escaped", "ja4,name\n\x1b[1m,N\n", "", "f:2: '\\x1b[1m' is no ja4;"},
    {"quotes-at-the-end", "ja4,name\n" JA4 ",\"N\"\"\n", "",
     "f:2: a cell does not end as it begins, with a quote;"},

    {"salesforce", JA3 ",\"AcroCEF\"\n" JA3 ",\"Dropbox, Slack\"\n",
     "ja3 AcroCEF none;ja3 Dropbox, Slack none;", ""},
    {"salesforce-broken", JA3 ",\"AcroCEF\"\nxyz,\"N\"\n", "ja3 AcroCEF none;",
     "f:2: 'xyz' is no ja3;"},
    {"abuse.ch",
     "####\n# A list   #\n# ja3_md5,Firstseen,Lastseen,Listingreason\n" JA3
     ",2017-07-14,2019-07-27,Dridex\n# END\n",
     "ja3 Dridex none;", ""},
    {"foxio",
     "Application,Library,Device,OS,ja4,ja4s,ja4h,ja4x,ja4t,ja4tscan,Notes\n"
     ",Python,,," JA4 ",,,,,,\n,,,Windows 10,,,,,64240_2-1-3-1-1-4_1460_8,,\n"
     "Beacon,,,Windows 10," JA4 ",t120300_c030_52d195ce1d92,,,,,over it\n",
     "ja4 Python none;ja4 Beacon, Windows 10 none over it;", ""},

    {"ja4db",
     "[{\"application\": \"Chrome\", \"library\": null, \"device\": null, \"os\": \"Windows\",\n"
     "\"observation_count\": 1, \"verified\": true, \"notes\": null,\n"
     "\"ja4_fingerprint\": \"" JA4 "\", \"ja4s_fingerprint\": null},\n"
     "{\"application\": null, \"os\": null, \"user_agent_string\": \"Mozilla\\/5.0\",\n"
     "\"ja4_fingerprint\": \"" JA4 "\"}, {\"application\": \"X\", \"ja4_fingerprint\": null}]\n",
     "ja4 Chrome, Windows none;ja4 Mozilla/5.0 none;", ""},
    {"json", " [ {\"ja4\":\"" JA4 "\",\"name\":\"N\",\"level\":\"warn\",\"comment\":\"c\"} ] ",
     "ja4 N warn c;", ""},
    {"json-lines", "{\"ja4\":\"" JA4 "\",\"name\":\"N\"}\n{\"name\":\"M\",\"ja4\":\"" JA4 "\"}\n",
     "ja4 N none;ja4 M none;", ""},
    {"json-escapes", "[{\"ja4\":\"" JA4 "\",\"name\":\"\\\"\\u00e9\\ud83d\\ude00\\n\\\\\"}]",
     "ja4 \"\xc3\xa9\xf0\x9f\x98\x80 \\ none;", ""},
    {"json-half-a-surrogate-pair", "[{\"ja4\":\"" JA4 "\",\"name\":\"\\ud83d\"}]", "",
     "f:1: this is no JSON; the rest of the line is passed over;"},
    {"json-nested",
     "[{\"x\":[1,{\"y\":\"}]\"},[]],\"ja4\":\"" JA4 "\",\"z\":{},\"name\":\"N\",\"w\":-1.5e3}]",
     "ja4 N none;", ""},
    {"json-broken",
     "[{\"ja4\":\"t13\",\"name\":\"N\"},\n{\"ja4\":\"" JA4 "\",\"name\":\"N\",}\n{\"ja4\" 1}\n"
     "{\"name\":\"N\"}\n{\"ja4\":\"" JA4 "\",\"name\":\"\"}\n{\"ja4\":\"" JA4
     "\",\"name\":\"M\"},\n{\"ja4\":\"",
     "ja4 M none;",
     "f:1: 't13' is no ja4;f:2: this is no JSON; the rest of the line is passed over;"
     "f:3: this is no JSON; the rest of the line is passed over;f:4: there is no fingerprint;"
     "f:5: there is no name;f:7: this is no JSON; the rest of the line is passed over;"},
};

static const tlsfp_hash_key hash_key = {{1, 2}};

static const char *const looked_up[TLSFP_N_CLIENT_KINDS] = {
    [TLSFP_KIND_JA4_R] = "t13d1516h2_002f,0035_0005_0403",
    [TLSFP_KIND_JA3_R] = "769,47-53,0-10-11,23,0",
    [TLSFP_KIND_JA4] = JA4,
    [TLSFP_KIND_JA4_A] = "t13d1516h2",
    [TLSFP_KIND_JA4_B] = "8daaf6152771",
    [TLSFP_KIND_JA4_C] = "e5627efa2ab1",
    [TLSFP_KIND_JA3] = JA3,
    [TLSFP_KIND_STABLE] = JA4,
    [TLSFP_KIND_JA4_BC] = "t13_8daaf6152771_e5627efa2ab1",
    [TLSFP_KIND_JA3N] = JA3,
    [TLSFP_KIND_JA3N_R] = "769,47-53,0-10-11,23,0",
};

static void append_report(const char *message, void *data)
{
    g_string_append_printf(data, "%s;", message);
}

static size_t read_text(tlsfp_labels *labels, const char *text, GString *reports)
{
    tlsfp_span exact = exact_block((tlsfp_span){(const uint8_t *)text, strlen(text)});
    size_t n = tlsfp_labels_read(labels, "f", exact, append_report, reports);
    exact_block_free(exact);
    return n;
}

/** Of each kind by itself. */
static void append_found(const tlsfp_labels *labels, GString *out)
{
    tlsfp_label found[8];
    for (size_t kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        const char *values[TLSFP_N_CLIENT_KINDS] = {NULL};
        values[kind] = looked_up[kind];
        size_t n = tlsfp_labels_find(labels, values, found, G_N_ELEMENTS(found));
        g_assert_cmpint(n > 0, ==, tlsfp_labels_have(labels, (tlsfp_kind)kind));
        for (size_t i = 0; i < n; i++) {
            g_string_append_printf(out, "%s %s %s", tlsfp_kind_name((tlsfp_kind)kind),
                                   found[i].name, tlsfp_level_name(found[i].level));
            if (found[i].comment != NULL)
                g_string_append_printf(out, " %s", found[i].comment);
            g_string_append_c(out, ';');
        }
    }
}

static void test_list(const void *data)
{
    const list_case *row = data;
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    GString *reports = g_string_new(NULL), *found = g_string_new(NULL);
    read_text(labels, row->text, reports);
    append_found(labels, found);
    g_assert_cmpstr(found->str, ==, row->found);
    g_assert_cmpstr(reports->str, ==, row->reports);
    g_string_free(reports, TRUE);
    g_string_free(found, TRUE);
    tlsfp_labels_free(labels);
}

/** Every prefix of every list is read without trouble of the reader's own. */
static void test_prefixes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t len = 0; len <= strlen(cases[i].text); len++) {
            tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
            tlsfp_span exact = exact_block((tlsfp_span){(const uint8_t *)cases[i].text, len});
            tlsfp_labels_read(labels, "f", exact, NULL, NULL);
            exact_block_free(exact);
            tlsfp_labels_free(labels);
        }
}

/** The most specific first; the same name once, with the highest level. */
static void test_order(void)
{
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    GString *reports = g_string_new(NULL);
    read_text(labels, "ja4_b,name\n8daaf6152771,B\n8daaf6152771,Same\n", reports);
    read_text(labels, "ja4_bc,name\nt13_8daaf6152771_e5627efa2ab1,BC\n", reports);
    read_text(labels, "stable,name\n" JA4 ",S\n", reports);
    read_text(labels, "ja3n,name\n" JA3 ",3n\n", reports);
    read_text(labels, "ja4,name\n" JA4 ",J\n" JA4 ",Same\n", reports);
    read_text(labels, "ja4_a,name,level\nt13d1516h2,Same,warn\n", reports);
    read_text(labels, "ja3,name\n" JA3 ",3\n", reports);
    tlsfp_label found[8];
    size_t n = tlsfp_labels_find(labels, looked_up, found, G_N_ELEMENTS(found));
    const char *expected[] = {"3", "3n", "J", "Same", "S", "BC", "B"};
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < n; i++)
        g_assert_cmpstr(found[i].name, ==, expected[i]);
    g_assert_cmpint(found[3].level, ==, TLSFP_LEVEL_WARN);
    g_assert_cmpint(tlsfp_labels_level(found, n), ==, TLSFP_LEVEL_WARN);
    g_assert_cmpint(tlsfp_labels_level(found, 1), ==, TLSFP_LEVEL_NONE);
    g_assert_cmpint(tlsfp_labels_level(found, 0), ==, TLSFP_LEVEL_NONE);
    g_assert_cmpuint(tlsfp_labels_find(labels, looked_up, found, 2), ==, 2);
    g_assert_cmpuint(tlsfp_labels_find(labels, looked_up, found, 0), ==, 0);
    g_assert_cmpstr(reports->str, ==, "");
    g_string_free(reports, TRUE);
    tlsfp_labels_free(labels);
}

/** What a row has beside its JA4 counts where nothing more specific is known. */
static void test_lesser(void)
{
    static const char text[] = "ja4,stable,ja3,ja4_bc,name\n" JA4 "," JA4 "," JA3
                               ",t13_8daaf6152771_e5627efa2ab1,First\n" OTHER_JA4 "," JA4 "," JA3
                               ",t13_8daaf6152771_e5627efa2ab1,Second\n";
    static const struct {
        tlsfp_kind kinds[3];
        const char *names[2];
    } rows[] = {
        {{TLSFP_KIND_JA4, TLSFP_KIND_JA3, TLSFP_KIND_STABLE}, {"First"}},
        {{TLSFP_KIND_STABLE, TLSFP_KIND_STABLE, TLSFP_KIND_JA4_BC}, {"First", "Second"}},
        {{TLSFP_KIND_JA3, TLSFP_KIND_JA3, TLSFP_KIND_JA3}, {"First", "Second"}},
        {{TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_BC}, {"First", "Second"}},
    };
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    GString *reports = g_string_new(NULL);
    read_text(labels, text, reports);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *values[TLSFP_N_CLIENT_KINDS] = {NULL};
        for (size_t k = 0; k < G_N_ELEMENTS(rows[i].kinds); k++)
            values[rows[i].kinds[k]] = rows[i].kinds[k] == TLSFP_KIND_JA4_BC
                                           ? "t13_8daaf6152771_e5627efa2ab1"
                                           : looked_up[rows[i].kinds[k]];
        tlsfp_label found[8];
        size_t n = tlsfp_labels_find(labels, values, found, G_N_ELEMENTS(found));
        g_assert_cmpuint(n, ==, rows[i].names[1] != NULL ? 2 : 1);
        for (size_t k = 0; k < n; k++)
            g_assert_cmpstr(found[k].name, ==, rows[i].names[k]);
    }
    g_assert_cmpstr(reports->str, ==, "");
    g_string_free(reports, TRUE);
    tlsfp_labels_free(labels);
}

/** A raw form is no more specific than its hash: who came first counts. */
static void test_raw_and_hashed(void)
{
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    GString *reports = g_string_new(NULL);
    read_text(labels, "ja4,name\n" JA4 ",First\n", reports);
    read_text(labels, "ja4_r,name\n\"t13d1516h2_002f,0035_0005_0403\",Second\n", reports);
    read_text(labels, "ja4,name\n" JA4 ",Third\n", reports);
    tlsfp_label found[8];
    const char *expected[] = {"First", "Second", "Third"};
    g_assert_cmpuint(tlsfp_labels_find(labels, looked_up, found, G_N_ELEMENTS(found)), ==,
                     G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmpstr(found[i].name, ==, expected[i]);
    g_string_free(reports, TRUE);
    tlsfp_labels_free(labels);
}

static void test_add(void)
{
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    const tlsfp_label label = {"N", NULL, TLSFP_LEVEL_NOTE},
                      nameless = {"", NULL, TLSFP_LEVEL_NONE};
    g_assert_true(tlsfp_labels_add(labels, TLSFP_KIND_JA4, JA4, &label));
    g_assert_true(tlsfp_labels_add(labels, TLSFP_KIND_JA4_O, OTHER_JA4, &label));
    g_assert_false(tlsfp_labels_add(labels, TLSFP_KIND_JA3, JA4, &label));
    g_assert_false(tlsfp_labels_add(labels, TLSFP_KIND_JA4, JA4 "0", &label));
    g_assert_false(tlsfp_labels_add(labels, TLSFP_KIND_JA4, "", &label));
    g_assert_false(tlsfp_labels_add(labels, TLSFP_KIND_JA4, JA4, &nameless));
    g_assert_true(tlsfp_labels_have(labels, TLSFP_KIND_JA4));
    g_assert_false(tlsfp_labels_have(labels, TLSFP_KIND_JA3));
    tlsfp_labels_free(labels);
    tlsfp_labels_free(NULL);
}

/** The names of a parsed hello by each kind of its values, and by that of another hello not. */
static void test_find_client(void)
{
    tlsfp_context *context = tlsfp_context_new();
    for (int kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        GByteArray *message = make_client_hello(TLSFP_TLS, 1, 100),
                   *quic = make_client_hello(TLSFP_TLS, 1, 100);
        tlsfp_client_hello hello, other;
        tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
        const tlsfp_label label = {"N", "c", TLSFP_LEVEL_WARN};
        GString *value = g_string_new(NULL), *others = g_string_new(NULL);
        tlsfp_label found[2];
        quic->data[47] ^= 1; /* the last byte of its cipher suite */
        g_assert_cmpint(tlsfp_parse(span_of(message), TLSFP_TLS, &hello), ==, TLSFP_OK);
        g_assert_cmpint(tlsfp_parse(span_of(quic), TLSFP_QUIC, &other), ==, TLSFP_OK);
        g_assert_cmpuint(tlsfp_labels_find_client(labels, context, &hello, found, 2), ==, 0);
        tlsfp_append_value(context, &hello, (tlsfp_kind)kind, value);
        tlsfp_append_value(context, &other, (tlsfp_kind)kind, others);
        g_test_message("%s %s", tlsfp_kind_name((tlsfp_kind)kind), value->str);
        g_assert_true(tlsfp_labels_add(labels, (tlsfp_kind)kind, value->str, &label));
        g_assert_cmpuint(tlsfp_labels_find_client(labels, context, &hello, found, 2), ==, 1);
        g_assert_cmpstr(found[0].name, ==, "N");
        g_assert_cmpstr(found[0].comment, ==, "c");
        g_assert_cmpint(found[0].level, ==, TLSFP_LEVEL_WARN);
        g_assert_cmpuint(tlsfp_labels_find_client(labels, context, &other, found, 2), ==,
                         strcmp(value->str, others->str) == 0);
        g_assert_cmpuint(tlsfp_labels_find_client(labels, context, &hello, found, 0), ==, 0);
        g_string_free(others, TRUE);
        g_string_free(value, TRUE);
        tlsfp_labels_free(labels);
        g_byte_array_unref(quic);
        g_byte_array_unref(message);
    }
    tlsfp_context_free(context);
}

/** Its lists are in no order, so that their sorted forms differ from those as sent. */
static GByteArray *make_unsorted_hello(void)
{
    GByteArray *body = g_byte_array_new();
    put_integer(body, 2, 0x0303);
    put_times(body, 32, 7);
    put_hex(body, "00 0006 1302 1301 c02b 01 00 0016 0023 0000 000d 0006 0004 0804 0403 000a 0004 "
                  "0002 001d");
    GByteArray *message = make_message(TLSFP_TLS, TYPE_CLIENT_HELLO, 0, span_of(body));
    g_byte_array_unref(body);
    return message;
}

/** Labels of all kinds side by side: each is found by its own value. */
static void test_find_client_by_all(void)
{
    tlsfp_context *context = tlsfp_context_new();
    GByteArray *message = make_unsorted_hello();
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    tlsfp_client_hello hello;
    tlsfp_label found[TLSFP_N_CLIENT_KINDS + 1];
    g_assert_cmpint(tlsfp_parse(span_of(message), TLSFP_TLS, &hello), ==, TLSFP_OK);
    for (int kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        GString *value = g_string_new(NULL);
        const tlsfp_label label = {.name = tlsfp_kind_name((tlsfp_kind)kind)};
        tlsfp_append_value(context, &hello, (tlsfp_kind)kind, value);
        g_assert_true(tlsfp_labels_add(labels, (tlsfp_kind)kind, value->str, &label));
        g_string_free(value, TRUE);
    }
    const size_t n = tlsfp_labels_find_client(labels, context, &hello, found, G_N_ELEMENTS(found));
    g_assert_cmpuint(n, ==, TLSFP_N_CLIENT_KINDS);
    for (int kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        size_t n_named = 0;
        for (size_t i = 0; i < n; i++)
            n_named += strcmp(found[i].name, tlsfp_kind_name((tlsfp_kind)kind)) == 0;
        g_assert_cmpuint(n_named, ==, 1);
    }
    tlsfp_labels_free(labels);
    g_byte_array_unref(message);
    tlsfp_context_free(context);
}

/** However many rows are broken, some are reported, and a count. */
static void test_many_broken(void)
{
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    GString *text = g_string_new("ja4,name\n"), *reports = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(text, "x,N\n");
    g_assert_cmpuint(read_text(labels, text->str, reports), ==, 0);
    g_assert_true(
        g_str_has_suffix(reports->str, "f:21: 'x' is no ja4;f: 980 more rows were skipped;"));
    g_string_free(reports, TRUE);
    g_string_free(text, TRUE);
    tlsfp_labels_free(labels);
}

/** Thousands of names of one value cost no more than others do, and some of them are kept. */
static void test_one_value(void)
{
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    GString *text = g_string_new("ja4,name\n"), *reports = g_string_new(NULL);
    for (int i = 0; i < 20000; i++)
        g_string_append_printf(text, JA4 ",N%d\n", i);
    g_assert_cmpuint(read_text(labels, text->str, reports), ==, 20000);
    tlsfp_label found[100];
    g_assert_cmpuint(tlsfp_labels_find(labels, looked_up, found, G_N_ELEMENTS(found)), ==, 64);
    g_assert_cmpstr(reports->str, ==, "");
    g_string_free(reports, TRUE);
    g_string_free(text, TRUE);
    tlsfp_labels_free(labels);
}

static void append_row(const char *const values[TLSFP_N_CLIENT_KINDS], const tlsfp_label *label,
                       void *data)
{
    GString *out = data;
    g_string_append_printf(out, "%s (%s, %s):", label->name, tlsfp_level_name(label->level),
                           label->comment != NULL ? label->comment : "-");
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        if (values[i] != NULL)
            g_string_append_printf(out, " %s %s", tlsfp_kind_name((tlsfp_kind)i), values[i]);
    g_string_append_c(out, ';');
}

static void test_rows(void)
{
    static const char list[] = "ja4,name,level,comment,ja3\n" JA4 ",One,warn,why," JA3 "\n"
                               "broken,Two,,,\n,Three,,," JA3 "\n";
    GString *rows = g_string_new(NULL), *reports = g_string_new(NULL);
    tlsfp_span exact = exact_block((tlsfp_span){(const uint8_t *)list, strlen(list)});
    g_assert_cmpuint(tlsfp_labels_rows("f", exact, append_row, rows, append_report, reports), ==,
                     2);
    g_assert_cmpstr(rows->str, ==,
                    "One (warn, why): ja4 " JA4 " ja3 " JA3 ";Three (none, -): ja3 " JA3 ";");
    g_assert_cmpstr(reports->str, ==, "f:3: 'broken' is no ja4;");
    exact_block_free(exact);
    g_string_free(rows, TRUE);
    g_string_free(reports, TRUE);
}

/** A list of a million rows; the time is told, for the reader to hold against the target of 2 s. */
static void test_million(void)
{
    enum { N = 1000000 };
    GString *text = g_string_sized_new(64 * N);
    g_string_append(text, "ja4,name,level,comment\n");
    for (unsigned i = 0; i < N; i++)
        g_string_append_printf(text, "t13d1516h2_%012x_%012x,Client %u,note,\n", i * 2654435761u, i,
                               i % 5000);
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    clock_t start = clock();
    size_t n = tlsfp_labels_read(labels, "f", (tlsfp_span){(const uint8_t *)text->str, text->len},
                                 NULL, NULL);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    g_test_minimized_result(seconds, "a million labels read in %.2f s of CPU", seconds);
    g_assert_cmpuint(n, ==, N);
    char value[64];
    snprintf(value, sizeof value, "t13d1516h2_%012x_%012x", 777u * 2654435761u, 777u);
    const char *values[TLSFP_N_CLIENT_KINDS] = {[TLSFP_KIND_JA4] = value};
    tlsfp_label found;
    g_assert_cmpuint(tlsfp_labels_find(labels, values, &found, 1), ==, 1);
    g_assert_cmpstr(found.name, ==, "Client 777");
    tlsfp_labels_free(labels);
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/labels/list/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_list);
        g_free(path);
    }
    g_test_add_func("/labels/lesser", test_lesser);
    g_test_add_func("/labels/prefixes", test_prefixes);
    g_test_add_func("/labels/order", test_order);
    g_test_add_func("/labels/rows", test_rows);
    g_test_add_func("/labels/raw-and-hashed", test_raw_and_hashed);
    g_test_add_func("/labels/add", test_add);
    g_test_add_func("/labels/find-client", test_find_client);
    g_test_add_func("/labels/find-client-by-all", test_find_client_by_all);
    g_test_add_func("/labels/many-broken", test_many_broken);
    g_test_add_func("/labels/one-value", test_one_value);
    g_test_add_func("/labels/million", test_million);
    return g_test_run();
}
