/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-explain: a fingerprint in words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lists.h"
#include "options.h"
#include "read/subjects.h"
#include "say/say.h"

enum { STATUS_FOUND, STATUS_NONE, STATUS_TROUBLE, STATUS_UNKNOWN };

static int explain(const struct options *options, const struct lists *lists,
                   const struct subjects *subjects)
{
    bool any = false;
    for (size_t i = 0; i < subjects_count(subjects); i++) {
        const struct subject *subject = subjects_get(subjects, i);
        if (i > 0 && !options->json)
            putchar('\n');
        any |= options->json ? say_subject_json(subject, lists) : say_subject(subject, lists);
    }
    return any ? STATUS_FOUND : STATUS_NONE;
}

/** The worst one counts: does not fit, unknown, fits. */
static int judge(const struct options *options, const struct lists *lists,
                 const struct subjects *subjects)
{
    int status = STATUS_FOUND;
    for (size_t i = 0; i < subjects_count(subjects); i++) {
        const tlsfp_claim claim =
            say_claim(subjects_get(subjects, i), lists, options->claim, options->json);
        if (claim == TLSFP_CLAIM_DOES_NOT_FIT)
            status = STATUS_NONE;
        else if (claim == TLSFP_CLAIM_UNKNOWN && status == STATUS_FOUND)
            status = STATUS_UNKNOWN;
    }
    return status;
}

static int diff(const struct options *options, const struct subject *first,
                const struct subject *second, GError **error)
{
    if (first->shape == NULL || second->shape == NULL) {
        g_set_error(error, SUBJECT_ERROR, 0,
                    "%s: a hash cannot be turned back into what it was made of; there is nothing "
                    "to compare",
                    first->shape == NULL ? first->title : second->title);
        return STATUS_TROUBLE;
    }
    return say_differences(first, second, options->only, options->json) ? STATUS_FOUND
                                                                        : STATUS_NONE;
}

static int answer(const struct options *options, const struct lists *lists,
                  struct subjects *subjects, GError **error)
{
    size_t second = 0;
    for (size_t i = 0; options->words[i] != NULL; i++) {
        const size_t n_before = subjects_count(subjects);
        if (i == 1)
            second = n_before;
        if (!subjects_read(subjects, options->words[i], lists->clients, error))
            return STATUS_TROUBLE;
        if (options->diff && subjects_count(subjects) > n_before + 1)
            fprintf(stderr, "tlsfp-explain: %s: %zu clients; the first one is compared\n",
                    options->words[i], subjects_count(subjects) - n_before);
    }
    if (options->diff)
        return diff(options, subjects_get(subjects, 0), subjects_get(subjects, second), error);
    return options->claim != NULL ? judge(options, lists, subjects)
                                  : explain(options, lists, subjects);
}

static int run(const struct options *options, GError **error)
{
    struct lists lists;
    struct subjects *subjects = subjects_new();
    const int status = lists_read(options->labels, &lists, error)
                           ? answer(options, &lists, subjects, error)
                           : STATUS_TROUBLE;
    subjects_free(subjects);
    lists_free(&lists);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    GError *error = NULL;
    int status = STATUS_TROUBLE;
    const bool parsed = options_parse(argc, argv, &options, &error);
    if (parsed && options.version) {
        puts("tlsfp-explain " TLSFP_VERSION);
        status = STATUS_FOUND;
    } else if (parsed) {
        status = run(&options, &error);
    }
    if (error != NULL)
        fprintf(stderr, "tlsfp-explain: %s\n%s", error->message,
                parsed ? "" : "Try 'tlsfp-explain --help'.\n");
    g_clear_error(&error);
    options_clear(&options);
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    fprintf(stderr, "tlsfp-explain: standard output: %s\n", g_strerror(errno));
    return STATUS_TROUBLE;
}
