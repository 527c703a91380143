/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-explain: a fingerprint in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

enum { STATUS_FOUND, STATUS_NONE, STATUS_TROUBLE, STATUS_UNKNOWN };

typedef struct {
    char **words;
    char **labels;
    char *claim;
    gboolean diff, json, version;
} options;

static const char summary[] = "Says what a TLS fingerprint means, and whose it is.";

static const char description[] =
    "WHAT is a fingerprint (JA4, a part or raw form of it, the stable value, JA3 or\n"
    "its text), a capture, one frame of it (FILE:FRAME), a file with a ClientHello's\n"
    "bytes or lines of tlsfp --json, '-' for standard input, a hello in hex, or the\n"
    "name of a client in the list.\n"
    "\n"
    "Exit status: 0 where a list knows the client or one like it, 1 where not, 2 in\n"
    "case of trouble. With --diff: 0 where they are the same, 1 where not. With\n"
    "--claim: 0 fits, 1 does not fit, 3 unknown.\n"
    "\n"
    "Examples:\n"
    "  tlsfp-explain t13d1516h2_8daaf6152771_e5627efa2ab1\n"
    "  tlsfp-explain capture.pcapng:17\n"
    "  tlsfp-explain --diff old.pcap new.pcap\n"
    "  tlsfp-explain --claim \"Mozilla/5.0 ... Chrome/131.0.0.0 ...\" capture.pcap";

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp-explain: %s\n", message);
}

static bool read_list(lists *known, const char *path, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    const tlsfp_span bytes = {(const uint8_t *)text, len};
    tlsfp_labels_read(known->labels, path, bytes, tell, NULL);
    tlsfp_clients_read(known->clients, path, bytes, NULL, NULL);
    g_free(text);
    return true;
}

static bool read_lists(lists *known, char **paths, GError **error)
{
    tlsfp_hash_key key;
    char *installed[] = {EXPLAIN_LIST, NULL};
    tlsfp_hash_key_draw(&key);
    *known = (lists){tlsfp_labels_new(&key), tlsfp_clients_new()};
    if (paths == NULL && g_file_test(EXPLAIN_LIST, G_FILE_TEST_EXISTS))
        paths = installed;
    bool fine = true;
    for (size_t i = 0; fine && paths != NULL && paths[i] != NULL; i++)
        fine = read_list(known, paths[i], error);
    return fine;
}

static void free_lists(lists *known)
{
    tlsfp_labels_free(known->labels);
    tlsfp_clients_free(known->clients);
}

static void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(object);
}

/* ---- one after the other ---- */

static int explain(const options *asked, const lists *known, const GPtrArray *subjects)
{
    bool any = false;
    for (guint i = 0; i < subjects->len; i++) {
        const subject *about = g_ptr_array_index((GPtrArray *)subjects, i);
        bool found;
        if (i > 0 && !asked->json)
            putchar('\n');
        if (asked->json)
            print_json(say_json(about, known, &found));
        else
            found = say_subject(about, known);
        any |= found;
    }
    return any ? STATUS_FOUND : STATUS_NONE;
}

/* ---- differences ---- */

static json_t *difference_json(const tlsfp_difference *difference)
{
    static const char *const changes[] = {"added", "missing", "moved", "changed"};
    GString *text = g_string_new(NULL);
    char value[8];
    tlsfp_difference_text(difference, text);
    g_snprintf(value, sizeof value, "%04x", difference->value);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:o}", "part", tlsfp_part_name(difference->part), "change",
                  changes[difference->change], "value", value, "text", text->str, "touches",
                  touched_json(difference));
    g_string_free(text, TRUE);
    return object;
}

/** A trait that only one of two whole hellos has. */
static void say_trait(const char *name, bool first, bool second)
{
    if (first != second)
        printf("  %s %s  (touches no fingerprint)\n", second ? "plus" : "without", name);
}

static int diff(const options *asked, const subject *first, const subject *second, GError **error)
{
    if (first->shape == NULL || second->shape == NULL) {
        g_set_error(error, SUBJECT_ERROR, 0,
                    "%s: a hash cannot be turned back into what it was made of; there is nothing "
                    "to compare",
                    first->shape == NULL ? first->title : second->title);
        return STATUS_TROUBLE;
    }
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(first->shape, second->shape, found);
    json_t *array = json_array();
    if (!asked->json)
        printf("%s\n  compared with %s\n", second->title, first->title);
    for (guint i = 0; i < found->len; i++) {
        const tlsfp_difference *difference = &g_array_index(found, tlsfp_difference, i);
        GString *text = g_string_new("  ");
        say_difference(difference, text);
        json_array_append_new(array, difference_json(difference));
        if (!asked->json)
            puts(text->str);
        g_string_free(text, TRUE);
    }
    if (!asked->json && first->whole && second->whole) {
        say_trait("GREASE", first->grease, second->grease);
        say_trait("an offer to resume a session", first->resumption, second->resumption);
    }
    const bool same = found->len == 0;
    if (asked->json)
        print_json(json_pack("{s:s, s:s, s:o}", "first", first->title, "second", second->title,
                             "differences", json_incref(array)));
    else if (same)
        puts("  the same, as far as both are known");
    json_decref(array);
    g_array_unref(found);
    return same ? STATUS_FOUND : STATUS_NONE;
}

/* ---- claims ---- */

/** The worst of them counts: does not fit, unknown, fits. */
static int judge(const options *asked, const lists *known, const GPtrArray *subjects)
{
    int status = STATUS_FOUND;
    for (guint i = 0; i < subjects->len; i++) {
        const subject *about = g_ptr_array_index((GPtrArray *)subjects, i);
        GString *why = g_string_new(NULL);
        tlsfp_claim verdict = TLSFP_CLAIM_UNKNOWN;
        if (about->shape != NULL)
            verdict = tlsfp_claim_judge(known->clients, asked->claim, about->shape, why);
        else
            g_string_append(why, "only a hash of this hello is known");
        if (asked->json)
            print_json(json_pack("{s:s, s:s, s:s}", "what", about->title, "claim",
                                 tlsfp_claim_name(verdict), "why", why->str));
        else
            printf("%s: %s: %s\n", about->title, tlsfp_claim_name(verdict), why->str);
        g_string_free(why, TRUE);
        if (verdict == TLSFP_CLAIM_DOES_NOT_FIT)
            status = STATUS_NONE;
        else if (verdict == TLSFP_CLAIM_UNKNOWN && status == STATUS_FOUND)
            status = STATUS_UNKNOWN;
    }
    return status;
}

/* ---- the command line ---- */

static bool parse(int *argc, char ***argv, options *out, GError **error)
{
    const GOptionEntry entries[] = {
        {"diff", 'd', 0, G_OPTION_ARG_NONE, &out->diff, "Say how the second differs from the first",
         NULL},
        {"claim", 'c', 0, G_OPTION_ARG_STRING, &out->claim,
         "Say whether the hello fits this User-Agent", "AGENT"},
        {"labels", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &out->labels,
         "Know clients from the list in FILE (the installed one)", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &out->json, "Print JSON, one object a line", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &out->version, "Print the version and end", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &out->words, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new("WHAT…");
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, NULL);
    bool fine = g_option_context_parse(context, argc, argv, error);
    g_option_context_free(context);
    const guint n = out->words != NULL ? g_strv_length(out->words) : 0;
    const char *why = out->version              ? NULL
                      : out->diff && n != 2     ? "--diff: two things are compared"
                      : n == 0                  ? "nothing is named that is to be explained"
                      : out->diff && out->claim ? "--claim: not together with --diff"
                                                : NULL;
    if (fine && why != NULL) {
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
        fine = false;
    }
    return fine;
}

static int answer(const options *asked, lists *known, GPtrArray *subjects, GError **error)
{
    guint second = 0;
    for (size_t i = 0; asked->words[i] != NULL; i++) {
        if (i == 1)
            second = subjects->len;
        if (!subjects_read(asked->words[i], known->clients, subjects, error))
            return STATUS_TROUBLE;
    }
    if (asked->diff)
        return diff(asked, g_ptr_array_index(subjects, 0), g_ptr_array_index(subjects, second),
                    error);
    return asked->claim != NULL ? judge(asked, known, subjects) : explain(asked, known, subjects);
}

static void free_options(options *asked)
{
    g_strfreev(asked->words);
    g_strfreev(asked->labels);
    g_free(asked->claim);
}

static int fail(const char *advice, GError *error)
{
    fprintf(stderr, "tlsfp-explain: %s\n%s", error->message, advice);
    g_error_free(error);
    return STATUS_TROUBLE;
}

int main(int argc, char **argv)
{
    options asked = {.words = NULL};
    GError *error = NULL;
    lists known = {NULL, NULL};
    if (!parse(&argc, &argv, &asked, &error)) {
        free_options(&asked);
        return fail("Try 'tlsfp-explain --help'.\n", error);
    }
    if (asked.version) {
        free_options(&asked);
        puts("tlsfp-explain " TLSFP_VERSION);
        return EXIT_SUCCESS;
    }
    GPtrArray *subjects = subjects_new();
    int status = STATUS_TROUBLE;
    if (read_lists(&known, asked.labels, &error))
        status = answer(&asked, &known, subjects, &error);
    g_ptr_array_unref(subjects);
    free_lists(&known);
    free_options(&asked);
    return error != NULL ? fail("", error) : status;
}
