/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <openssl/tls1.h>

static echo_options *parse(const char *arguments, GError **error)
{
    char *line = g_strconcat("tlsfp-echo ", arguments, NULL);
    char **words = g_strsplit(g_strstrip(line), " ", -1);
    echo_options *options = options_parse((int)g_strv_length(words), words, error);
    g_strfreev(words);
    g_free(line);
    return options;
}

static echo_options *parse_fine(const char *arguments)
{
    GError *error = NULL;
    echo_options *options = parse(arguments, &error);
    g_assert_no_error(error);
    return options;
}

typedef struct {
    const char *name;
    const char *arguments;
    const char *expected; /* the message, or its start */
} refused_case;

static const refused_case refused_cases[] = {
    {"unknown", "--foo", "Unknown option --foo"},
    {"argument", "foo", "foo: this is no option"},
    {"port", "--port 65536", "--port: 65536 is not between 0 and 65535"},
    {"negative-port", "--port -1", "--port: -1 is not between"},
    {"no-number", "--port x", "Cannot parse integer value"},
    {"workers", "--workers 0", "--workers: 0 is not between 1 and 256"},
    {"fewer-connections-than-workers", "--workers 4 --max-connections 3",
     "--max-connections: 3 is not between 4 and"},
    {"per-address", "--max-per-address 0", "--max-per-address: 0 is not between"},
    {"hello", "--max-hello 129", "--max-hello: 129 is not between 1 and 128"},
    {"head", "--max-head 0", "--max-head: 0 is not between 1 and 1024"},
    {"time", "--handshake-time 0", "--handshake-time: 0 is not between"},
    {"negative-time", "--head-time -1", "--head-time: -1 is not between"},
    {"no-time", "--idle-time nan", "--idle-time: nan is not between"},
    {"key-alone", "--key key.pem", "--key: only together with --cert"},
    {"version", "--tls-min 1.4", "--tls-min: the versions are 1.0, 1.1, 1.2 and 1.3"},
    {"ssl", "--tls-max 3.0", "--tls-max: the versions are"},
    {"min-above-max", "--tls-min 1.3 --tls-max 1.2", "--tls-min: this is above --tls-max"},
    {"log", "--log xml", "--log: the formats are json and text"},
};

static void test_refused(const void *data)
{
    const refused_case *row = data;
    GError *error = NULL;
    echo_options *options = parse(row->arguments, &error);
    g_assert_null(options);
    g_assert_nonnull(error);
    if (error != NULL && !g_str_has_prefix(error->message, row->expected))
        g_assert_cmpstr(error->message, ==, row->expected);
    g_clear_error(&error);
}

/** What is set without any option. */
static void test_defaults(void)
{
    echo_options *options = parse_fine("");
    g_assert_null(options->hosts);
    g_assert_cmpuint(options->port, ==, 4433);
    g_assert_cmpuint(options->n_workers, ==, 1);
    g_assert_cmpint(options->tls_min, ==, TLS1_2_VERSION);
    g_assert_cmpint(options->tls_max, ==, TLS1_3_VERSION);
    g_assert_false(options->tickets);
    g_assert_false(options->proxy_protocol);
    g_assert_cmpint(options->log, ==, LOG_NONE);
    g_assert_cmpuint(options->limits.max_connections, ==, 10000);
    g_assert_cmpuint(options->limits.max_per_address, ==, 1000);
    g_assert_cmpuint(options->limits.max_head, ==, 16 * 1024);
    g_assert_cmpuint(options->limits.max_hello, ==, 64 * 1024);
    g_assert_cmpint(options->limits.handshake_time, ==, 10 * G_USEC_PER_SEC);
    g_assert_cmpint(options->limits.head_time, ==, 10 * G_USEC_PER_SEC);
    g_assert_cmpint(options->limits.idle_time, ==, 30 * G_USEC_PER_SEC);
    options_free(options);
}

static void test_values(void)
{
    echo_options *options =
        parse_fine("--host ::1 --host=127.0.0.1 --port 0 --cert c --key k --tls-min "
                   "1.0 --groups P-256 --workers 3 --log json --proxy-protocol "
                   "--tickets --idle-time 0.5");
    g_assert_cmpuint(g_strv_length(options->hosts), ==, 2);
    g_assert_cmpstr(options->hosts[1], ==, "127.0.0.1");
    g_assert_cmpuint(options->port, ==, 0);
    g_assert_cmpstr(options->cert, ==, "c");
    g_assert_cmpstr(options->key, ==, "k");
    g_assert_cmpint(options->tls_min, ==, TLS1_VERSION);
    g_assert_cmpstr(options->groups, ==, "P-256");
    g_assert_cmpuint(options->n_workers, ==, 3);
    g_assert_cmpint(options->log, ==, LOG_JSON);
    g_assert_true(options->proxy_protocol);
    g_assert_true(options->tickets);
    g_assert_cmpint(options->limits.idle_time, ==, G_USEC_PER_SEC / 2);
    options_free(options);
}

/** An old version as the highest is the lowest, too. */
static void test_old_max(void)
{
    echo_options *options = parse_fine("--tls-max 1.1");
    g_assert_cmpint(options->tls_min, ==, TLS1_1_VERSION);
    g_assert_cmpint(options->tls_max, ==, TLS1_1_VERSION);
    options_free(options);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(refused_cases); i++) {
        char *path = g_strdup_printf("/options/refused/%s", refused_cases[i].name);
        g_test_add_data_func(path, &refused_cases[i], test_refused);
        g_free(path);
    }
    g_test_add_func("/options/defaults", test_defaults);
    g_test_add_func("/options/values", test_values);
    g_test_add_func("/options/old-max", test_old_max);
    return g_test_run();
}
