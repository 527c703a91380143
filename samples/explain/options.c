/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "say/say.h"

static const char summary[] = "Says what a TLS fingerprint means, and whose it is.";

static const char description[] =
    "WHAT is a fingerprint (JA4, a part or raw form of it, the stable value, JA3 or\n"
    "its text), a capture, one frame of it (FILE:FRAME), a file with a ClientHello's\n"
    "bytes or lines of tlsfp --json, '-' for standard input, a hello in hex, or the\n"
    "name of a client in the list.\n"
    "\n"
    "Exit status: 0 where a list knows the client or one like it, 1 where not, 2 in\n"
    "case of trouble. With --diff: 0 where they are the same, or alike in what --only\n"
    "names, 1 where not. With --claim: 0 fits, 1 does not fit, 3 unknown.\n"
    "\n"
    "Examples:\n"
    "  tlsfp-explain t13d1516h2_8daaf6152771_e5627efa2ab1\n"
    "  tlsfp-explain capture.pcapng:17\n"
    "  tlsfp-explain --diff old.pcap new.pcap\n"
    "  tlsfp-explain --diff --only ja4,stable old.pcap new.pcap\n"
    "  tlsfp-explain --claim \"Mozilla/5.0 ... Chrome/131.0.0.0 ...\" capture.pcap";

/** @return what is wrong with these options, or NULL. */
static const char *what_is_wrong(const struct options *options)
{
    const guint n = options->words != NULL ? g_strv_length(options->words) : 0;
    if (options->version)
        return NULL;
    if (options->diff && n != 2)
        return "--diff: compares two things";
    if (n == 0)
        return "nothing to explain is named";
    if (options->only != 0 && !options->diff)
        return "--only: only together with --diff";
    return options->diff && options->claim != NULL ? "--claim: not together with --diff" : NULL;
}

/** Reads "ja4,stable", for GOption. */
static gboolean take_only(const char *option, const char *value, gpointer data, GError **error)
{
    struct options *options = data;
    char **names = g_strsplit(value, ",", -1);
    bool fine = names[0] != NULL;
    for (size_t i = 0; fine && names[i] != NULL; i++) {
        const unsigned touched = touched_by_name(names[i]);
        fine = touched != 0;
        options->only |= touched;
    }
    if (!fine)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s: of ja4, ja4_a, ja4_b, ja4_c, stable, ja3 and ja3n, not '%s'", option,
                    value);
    g_strfreev(names);
    return fine;
}

bool options_parse(int argc, char **argv, struct options *out, GError **error)
{
    *out = (struct options){.words = NULL};
    const GOptionEntry entries[] = {
        {"diff", 'd', 0, G_OPTION_ARG_NONE, &out->diff, "Say how the second differs from the first",
         NULL},
        {"only", 'o', 0, G_OPTION_ARG_CALLBACK, (gpointer)take_only,
         "With --diff: only what changes these, as in ja4,stable", "VALUES"},
        {"claim", 'c', 0, G_OPTION_ARG_FILENAME, &out->claim,
         "Say whether the hello fits this User-Agent", "AGENT"},
        {"labels", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &out->labels,
         "Know clients from the list in FILE (the installed one)", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &out->json, "Print JSON, one object a line", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &out->version, "Print the version and end", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &out->words, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("WHAT...");
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    GOptionGroup *group = g_option_group_new(NULL, NULL, NULL, out, NULL);
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    const bool parsed = g_option_context_parse(context, &argc, &argv, error);
    g_option_context_free(context);
    const char *wrong = parsed ? what_is_wrong(out) : NULL;
    if (wrong != NULL)
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, wrong);
    return parsed && wrong == NULL;
}

void options_clear(struct options *options)
{
    g_strfreev(options->words);
    g_strfreev(options->labels);
    g_free(options->claim);
}
