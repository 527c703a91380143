/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp: searches captures and interfaces for TLS clients. */
#include <signal.h>
#include <stdio.h>

#include "run.h"
#include "runs.h"

static int fail(const char *advice, GError *error)
{
    fprintf(stderr, "tlsfp: %s\n%s", error->message, advice);
    g_error_free(error);
    return STATUS_TROUBLE;
}

/** Dies of SIGPIPE, as when standard output was found closed, unless that signal was ignored from
 * the start. */
static int die_of(void (*old_handler)(int))
{
    signal(SIGPIPE, old_handler);
    raise(SIGPIPE);
    return STATUS_TROUBLE;
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    search_options *options = options_parse(argc, argv, &error);
    if (options == NULL)
        return fail("Try 'tlsfp --help'.\n", error);
    /* Files are completed even if the reader of standard output leaves. */
    void (*old_handler)(int) = signal(SIGPIPE, SIG_IGN);
    int status =
        options->interfaces->len > 0 ? run_interface(options, &error) : run_files(options, &error);
    options_free(options);
    if (error != NULL)
        return fail("", error);
    return status == STATUS_UNREAD ? die_of(old_handler) : status;
}
