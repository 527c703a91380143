/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/lines.h"

#include "sample.h"

static GPtrArray *fields_named(const char *const *names)
{
    GPtrArray *fields = g_ptr_array_new();
    for (; *names != NULL; names++)
        g_ptr_array_add(fields, (gpointer)field_named(*names));
    return fields;
}

static void test_fields(void)
{
    const char *const names[] = {"frame.number", "sni", "alpn", "tlsfp.ja4", NULL};
    GPtrArray *fields = fields_named(names);
    sample *made = sample_new("");
    GString *out = g_string_new(NULL);
    append_header(out, fields);
    g_assert_cmpstr(out->str, ==, "frame.number\tsni\talpn\ttlsfp.ja4");
    g_string_truncate(out, 0);
    append_fields(out, fields, &made->seen);
    g_assert_cmpstr(out->str, ==, "7\t\t\tt12i020000_" SAMPLE_JA4_B "_000000000000");
    g_string_free(out, TRUE);
    sample_free(made);
    g_ptr_array_unref(fields);
}

/* The start of the object, up to tls_data: what core/ makes of it is tested there. */
typedef struct {
    const char *name;
    const char *extensions;
    int64_t time_ns;
    const char *expected;
} json_case;

#define START(time, names)                                                                         \
    "{\"time\":\"" time "\",\"frame\":7,\"file\":\"a.pcap\",\"src\":\"192.0.2.1\","                \
    "\"dst\":\"198.51.100.2\",\"srcport\":40000,\"dstport\":443,\"transport\":\"tls\"," names      \
    ",\"tls_data\":{\"protocol_version\":\"0303\","

static const json_case json_cases[] = {
    {"names", SAMPLE_NAMED, INT64_C(1700000000012345678),
     START("2023-11-14T22:13:20.012345678Z",
           "\"sni\":\"LocalHost\",\"alpn\":[\"h2\",\"http/1.1\"]")},
    {"missing", "", 0, START("1970-01-01T00:00:00.000000000Z", "\"sni\":null,\"alpn\":null")},
    {"empty", "0000 0000 0010 0002 0000", -1,
     START("1969-12-31T23:59:59.999999999Z", "\"sni\":\"\",\"alpn\":[]")},
    {"escaped", "0000 0008 0006 00 0003 22 0a ff 0010 0006 0004 03 5c 2c 00", 0,
     START("1970-01-01T00:00:00.000000000Z",
           "\"sni\":\"\\\"\\\\n\\\\xff\",\"alpn\":[\"\\\\\\\\,\\\\x00\"]")},
};

static void test_json(const void *data)
{
    const json_case *row = data;
    sample *made = sample_new(row->extensions);
    made->packet.time_ns = row->time_ns;
    GString *out = g_string_new(NULL);
    append_json(out, &made->seen, false);
    g_assert_true(g_str_has_suffix(out->str, "=\"}")); /* community_id, in base64 */
    g_assert_null(strstr(out->str, "ja3s"));
    g_assert_nonnull(strstr(out->str, "},\"tls_fingerprints\":{\"ja3_r\":\"771,"));
    g_assert_null(strchr(out->str, '\n'));
    if (out->len > strlen(row->expected))
        g_string_truncate(out, strlen(row->expected));
    g_assert_cmpstr(out->str, ==, row->expected);
    g_string_free(out, TRUE);
    sample_free(made);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(json_cases); i++) {
        char *path = g_strdup_printf("/lines/json/%s", json_cases[i].name);
        g_test_add_data_func(path, &json_cases[i], test_json);
        g_free(path);
    }
    g_test_add_func("/lines/fields", test_fields);
    return g_test_run();
}
