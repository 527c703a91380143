/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-census: counts TLS clients, and answers what a rule would hit. */
#include <errno.h>
#include <stdio.h>

#include "options.h"

static int fail(const char *advice, GError *error)
{
    fprintf(stderr, "tlsfp-census: %s\n%s", error->message, advice);
    g_error_free(error);
    return STATUS_TROUBLE;
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    options *asked = options_parse(argc, argv, &error);
    if (asked == NULL)
        return fail("Try 'tlsfp-census --help'.\n", error);
    const int status = asked->run(asked, &error);
    options_free(asked);
    if (error != NULL)
        return fail("", error);
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    fprintf(stderr, "tlsfp-census: standard output: %s\n", g_strerror(errno));
    return STATUS_TROUBLE;
}
