/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LIMIT = 20 };

/** Options, by the commands that take them. */
enum {
    TAKES_INPUT = 1 << 0,
    TAKES_NAMES = 1 << 1,
    TAKES_RANGE = 1 << 2,
    TAKES_JSON = 1 << 3,
    TAKES_BY = 1 << 4,
    TAKES_RULE = 1 << 5,
    TAKES_KEY = 1 << 6,
    TAKES_OUTPUT = 1 << 7,
    TAKES_TARGET = 1 << 8,
    TAKES_INTERFACE = 1 << 9,
};

typedef struct {
    const char *name;
    command run;
    unsigned takes;
    const char *needs; /* what is wrong where nothing stands behind the census, or NULL */
    const char *usage, *summary;
} command_row;

static const command_row commands[] = {
    {"add", run_add, TAKES_INPUT | TAKES_INTERFACE | TAKES_KEY, NULL, "DB [FILE...|-]",
     "Adds what captures, folders of them, NDJSON of tlsfp --json or\n"
     "tlsfp-echo --log json, or an interface hold. What was added counts once."},
    {"top", run_top, TAKES_NAMES | TAKES_RANGE | TAKES_JSON | TAKES_BY, NULL,
     "DB [VALUE|FILTER...]", "Values by their share of connections and addresses."},
    {"impact", run_impact, TAKES_NAMES | TAKES_RANGE | TAKES_JSON | TAKES_RULE | TAKES_KEY,
     "no value, pattern or FIELD=PATTERN is named", "DB VALUE|PATTERN|FIELD=PATTERN...",
     "What a rule for these values would hit."},
    {"new", run_new, TAKES_NAMES | TAKES_JSON | TAKES_BY | TAKES_KEY,
     "no file is named ('-' is standard input)", "DB FILE...|-",
     "Clients in files that the census has never seen. The census stays as it is."},
    {"since", run_since, TAKES_NAMES | TAKES_JSON | TAKES_BY, "no day is named, such as 2026-01-31",
     "DB DAY", "Clients that were seen on this day or later for the first time."},
    {"report", run_report, TAKES_NAMES | TAKES_RANGE | TAKES_OUTPUT, NULL, "DB",
     "One HTML page: shares over time, frequent, new and suspicious clients."},
    {"merge", run_merge, TAKES_KEY | TAKES_INPUT, "no census to add is named", "DB DB...",
     "Adds what other censuses hold to the first. A source that both have counts once."},
    {"export", run_export, TAKES_NAMES | TAKES_RANGE | TAKES_TARGET | TAKES_OUTPUT | TAKES_BY, NULL,
     "DB [VALUE|FILTER...]", "Rules and lists for other programs."},
};

static const char help[] =
    "Usage:\n"
    "  tlsfp-census COMMAND [OPTION...] DB ...\n"
    "\n"
    "Counts TLS clients in one SQLite file, DB, and answers what a rule would hit.\n"
    "\n"
    "Commands:\n"
    "  add DB FILE...|-     Add captures, folders, NDJSON, or an interface (-i)\n"
    "  top DB               The most frequent values\n"
    "  impact DB VALUE...   What a rule for values or FIELD=PATTERN would hit\n"
    "  new DB FILE...       Clients in files that the census has never seen\n"
    "  since DB DAY         Clients first seen on this day or later\n"
    "  report DB -o FILE    One HTML page with pictures\n"
    "  merge DB DB...       Add other censuses to the first\n"
    "  export DB --to KIND  Rules: suricata, zeek-intel, misp, haproxy, nginx-map,\n"
    "                       wireshark\n"
    "\n"
    "'tlsfp-census COMMAND --help' has the options of each.\n"
    "\n"
    "Exit status: 0 where something was found, or the rule stays below --max-share;\n"
    "1 where not; 2 in case of trouble.\n"
    "\n"
    "Examples:\n"
    "  tlsfp-census add clients.db /captures\n"
    "  tlsfp-census impact clients.db t13d1516h2_8daaf6152771_e5627efa2ab1\n"
    "  tlsfp-census impact clients.db 't13d*_8daaf6152771_*' --max-share 0.5%\n"
    "  tlsfp -i eth0 --json | tlsfp-census add clients.db - --source eth0";

void options_free(options *asked)
{
    if (asked == NULL)
        return;
    g_strfreev(asked->arguments);
    g_strfreev(asked->labels);
    char *texts[] = {asked->by,        asked->from,   asked->to,        asked->bad,
                     asked->max_share, asked->source, asked->interface, asked->filter,
                     asked->user,      asked->output, asked->target,    asked->values,
                     asked->pseudonyms};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(asked);
}

static void add(GOptionContext *context, const command_row *row, unsigned takes,
                const GOptionEntry *entries)
{
    if ((row->takes & takes) != 0)
        g_option_context_add_main_entries(context, entries, NULL);
}

static void add_input_entries(GOptionContext *context, const command_row *row, options *asked)
{
    const GOptionEntry interface[] = {
        {"interface", 'i', 0, G_OPTION_ARG_FILENAME, &asked->interface, "Listen on IFACE", "IFACE"},
        {"filter", 'f', 0, G_OPTION_ARG_FILENAME, &asked->filter,
         "With -i: only packets that fit BPF", "BPF"},
        {"user", 'Z', 0, G_OPTION_ARG_FILENAME, &asked->user,
         "With -i: become USER once the interface is open", "USER"},
        {"source", 0, 0, G_OPTION_ARG_FILENAME, &asked->source,
         "Standard input is NAME: its lines count once", "NAME"},
        {"forget", 0, 0, G_OPTION_ARG_INT, &asked->forget,
         "Forget addresses older than DAYS; counts stay", "DAYS"},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry input[] = {
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &asked->quiet, "No progress bar, no summary", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry key[] = {
        {"pseudonyms", 0, 0, G_OPTION_ARG_FILENAME, &asked->pseudonyms,
         "Keep pseudonyms by the key in KEYFILE", "KEYFILE"},
        G_OPTION_ENTRY_NULL,
    };
    add(context, row, TAKES_INTERFACE, interface);
    add(context, row, TAKES_INPUT, input);
    add(context, row, TAKES_KEY, key);
}

static void add_question_entries(GOptionContext *context, const command_row *row, options *asked)
{
    const GOptionEntry lists[] = {
        {"labels", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked->labels,
         "Name clients after FILE (the installed list)", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry range[] = {
        {"from", 0, 0, G_OPTION_ARG_STRING, &asked->from, "From this day on, 2026-01-31", "DAY"},
        {"days", 0, 0, G_OPTION_ARG_INT, &asked->last_days, "Only the census's last N days", "N"},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry json[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &asked->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry by[] = {
        {"by", 0, 0, G_OPTION_ARG_STRING, &asked->by,
         "ja4, ja4_b, stable, ja3n, client, sni, day ...", "FIELD"},
        {"limit", 'n', 0, G_OPTION_ARG_INT, &asked->limit, "At most N rows (20); 0: all", "N"},
        G_OPTION_ENTRY_NULL,
    };
    add(context, row, TAKES_NAMES, lists);
    const GOptionEntry until[] = {
        {"to", 0, 0, G_OPTION_ARG_STRING, &asked->to, "Up to this day", "DAY"},
        G_OPTION_ENTRY_NULL,
    };
    add(context, row, TAKES_RANGE, range);
    if ((row->takes & TAKES_TARGET) == 0) /* there --to says what to export to */
        add(context, row, TAKES_RANGE, until);
    add(context, row, TAKES_JSON, json);
    add(context, row, TAKES_BY, by);
}

static void add_other_entries(GOptionContext *context, const command_row *row, options *asked)
{
    const GOptionEntry rule[] = {
        {"bad", 0, 0, G_OPTION_ARG_FILENAME, &asked->bad,
         "Addresses and networks known as hostile, one a line", "FILE"},
        {"max-share", 0, 0, G_OPTION_ARG_STRING, &asked->max_share,
         "Exit with 1 above this share, such as 0.5%", "SHARE"},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry output[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &asked->output, "Write to FILE", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    const GOptionEntry target[] = {
        {"to", 0, 0, G_OPTION_ARG_STRING, &asked->target,
         "suricata, zeek-intel, misp, haproxy, nginx-map ...", "KIND"},
        {"values", 0, 0, G_OPTION_ARG_FILENAME, &asked->values,
         "Export the values that FILE lists; there is no DB then", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    add(context, row, TAKES_RULE, rule);
    add(context, row, TAKES_OUTPUT, output);
    add(context, row, TAKES_TARGET, target);
}

static const command_row *find_command(const char *name, GError **error)
{
    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    if (name == NULL)
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "no command is given");
    else
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "there is no command '%s'",
                    name);
    return NULL;
}

static bool refuse(GError **error, const char *why)
{
    g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
    return false;
}

/** Checks options and words against each other. */
static bool check(const command_row *row, options *asked, GError **error)
{
    const bool is_export = (row->takes & TAKES_TARGET) != 0;
    guint n = g_strv_length(asked->arguments);
    asked->words = asked->arguments;
    if (!is_export || asked->values == NULL) {
        if (n == 0)
            return refuse(error, "no census is named");
        asked->db = asked->arguments[0];
        asked->words++;
        n--;
    }
    if (n == 0 && row->needs != NULL) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: tlsfp-census %s %s",
                    row->needs, row->name, row->usage);
        return false;
    }
    if (asked->interface != NULL && n > 0)
        return refuse(error, "-i: not together with files");
    if (asked->interface == NULL && (asked->filter != NULL || asked->user != NULL))
        return refuse(error, "-f, -Z: only together with -i");
    if (row->run == run_add && n == 0 && asked->interface == NULL && asked->forget == NOT_GIVEN)
        return refuse(error, "no file is named, and no interface (-i); '-' is standard input");
    if (asked->limit < 0)
        return refuse(error, "-n: a number of rows, or 0 for all");
    if (asked->last_days != NOT_GIVEN && asked->last_days < 1)
        return refuse(error, "--days: at least 1, which is the census's last day");
    if (asked->forget != NOT_GIVEN && asked->forget < 0)
        return refuse(error, "--forget: a number of days, or 0 for all before today");
    if (is_export && asked->target == NULL)
        return refuse(error, "--to is missing: suricata, zeek-intel, misp, haproxy, nginx-map or "
                             "wireshark");
    return true;
}

static bool parse_words(const command_row *row, options *asked, char **words, GError **error)
{
    GOptionContext *context = g_option_context_new(row->usage);
    g_option_context_set_summary(context, row->summary);
    add_input_entries(context, row, asked);
    add_question_entries(context, row, asked);
    add_other_entries(context, row, asked);
    const GOptionEntry rest[] = {
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked->arguments, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_option_context_add_main_entries(context, rest, NULL);
    const bool fine = g_option_context_parse_strv(context, &words, error);
    g_option_context_free(context);
    g_strfreev(words);
    if (asked->arguments == NULL)
        asked->arguments = g_new0(char *, 1);
    return fine && check(row, asked, error);
}

/** The words without the command, for GOption. */
static char **without_command(int argc, char **argv)
{
    GPtrArray *words = g_ptr_array_new();
    g_ptr_array_add(words, g_strdup_printf("%s %s", "tlsfp-census", argv[1]));
    for (int i = 2; i < argc; i++)
        g_ptr_array_add(words, g_strdup(argv[i]));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

options *options_parse(int argc, char **argv, GError **error)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (name != NULL && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)) {
        puts(help);
        exit(EXIT_SUCCESS);
    }
    if (name != NULL && strcmp(name, "--version") == 0) {
        puts("tlsfp-census " TLSFP_VERSION);
        exit(EXIT_SUCCESS);
    }
    const command_row *row = find_command(name, error);
    if (row == NULL)
        return NULL;
    options *asked = g_new0(options, 1);
    asked->run = row->run;
    asked->limit = row->run == run_export ? 0 : DEFAULT_LIMIT;
    asked->forget = asked->last_days = NOT_GIVEN;
    if (parse_words(row, asked, without_command(argc, argv), error))
        return asked;
    options_free(asked);
    return NULL;
}
