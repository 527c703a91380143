/* SPDX-License-Identifier: BSD-3-Clause */
#include "give/output.h"

#include <errno.h>
#include <stdio.h>

static bool fail(const char *name, GError **error)
{
    g_set_error(error, G_FILE_ERROR, 0, "%s: %s", name, g_strerror(errno));
    return false;
}

bool output_write(const char *path, const GString *text, GError **error)
{
    if (path == NULL)
        return fwrite(text->str, 1, text->len, stdout) == text->len ||
               fail("standard output", error);
    return g_file_set_contents(path, text->str, (gssize)text->len, NULL) || fail(path, error);
}
