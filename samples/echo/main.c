/* SPDX-License-Identifier: BSD-3-Clause */
/** @file tlsfp-echo: an HTTPS server that shows each client its TLS fingerprint. */
#include <stdio.h>

#include "serve/server.h"

enum { STATUS_DONE = 0, STATUS_TROUBLE = 2 };

static int fail(const char *advice, GError *error)
{
    fprintf(stderr, "tlsfp-echo: %s\n%s", error->message, advice);
    g_error_free(error);
    return STATUS_TROUBLE;
}

int main(int argc, char **argv)
{
    GError *error = NULL;
    echo_options *options = options_parse(argc, argv, &error);
    if (options == NULL)
        return fail("Try 'tlsfp-echo --help'.\n", error);
    const bool fine = server_run(options, &error);
    options_free(options);
    return fine ? STATUS_DONE : fail("", error);
}
