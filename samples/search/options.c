/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "match/client_names.h"
#include "read/source.h"
#include "show/fields.h"
#include "show/log_files.h"
#include "words.h"

enum {
    DEFAULT_MEMORY_MIB = 64,
    MAX_MEMORY_MIB = 1024 * 1024,
    DEFAULT_HELLO_KIB = 132, /* OpenSSL takes 131,396 bytes */
    DEFAULT_BUFFER_MIB = 64,
    DEFAULT_FILE_SIZE = 100 * 1024 * 1024,
    MAX_BUFFER_MIB = 1024,
    MAX_HELLO_KIB = 16 * 1024, /* a handshake message's length has 24 bits, RFC 8446 4 */
    MAX_THREADS = 256,
    UNSET = -1,
    KIB = 1024,
    MIB = 1024 * 1024,
};

/** What GOption fills, besides the options themselves. */
typedef struct {
    search_options *options;
    gboolean checksums, count, header, json, per_line, quiet, version;
    gboolean join, stats, unknown, inverted, with_filename, with_names, with_answers, all_copies;
    gint64 max_packets, n_threads, memory_mib, hello_kib, buffer_mib;
} command_line;

static const char summary[] =
    "Finds TLS clients in captures (pcap, pcapng; compressed, too) or on interfaces,\n"
    "over TCP, QUIC and DTLS, and prints their fingerprints: one JA4 a line.";

static const char description[] =
    "FILE may be '-' for standard input.\n"
    "\n"
    "With --ja4, --ja3, --sni, --values, --level or --unknown, only hellos that fit\n"
    "each of them count; of several values for one option, one has to fit. A JA4 may\n"
    "be whole, a part of one, or a pattern: t13d1516h2_8daaf6152771_e5627efa2ab1,\n"
    "8daaf6152771, 't13d*_8daaf6152771_*'.\n"
    "\n"
    "Exit status: 0 a hello was found, 1 none was found, 2 something went wrong.\n"
    "\n"
    "Examples:\n"
    "  tlsfp --count *.pcap\n"
    "  tlsfp -e frame.number -e ip.src -e sni -e ja4 --header FILE\n"
    "  tlsfp --sni '*.example.com' -w found.pcapng FILE\n"
    "  tlsfp -i eth0 --json";

static search_options *options_new(void)
{
    search_options *options = g_new0(search_options, 1);
    options->files = g_ptr_array_new_with_free_func(g_free);
    options->fields = g_ptr_array_new();
    options->interfaces = g_ptr_array_new_with_free_func(g_free);
    options->criteria = match_new();
    tlsfp_hash_key_draw(&options->limits.key);
    return options;
}

void options_free(search_options *options)
{
    if (options == NULL)
        return;
    g_ptr_array_unref(options->files);
    g_ptr_array_unref(options->fields);
    match_free(options->criteria);
    tlsfp_labels_free(options->names.own);
    tlsfp_labels_free(options->names.installed);
    g_free(options->write_to);
    g_free(options->output);
    g_ptr_array_unref(options->interfaces);
    g_free(options->filter);
    g_free(options->user);
    g_free(options);
}

bool packets_come_once(const search_options *options)
{
    for (guint i = 0; i < options->files->len; i++)
        if (source_is_stream(g_ptr_array_index(options->files, i)))
            return true;
    return options->interfaces->len > 0;
}

static bool refuse(GError **error, const char *option, const char *why)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: %s", option, why);
    return false;
}

static gboolean add_file(const gchar *option, const gchar *value, gpointer data, GError **error)
{
    (void)option;
    (void)error;
    command_line *line = data;
    g_ptr_array_add(line->options->files, g_strdup(value));
    return TRUE;
}

static gboolean add_interface(const gchar *option, const gchar *value, gpointer data,
                              GError **error)
{
    (void)option;
    (void)error;
    command_line *line = data;
    g_ptr_array_add(line->options->interfaces, g_strdup(value));
    return TRUE;
}

static gboolean add_field(const gchar *option, const gchar *value, gpointer data, GError **error)
{
    command_line *line = data;
    const search_field *found = field_named(value);
    if (found != NULL) {
        g_ptr_array_add(line->options->fields, (gpointer)found);
        return TRUE;
    }
    char *names = field_names();
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s: there is no field '%s'; there are %s", option, value, names);
    g_free(names);
    return FALSE;
}

/** Turns the reason why a value is refused into the option's error. */
static gboolean value_result(bool fine, const gchar *option, GError *reason, GError **error)
{
    if (!fine) {
        refuse(error, option, reason->message);
        g_error_free(reason);
    }
    return fine;
}

/** What an option adds to the criteria. */
static const struct {
    const char *option;
    bool (*add)(match *criteria, const char *value, GError **reason);
} criterion_options[] = {
    {"--ja4", match_add_ja4},     {"--ja3", match_add_ja3},     {"--sni", match_add_sni},
    {"--values", match_add_file}, {"--level", match_set_level},
};

static gboolean add_criterion(const gchar *option, const gchar *value, gpointer data,
                              GError **error)
{
    command_line *line = data;
    GError *reason = NULL;
    size_t i = 0;
    while (strcmp(criterion_options[i].option, option) != 0)
        g_assert(++i < G_N_ELEMENTS(criterion_options));
    bool fine = criterion_options[i].add(line->options->criteria, value, &reason);
    return value_result(fine, option, reason, error);
}

static gboolean add_labels(const gchar *option, const gchar *value, gpointer data, GError **error)
{
    search_options *options = ((command_line *)data)->options;
    GError *reason = NULL;
    if (options->names.own == NULL)
        options->names.own = tlsfp_labels_new(&options->limits.key);
    bool fine = client_names_read(options->names.own, value, &reason);
    return value_result(fine, option, reason, error);
}

static gboolean set_size(const gchar *option, const gchar *value, gpointer data, GError **error)
{
    search_options *options = ((command_line *)data)->options;
    bool is_total = strcmp(option, "--total-size") == 0;
    if (log_files_parse_size(value, is_total ? &options->total_size : &options->file_size))
        return TRUE;
    return refuse(error, option, "not a size, such as 500K, 100M or 10G");
}

/** Adds a group of options. */
static void add_entries(GOptionContext *context, command_line *line, const GOptionEntry *entries)
{
    GOptionGroup *group = g_option_context_get_main_group(context);
    if (group == NULL) {
        group = g_option_group_new("main", "Options:", "Show the options", line, NULL);
        g_option_context_set_main_group(context, group);
    }
    g_option_group_add_entries(group, entries);
}

#define CALLBACK(function) G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer)(function)

static void add_input_entries(GOptionContext *context, command_line *line)
{
    search_options *options = line->options;
    const GOptionEntry entries[] = {
        {"file", 'r', CALLBACK(add_file), "Read FILE; the option may be left out", "FILE"},
        {"threads", 'j', 0, G_OPTION_ARG_INT64, &line->n_threads,
         "Read N files at once, or one by N threads", "N"},
        {"join", 0, 0, G_OPTION_ARG_NONE, &line->join, "The files are one capture, cut by rotation",
         NULL},
        {"interface", 'i', CALLBACK(add_interface), "Listen on IFACE; may be repeated", "IFACE"},
        {"filter", 'f', 0, G_OPTION_ARG_FILENAME, &options->filter,
         "With -i: only packets that fit BPF", "BPF"},
        {"packets", 'c', 0, G_OPTION_ARG_INT64, &line->max_packets, "With -i: end after N packets",
         "N"},
        {"user", 'Z', 0, G_OPTION_ARG_FILENAME, &options->user,
         "With -i: become USER after opening", "USER"},
        {"buffer", 0, 0, G_OPTION_ARG_INT64, &line->buffer_mib,
         "With -i: the kernel's buffer, in MiB (64)", "MIB"},
        {"memory", 0, 0, G_OPTION_ARG_INT64, &line->memory_mib,
         "Most memory for what traffic fills (64)", "MIB"},
        {"max-hello", 0, 0, G_OPTION_ARG_INT64, &line->hello_kib,
         "Longest hello to reassemble, in KiB (132)", "KIB"},
        {"checksums", 0, 0, G_OPTION_ARG_NONE, &line->checksums,
         "Drop packets with wrong checksums, as servers do", NULL},
        {"all-copies", 0, 0, G_OPTION_ARG_NONE, &line->all_copies,
         "Hellos in bytes that the server did not take, too", NULL},
        {G_OPTION_REMAINING, 0, CALLBACK(add_file), NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    add_entries(context, line, entries);
}

static void add_search_entries(GOptionContext *context, command_line *line)
{
    const GOptionEntry entries[] = {
        {"ja4", 0, CALLBACK(add_criterion), "Only this JA4, part of one, or pattern", "VALUE"},
        {"ja3", 0, CALLBACK(add_criterion), "Only this JA3, or pattern", "VALUE"},
        {"sni", 0, CALLBACK(add_criterion), "Only this server name, or pattern", "GLOB"},
        {"values", 0, CALLBACK(add_criterion), "Only a JA3 or JA4 that FILE lists", "FILE"},
        {"level", 0, CALLBACK(add_criterion), "Only clients of this level (note, warn)", "LEVEL"},
        {"unknown", 0, 0, G_OPTION_ARG_NONE, &line->unknown, "Only clients without a name", NULL},
        {"invert", 'v', 0, G_OPTION_ARG_NONE, &line->inverted, "Only hellos that do not fit", NULL},
        G_OPTION_ENTRY_NULL,
    };
    add_entries(context, line, entries);
}

static void add_output_entries(GOptionContext *context, command_line *line)
{
    const GOptionEntry entries[] = {
        {"count", 0, 0, G_OPTION_ARG_NONE, &line->count, "Count lines, the most frequent first",
         NULL},
        {"field", 'e', CALLBACK(add_field), "Print FIELD; several: in columns", "FIELD"},
        {"labels", 0, CALLBACK(add_labels), "Name clients after the list in FILE", "FILE"},
        {"names", 0, 0, G_OPTION_ARG_NONE, &line->with_names, "With --json: names of clients, too",
         NULL},
        {"answers", 0, 0, G_OPTION_ARG_NONE, &line->with_answers,
         "With --json: what the server answers, too", NULL},
        {"with-filename", 'H', 0, G_OPTION_ARG_NONE, &line->with_filename,
         "Print the file in front", NULL},
        {"header", 0, 0, G_OPTION_ARG_NONE, &line->header, "Print the fields' names first", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &line->json, "Print one JSON object a line", NULL},
        {"write", 'w', 0, G_OPTION_ARG_FILENAME, &line->options->write_to,
         "Write the packets found to FILE, as pcapng", "FILE"},
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &line->options->output,
         "Write the lines to files PREFIX-TIME-NUMBER", "PREFIX"},
        {"file-size", 0, CALLBACK(set_size), "With --output: of each file (100M)", "SIZE"},
        {"total-size", 0, CALLBACK(set_size), "With --output: of all; the oldest files go", "SIZE"},
        {"line-buffered", 0, 0, G_OPTION_ARG_NONE, &line->per_line,
         "Write each line and packet at once", NULL},
        {"quiet", 0, 0, G_OPTION_ARG_NONE, &line->quiet, "No progress bar, no summary", NULL},
        {"stats", 0, 0, G_OPTION_ARG_NONE, &line->stats, "At the end: sums as JSON on stderr",
         NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &line->version, "Print the version", NULL},
        G_OPTION_ENTRY_NULL,
    };
    add_entries(context, line, entries);
}

static GOptionContext *make_context(command_line *line)
{
    GOptionContext *context = g_option_context_new("FILE...");
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    add_input_entries(context, line);
    add_search_entries(context, line);
    add_output_entries(context, line);
    return context;
}

static bool check_number(gint64 value, gint64 least, gint64 most, const char *option,
                         GError **error)
{
    if (least <= value && value <= most)
        return true;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s: %" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT
                " and %" G_GINT64_FORMAT,
                option, value, least, most);
    return false;
}

static bool check_numbers(const command_line *line, GError **error)
{
    return (line->n_threads == UNSET ||
            check_number(line->n_threads, 1, MAX_THREADS, "-j", error)) &&
           check_number(line->max_packets, 0, G_MAXINT64, "-c", error) &&
           check_number(line->memory_mib, 1, MAX_MEMORY_MIB, "--memory", error) &&
           check_number(line->buffer_mib, 1, MAX_BUFFER_MIB, "--buffer", error) &&
           check_number(line->hello_kib, 1, MAX_HELLO_KIB, "--max-hello", error);
}

static bool check_live(const search_options *options, GError **error)
{
    if (options->interfaces->len > 0) {
        if (options->files->len > 0)
            return refuse(error, "-i", "not together with files");
        return true;
    }
    if (options->filter != NULL)
        return refuse(error, "-f", "only together with -i");
    if (options->max_packets > 0)
        return refuse(error, "-c", "only together with -i");
    if (options->user != NULL)
        return refuse(error, "-Z", "only together with -i");
    if (options->files->len > 0)
        return true;
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "no capture is named, and no interface (-i); '-' is standard input");
    return false;
}

static bool check_threads(const search_options *options, GError **error)
{
    if (options->n_threads > 1 && options->join)
        return refuse(error, "-j", "not together with --join");
    if (options->n_threads > 1 && options->write_to != NULL)
        return refuse(error, "-j", "not together with -w");
    if (options->n_threads > 1 && options->interfaces->len == 0 && packets_come_once(options))
        return refuse(error, "-j", "not together with standard input or a pipe");
    return true;
}

static bool check_output(search_options *options, GError **error)
{
    if (options->output == NULL)
        return (options->file_size == 0 && options->total_size == 0) ||
               refuse(error, "--file-size, --total-size", "only together with --output");
    if (options->count || options->header)
        return refuse(error, "--output", "not together with --count or --header");
    if (options->file_size == 0)
        options->file_size = DEFAULT_FILE_SIZE;
    return options->total_size == 0 || options->total_size >= options->file_size ||
           refuse(error, "--total-size", "less than --file-size");
}

static bool check_lines(const command_line *line, GError **error)
{
    const search_options *options = line->options;
    if (options->json && options->fields->len > 0)
        return refuse(error, "--json", "not together with -e");
    if (options->json && options->header)
        return refuse(error, "--header", "not together with --json");
    if (line->with_answers && !options->json)
        return refuse(error, "--answers",
                      "only together with --json; the fields are tlsfp.ja3s, "
                      "tlsfp.ja3s_r and tlsfp.retry");
    if (options->json && options->count)
        return refuse(error, "--count", "not together with --json");
    if (options->with_filename && options->count)
        return refuse(error, "--with-filename", "not together with --count");
    return true;
}

static bool check_criteria(const command_line *line, GError **error)
{
    const search_options *options = line->options;
    if (line->inverted && match_is_empty(options->criteria))
        return refuse(error, "-v", "only together with what hellos should fit, e.g. --ja4");
    if (match_needs_names(options->criteria) && options->names.own == NULL &&
        options->names.installed == NULL)
        return refuse(error, "--level, --unknown",
                      "no list of names is installed; name one by --labels");
    return true;
}

/** Writing would empty the file before it is read. */
static bool check_write(const search_options *options, GError **error)
{
    struct stat target, input;
    if (options->write_to == NULL || stat(options->write_to, &target) != 0)
        return true;
    for (guint i = 0; i < options->files->len; i++)
        if (stat(g_ptr_array_index(options->files, i), &input) == 0 && S_ISREG(input.st_mode) &&
            input.st_dev == target.st_dev && input.st_ino == target.st_ino)
            return refuse(error, "-w", "this file is read, too");
    return true;
}

/** The number of cores, where that changes nothing but the speed. */
static unsigned usual_threads(const search_options *options)
{
    if (options->files->len < 2 || options->join || options->write_to != NULL ||
        packets_come_once(options))
        return 1;
    return MIN(MIN(g_get_num_processors(), options->files->len), MAX_THREADS);
}

/** Whether one of the fields to print needs something. */
static bool prints(const search_options *options, bool (*needs)(const search_field *))
{
    for (guint i = 0; i < options->fields->len; i++)
        if (needs(g_ptr_array_index(options->fields, i)))
            return true;
    return false;
}

/** Reads the installed list where names are asked for. */
static void take_names(const command_line *line)
{
    search_options *options = line->options;
    bool in_json = options->json && (line->with_names || options->names.own != NULL);
    if (in_json || prints(options, field_needs_names) || match_needs_names(options->criteria))
        options->names.installed = client_names_installed(&options->limits.key);
}

static void take_fields(search_options *options)
{
    if (options->fields->len == 0)
        g_ptr_array_add(options->fields, (gpointer)field_named("tlsfp.ja4"));
    if (options->with_filename)
        g_ptr_array_insert(options->fields, 0, (gpointer)field_named("file"));
}

static void take_over(const command_line *line)
{
    search_options *options = line->options;
    options->count = line->count;
    options->header = line->header;
    options->json = line->json;
    options->per_line = line->per_line;
    options->quiet = line->quiet;
    options->max_packets = (uint64_t)line->max_packets;
    options->buffer = (size_t)line->buffer_mib * MIB;
    options->limits.checksums = line->checksums;
    options->limits.all_copies = line->all_copies;
    options->join = line->join;
    options->stats = line->stats;
    options->with_filename = line->with_filename;
    options->n_threads =
        line->n_threads == UNSET ? usual_threads(options) : (unsigned)line->n_threads;
    if (line->unknown)
        match_set_unknown(options->criteria);
    if (line->inverted)
        match_invert(options->criteria);
    take_names(line);
    options->limits.answers =
        (line->json && line->with_answers) || prints(options, field_needs_answers);
    options->limits.memory = (size_t)line->memory_mib * MIB;
    options->limits.max_hello = (size_t)line->hello_kib * KIB;
}

static bool parse_words(command_line *line, int argc, char **argv, GError **error)
{
    GOptionContext *context = make_context(line);
    char **words = words_split(argc, argv);
    bool fine = g_option_context_parse_strv(context, &words, error);
    g_strfreev(words);
    g_option_context_free(context);
    return fine;
}

static bool parse(command_line *line, int argc, char **argv, GError **error)
{
    if (!parse_words(line, argc, argv, error))
        return false;
    if (line->version) {
        puts("tlsfp " TLSFP_VERSION);
        exit(EXIT_SUCCESS);
    }
    if (!check_numbers(line, error))
        return false;
    take_over(line);
    return check_live(line->options, error) && check_threads(line->options, error) &&
           check_lines(line, error) && check_criteria(line, error) &&
           check_output(line->options, error) && check_write(line->options, error);
}

search_options *options_parse(int argc, char **argv, GError **error)
{
    command_line line = {
        .options = options_new(),
        .n_threads = UNSET,
        .memory_mib = DEFAULT_MEMORY_MIB,
        .hello_kib = DEFAULT_HELLO_KIB,
        .buffer_mib = DEFAULT_BUFFER_MIB,
    };
    if (!parse(&line, argc, argv, error)) {
        options_free(line.options);
        return NULL;
    }
    take_fields(line.options);
    return line.options;
}
