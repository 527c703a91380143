/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/fields.h"

#include "sample.h"

typedef struct {
    const char *field;
    const char *expected;
} field_case;

/* Of the sample with SAMPLE_NAMED. */
static const field_case field_cases[] = {
    {"tlsfp.ja4", SAMPLE_JA4},
    {"tlsfp.ja4_a", SAMPLE_JA4_A},
    {"tlsfp.ja4_b", SAMPLE_JA4_B},
    {"tlsfp.ja4_c", SAMPLE_JA4_C},
    {"tlsfp.ja4_bc", SAMPLE_JA4_BC},
    {"tlsfp.ja4_r", SAMPLE_JA4_R},
    {"tlsfp.ja4_o", SAMPLE_JA4_O},
    {"tlsfp.ja4_ro", SAMPLE_JA4_RO},
    {"tlsfp.stable", SAMPLE_JA4},
    {"tlsfp.stable_r", SAMPLE_JA4_R},
    {"tlsfp.ja3", SAMPLE_JA3},
    {"tlsfp.ja3_r", SAMPLE_JA3_R},
    {"tlsfp.ja3n", SAMPLE_JA3N},
    {"tlsfp.ja3n_r", SAMPLE_JA3N_R},
    {"tlsfp.client", ""}, /* without lists of names */
    {"tlsfp.level", ""},
    {"tlsfp.ja3s", ""}, /* without an answer */
    {"tlsfp.ja3s_r", ""},
    {"tlsfp.retry", "0"},
    {"tlsfp.resumption", "0"},
    {"tlsfp.grease", "1"},
    {"tlsfp.pq", "0"},
    {"tlsfp.ech", "0"},
    {"frame.number", "7"},
    {"frame.time_epoch", "1700000000.012345678"},
    {"ip.src", "192.0.2.1"},
    {"ip.dst", "198.51.100.2"},
    {"srcport", "40000"},
    {"dstport", "443"},
    {"transport", "tls"},
    {"sni", "LocalHost"},
    {"alpn", "h2,http/1.1"},
    {"community_id", SAMPLE_COMMUNITY_ID},
    {"vlan.id", ""}, /* of a network without tags */
    {"vni", ""},
    {"file", "a.pcap"},
    {"interface", ""}, /* of a file */
    {"overlap", "0"},
};

static void assert_field(sample *made, const char *name, const char *expected)
{
    GString *out = g_string_new("kept ");
    append_field(out, field_named(name), &made->seen);
    g_assert_true(g_str_has_prefix(out->str, "kept "));
    g_assert_cmpstr(out->str + strlen("kept "), ==, expected);
    g_string_free(out, TRUE);
}

static void test_field(const void *data)
{
    const field_case *row = data;
    sample *made = sample_new(SAMPLE_NAMED);
    assert_field(made, row->field, row->expected);
    sample_free(made);
}

static void test_missing(void)
{
    sample *made = sample_new("");
    assert_field(made, "sni", "");
    assert_field(made, "alpn", "");
    sample_free(made);
}

static void test_escaped(void)
{
    sample *made = sample_new("0000 0008 0006 00 0003 610962 0010 0008 0006 03 2c61ff 01 62");
    made->seen.file = "a\nb";
    assert_field(made, "sni", "a\\tb");
    assert_field(made, "alpn", "\\x2ca\\xff,b");
    assert_field(made, "file", "a\\nb");
    sample_free(made);
}

static void test_ipv6(void)
{
    sample *made = sample_new("");
    made->ends = (endpoints){.version = 6, .src = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
    assert_field(made, "ip.src", "2001:db8::1");
    assert_field(made, "ip.dst", "::");
    sample_free(made);
}

/* Times are signed. */
static void test_time(void)
{
    sample *made = sample_new("");
    made->packet.time_ns = 0;
    assert_field(made, "frame.time_epoch", "0.000000000");
    made->packet.time_ns = -1;
    assert_field(made, "frame.time_epoch", "-0.000000001");
    made->packet.time_ns = INT64_C(-1500000000);
    assert_field(made, "frame.time_epoch", "-1.500000000");
    made->packet.time_ns = INT64_MIN;
    assert_field(made, "frame.time_epoch", "-9223372036.854775808");
    sample_free(made);
}

/** Each kind of fingerprint is a field. */
static void test_kinds(void)
{
    for (unsigned kind = 0; kind < TLSFP_N_KINDS; kind++) {
        char *name = g_strconcat("tlsfp.", tlsfp_kind_name((tlsfp_kind)kind), NULL);
        g_assert_nonnull(field_named(name));
        g_free(name);
    }
}

static void test_tags(void)
{
    sample *made = sample_new(SAMPLE_NAMED);
    made->ends.tags = (network_tags){.n_vlans = 2, .vlans = {7, 4094}, .n_vnis = 1, .vnis = {16777215}};
    assert_field(made, "vlan.id", "7,4094");
    assert_field(made, "vni", "16777215");
    sample_free(made);
}

/** Each field has its row above. */
static void test_names(void)
{
    GString *expected = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(field_cases); i++)
        g_string_append_printf(expected, "%s%s", i > 0 ? ", " : "", field_cases[i].field);
    char *names = field_names();
    g_assert_cmpstr(names, ==, expected->str);
    g_free(names);
    g_string_free(expected, TRUE);
    g_assert_null(field_named("tlsfp"));
    g_assert_null(field_named(""));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(field_cases); i++) {
        char *path = g_strdup_printf("/fields/%s", field_cases[i].field);
        g_test_add_data_func(path, &field_cases[i], test_field);
        g_free(path);
    }
    g_test_add_func("/fields/missing", test_missing);
    g_test_add_func("/fields/escaped", test_escaped);
    g_test_add_func("/fields/ipv6", test_ipv6);
    g_test_add_func("/fields/time", test_time);
    g_test_add_func("/fields/tags", test_tags);
    g_test_add_func("/fields/kinds", test_kinds);
    g_test_add_func("/fields/names", test_names);
    return g_test_run();
}
