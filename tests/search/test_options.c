/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <string.h>

#include "show/fields.h"

static search_options *parse(const char *arguments, GError **error)
{
    char **words = g_strsplit(arguments, " ", -1);
    GPtrArray *argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer) "tlsfp");
    for (char **word = words; *word != NULL; word++)
        if (**word != '\0')
            g_ptr_array_add(argv, *word);
    int argc = (int)argv->len;
    g_ptr_array_add(argv, NULL);
    search_options *options = options_parse(argc, (char **)argv->pdata, error);
    g_ptr_array_free(argv, TRUE);
    g_strfreev(words);
    return options;
}

static search_options *parse_fine(const char *arguments)
{
    GError *error = NULL;
    search_options *options = parse(arguments, &error);
    g_assert_no_error(error);
    return options;
}

typedef struct {
    const char *name;
    const char *arguments;
    const char *expected; /* the message, or its start */
} refused_case;

static const refused_case refused_cases[] = {
    {"nothing", "", "no capture is named"},
    {"unknown", "--foo a", "Unknown option --foo"},
    {"unknown-field", "-e foo a", "-e: there is no field 'foo'; there are tlsfp.ja4, "},
    {"unknown-field-long", "--field foo a", "--field: there is no field 'foo'"},
    {"no-field", "a -e", "Missing argument for -e"},
    {"ja4", "--ja4 foo a", "--ja4: 'foo' is no JA4"},
    {"ja3", "--ja3 foo a", "--ja3: 'foo' is no JA3"},
    {"values", "--values /nowhere/values a", "--values: "},
    {"no-number", "-j x a", "Cannot parse integer value"},
    {"no-threads", "-j 0 a", "-j: 0 is not between 1 and 256"},
    {"threads", "-j 257 a", "-j: 257 is not between"},
    {"negative", "-c -1 -i lo", "-c: -1 is not between"},
    {"memory", "--memory 0 a", "--memory: 0 is not between"},
    {"memory-overflow", "--memory 99999999999999999999 a", "Integer value"},
    {"max-hello", "--max-hello 16385 a", "--max-hello: 16385 is not between 1 and 16384"},
    {"interface-and-file", "-i lo a", "-i: not together with files"},
    {"filter", "-f tcp a", "-f: only together with -i"},
    {"packets", "-c 1 a", "-c: only together with -i"},
    {"user", "-Z nobody a", "-Z: only together with -i"},
    {"threads-and-write", "-j 2 -w out a b", "-j: not together with -w"},
    {"attached", "-jx a", "Cannot parse integer value"},
    {"threads-and-standard-input", "-j 2 a -", "-j: not together with standard input"},
    {"json-and-field", "--json -e sni a", "--json: not together with -e"},
    {"json-and-header", "--json --header a", "--header: not together with --json"},
    {"json-and-count", "--json --count a", "--count: not together with --json"},
    {"filename-and-count", "-H --count a", "--with-filename: not together with --count"},
    {"sni-set", "--sni [ a", "--sni: '[' is no pattern: there is a '[' without its ']'"},
    {"sni-backslash", "--sni *\\ a", "--sni: '*\\' is no pattern: there is a '\\' with nothing"},
    {"sni-address", "--sni https://a/ a", "--sni: 'https://a/' is no server name"},
    {"ja4-set", "--ja4 t13d*[ a", "--ja4: 't13d*[' is no pattern: there is a '['"},
    {"ja4-never", "--ja4 t13d*-* a", "--ja4: 't13d*-*' fits no value"},
    {"ja4-short", "--ja4 t13d????h2 a", "--ja4: 't13d????h2' fits no value, which has 36"},
    {"ja4-long", "--ja4 *0123456789012345678901234567890123456 a", "--ja4: "},
    {"ja3-set", "--ja3 [0- a", "--ja3: '[0-' is no pattern"},
    {"ja3-never", "--ja3 g* a", "--ja3: 'g*' fits no value, which has 32 characters"},
    {"level", "--level high a", "--level: 'high' is no level; there are note and warn"},
    {"invert-nothing", "-v a", "-v: only together with"},
    {"buffer", "--buffer 0 -i lo", "--buffer: 0 is not between 1 and 1024"},
    {"write-over-input", "-w /proc/self/exe /proc/self/exe", "-w: this file is read, too"},
};

static void test_refused(const void *data)
{
    const refused_case *row = data;
    GError *error = NULL;
    search_options *options = parse(row->arguments, &error);
    g_assert_null(options);
    g_assert_nonnull(error);
    if (error != NULL && !g_str_has_prefix(error->message, row->expected))
        g_assert_cmpstr(error->message, ==, row->expected);
    g_clear_error(&error);
    options_free(options);
}

static const char *file_at(const search_options *options, guint i)
{
    return i < options->files->len ? g_ptr_array_index(options->files, i) : NULL;
}

static const char *field_at(const search_options *options, guint i)
{
    static char name[64];
    if (i >= options->fields->len)
        return NULL;
    GString *text = g_string_new(NULL);
    append_field_name(text, g_ptr_array_index(options->fields, i));
    g_strlcpy(name, text->str, sizeof name);
    g_string_free(text, TRUE);
    return name;
}

static void test_defaults(void)
{
    search_options *options = parse_fine("a");
    g_assert_cmpstr(file_at(options, 0), ==, "a");
    g_assert_cmpuint(options->fields->len, ==, 1);
    g_assert_cmpstr(field_at(options, 0), ==, "tlsfp.ja4");
    g_assert_cmpuint(options->n_threads, ==, 1);
    g_assert_cmpuint(options->limits.memory, ==, 64 * 1024 * 1024);
    g_assert_cmpuint(options->limits.max_hello, ==, 132 * 1024);
    g_assert_false(options->limits.checksums);
    g_assert_cmpuint(options->max_packets, ==, 0);
    g_assert_false(options->count || options->header || options->json || options->per_line ||
                   options->quiet);
    options_free(options);
}

/** Files keep their order, however they are given. */
static void test_files(void)
{
    search_options *options = parse_fine("a -r b c --file d --file=e -rf -- -rg -");
    const char *const expected[] = {"a", "b", "c", "d", "e", "f", "-rg", "-"};
    g_assert_cmpuint(options->files->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmpstr(file_at(options, i), ==, expected[i]);
    options_free(options);
}

/** A value may stand right behind a short option. */
static void test_attached(void)
{
    search_options *options = parse_fine("-j4 -esni a.pcap");
    g_assert_cmpuint(options->n_threads, ==, 4);
    g_assert_cmpstr(field_at(options, 0), ==, "sni");
    g_assert_cmpstr(file_at(options, 0), ==, "a.pcap");
    g_assert_false(packets_come_once(options));
    options_free(options);
}

static void test_no_utf8(void)
{
    search_options *options = parse_fine("\xff.pcap -r \xfe.pcap -w \xfd.pcap --sni \xfc");
    g_assert_cmpstr(file_at(options, 0), ==, "\xff.pcap");
    g_assert_cmpstr(file_at(options, 1), ==, "\xfe.pcap");
    g_assert_cmpstr(options->write_to, ==, "\xfd.pcap");
    options_free(options);
}

static void test_output(void)
{
    search_options *options =
        parse_fine("- -e sni -e tlsfp.ja3 -e sni --header --quiet --line-buffered");
    const char *const expected[] = {"sni", "tlsfp.ja3", "sni"};
    g_assert_cmpuint(options->fields->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmpstr(field_at(options, i), ==, expected[i]);
    g_assert_true(options->header && options->quiet && options->per_line);
    g_assert_true(packets_come_once(options));
    options_free(options);
}

static void test_live(void)
{
    search_options *options = parse_fine(
        "-i lo -j 2 -f tcp -c 10 -Z nobody --json --memory 1 --max-hello 16 --checksums");
    g_assert_cmpuint(options->interfaces->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(options->interfaces, 0), ==, "lo");
    g_assert_cmpuint(options->n_threads, ==, 2);
    g_assert_cmpstr(options->filter, ==, "tcp");
    g_assert_cmpstr(options->user, ==, "nobody");
    g_assert_cmpuint(options->max_packets, ==, 10);
    g_assert_cmpuint(options->limits.memory, ==, 1024 * 1024);
    g_assert_cmpuint(options->limits.max_hello, ==, 16 * 1024);
    g_assert_true(options->limits.checksums);
    g_assert_true(options->json);
    options_free(options);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(refused_cases); i++) {
        char *path = g_strdup_printf("/options/refused/%s", refused_cases[i].name);
        g_test_add_data_func(path, &refused_cases[i], test_refused);
        g_free(path);
    }
    g_test_add_func("/options/defaults", test_defaults);
    g_test_add_func("/options/files", test_files);
    g_test_add_func("/options/attached", test_attached);
    g_test_add_func("/options/no-utf8", test_no_utf8);
    g_test_add_func("/options/output", test_output);
    g_test_add_func("/options/live", test_live);
    return g_test_run();
}
