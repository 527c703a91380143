/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Runs a target on each file of a folder, in place of libFuzzer, and says so in TAP. A folder
 * without files is a failure: it would test nothing.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "exact_block.h"
#include "fuzz_target.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/** The names of the files in @p folder, sorted. */
static GPtrArray *list_files(const char *folder)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_strdup(name));
    if (dir != NULL)
        g_dir_close(dir);
    g_ptr_array_sort(names, compare_names);
    return names;
}

static bool replay_file(const char *folder, const char *name)
{
    char *path = g_build_filename(folder, name, NULL), *content;
    size_t len;
    bool read = g_file_get_contents(path, &content, &len, NULL);
    if (read) {
        tlsfp_span block = exact_block((tlsfp_span){(const uint8_t *)content, len});
        LLVMFuzzerTestOneInput(block.data, block.len);
        exact_block_free(block);
        g_free(content);
    }
    g_free(path);
    return read;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    GPtrArray *names = list_files(argv[1]);
    bool fine = names->len > 0;
    if (!fine)
        printf("Bail out! There are no files in %s.\n", argv[1]);
    else
        printf("1..%u\n", names->len);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        printf("# %s\n", name);
        fflush(stdout); /* so that the last line names the file that ended the program */
        bool read = replay_file(argv[1], name);
        printf("%s %u - %s\n", read ? "ok" : "not ok", i + 1, name);
        fine = fine && read;
    }
    g_ptr_array_unref(names);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
