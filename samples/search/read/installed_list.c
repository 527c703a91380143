/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/installed_list.h"

#include <glib.h>

static char *beside_the_program(void)
{
    char *program = g_file_read_link("/proc/self/exe", NULL);
    char *folder = program != NULL ? g_path_get_dirname(program) : NULL;
    char *list = folder != NULL
                     ? g_build_filename(folder, "..", "share", "tlsfp", "clients.csv", NULL)
                     : NULL;
    g_free(folder);
    g_free(program);
    return list;
}

char *installed_list(void)
{
    char *list = beside_the_program();
    if (list == NULL || !g_file_test(list, G_FILE_TEST_IS_REGULAR)) {
        g_free(list);
        list = g_strdup(TLSFP_CLIENTS_LIST);
    }
    if (!g_file_test(list, G_FILE_TEST_IS_REGULAR))
        g_clear_pointer(&list, g_free);
    return list;
}
